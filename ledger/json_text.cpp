#include <ledger/json_text.hpp>

#include <fmt/format.h>

namespace daybook {

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char character : text) {
        switch (character) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(character) < 0x20)
                    out += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
                else
                    out += character;
        }
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
