#include <ledger/json_text.hpp>

#include <array>
#include <cstring>

namespace daybook {

namespace {

bool needs_escape(char character) {
    return character == '"' || character == '\\' || static_cast<unsigned char>(character) < 0x20;
}

/// Whether any of eight characters may need an escape: it sees each that does, and rarely more.
bool may_need_escape(const char* characters) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    std::uint64_t word = 0;
    std::memcpy(&word, characters, sizeof word);
    const auto below = [](std::uint64_t bytes, std::uint64_t limit) {
        return (bytes - ones * limit) & ~bytes;
    };
    const auto equal = [&below](std::uint64_t bytes, char wanted) {
        return below(bytes ^ (ones * static_cast<unsigned char>(wanted)), 1);
    };
    const auto found = below(word, 0x20) | equal(word, '"') | equal(word, '\\');
    return (found & (ones * 0x80)) != 0;
}

}  // namespace

std::size_t json_plain_length(std::string_view text) {
    std::size_t plain = 0;
    while (plain + 8 <= text.size() && !may_need_escape(text.data() + plain))
        plain += 8;
    while (plain < text.size() && !needs_escape(text[plain]))
        ++plain;
    return plain;
}

char* write_json_escape(char* to, char character) {
    const auto with = [to](char letter) {
        to[0] = '\\';
        to[1] = letter;
        return to + 2;
    };
    switch (character) {
        case '"':
        case '\\': return with(character);
        case '\n': return with('n');
        case '\r': return with('r');
        case '\t': return with('t');
        default: break;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(character);
    std::memcpy(to, "\\u00", 4);
    to[4] = digits[code >> 4U];
    to[5] = digits[code & 0xfU];
    return to + 6;
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (;;) {
        // What needs no escape is most of it, and is copied in one piece.
        const auto plain = json_plain_length(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        std::array<char, 6> escape{};
        out.append(escape.data(), write_json_escape(escape.data(), text.front()));
        text.remove_prefix(1);
    }
    out += '"';
}

void JsonObject::member(std::string_view name) {
    body_ += body_.empty() ? '{' : ',';
    append_json_string(body_, name);
    body_ += ':';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
    member(name);
    append_json_string(body_, value);
    return *this;
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
    return raw(name, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
}

JsonObject& JsonObject::null(std::string_view name) {
    return raw(name, "null");
}

JsonObject& JsonObject::text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view value) {
    member(name);
    body_ += value;
    return *this;
}

JsonObject& JsonObject::members(const JsonObject& other) {
    if (other.body_.empty()) return *this;
    body_ += body_.empty() ? '{' : ',';
    body_.append(other.body_, 1);
    return *this;
}

JsonArray& JsonArray::add(std::string_view json) {
    body_ += body_.empty() ? '[' : ',';
    body_ += json;
    return *this;
}

JsonArray& JsonArray::text(std::string_view value) {
    body_ += body_.empty() ? '[' : ',';
    append_json_string(body_, value);
    return *this;
}

}  // namespace daybook
