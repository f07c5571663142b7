#include <ledger/json_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook {

namespace {

bool needs_escape(char character) {
    return character == '"' || character == '\\' || static_cast<unsigned char>(character) < 0x20;
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
        const auto plain = std::ranges::find_if(text, needs_escape) - text.begin();
        out.append(text.substr(0, static_cast<std::size_t>(plain)));
        text.remove_prefix(static_cast<std::size_t>(plain));
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
