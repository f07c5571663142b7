// A cursor is base64url of the list's name and the key of a page's last row.
#include <api/cursor.hpp>

#include <array>
#include <cstdint>

#include <simdjson.h>

namespace daybook::api {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char separator = '\x1f';
constexpr std::size_t cursor_bytes_max = 4096;

std::string base64url(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char letter : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(letter);
        for (count += 8; count >= 6; count -= 6)
            text += alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 63];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char letter : text) {
        const auto value = alphabet.find(letter);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 255);
    }
    return bytes;
}

}  // namespace

std::string make_cursor(std::string_view list, const std::vector<std::string>& key) {
    std::string plain(list);
    for (const auto& field : key)
        plain.append(1, separator).append(field);
    return base64url(plain);
}

std::optional<std::vector<std::string>> read_cursor(std::string_view cursor, std::string_view list,
                                                    std::size_t fields) {
    if (cursor.size() > cursor_bytes_max) return std::nullopt;
    const auto plain = from_base64url(cursor);
    if (!plain || !simdjson::validate_utf8(plain->data(), plain->size()) ||
        plain->find('\0') != std::string::npos)
        return std::nullopt;
    std::vector<std::string> parts;
    std::string_view rest = *plain;
    for (;;) {
        const auto end = rest.find(separator);
        parts.emplace_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (parts.size() != fields + 1 || parts.front() != list) return std::nullopt;
    parts.erase(parts.begin());
    return parts;
}

}  // namespace daybook::api
