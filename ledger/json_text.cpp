#include <ledger/json_text.hpp>

#include <fmt/format.h>

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

/// How many characters at the beginning need no escape.
std::size_t plain_length(std::string_view text) {
    std::size_t plain = 0;
    while (plain + 8 <= text.size() && !may_need_escape(text.data() + plain))
        plain += 8;
    while (plain < text.size() && !needs_escape(text[plain]))
        ++plain;
    return plain;
}

void append_escaped(std::string& out, char character) {
    switch (character) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: out += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (;;) {
        // What needs no escape is most of it, and is copied in one piece.
        const auto plain = plain_length(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        append_escaped(out, text.front());
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
