// Writing JSON text: strings with their escapes, and objects member by member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

/// Appends `text` in double quotes, escaped. `text` is UTF-8 and stays as it is beyond ASCII.
void append_json_string(std::string& out, std::string_view text);

/// How many bytes at the beginning of `text` stand in a JSON string as they are.
std::size_t json_plain_length(std::string_view text);

/// Writes the escape of a character that needs one, at most six bytes; gives where it ends.
char* write_json_escape(char* to, char character);

/// An object written in the order of its members. Not thread-safe.
class JsonObject {
public:
    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& number(std::string_view name, std::int64_t value);
    JsonObject& boolean(std::string_view name, bool value);
    JsonObject& null(std::string_view name);
    JsonObject& text_or_null(std::string_view name, std::string_view value);  ///< empty is null
    /// `value` is JSON already: an object, an array, a payload.
    JsonObject& raw(std::string_view name, std::string_view value);
    JsonObject& members(const JsonObject& other);  ///< all of another's, behind those it has

    [[nodiscard]] std::string str() const { return body_.empty() ? "{}" : body_ + '}'; }

private:
    void member(std::string_view name);
    std::string body_;
};

/// An array of values that are JSON already.
class JsonArray {
public:
    JsonArray& add(std::string_view json);
    JsonArray& text(std::string_view value);

    [[nodiscard]] std::string str() const { return body_.empty() ? "[]" : body_ + ']'; }

private:
    std::string body_;
};

}  // namespace daybook
