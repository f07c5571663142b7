#include <tools/daybook/json_pretty.hpp>

namespace daybook::tools {
namespace {

bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/// The string literal that starts at `at`, both quotes included.
std::string_view string_at(std::string_view document, std::size_t at) {
    auto end = at + 1;
    while (end < document.size() && document[end] != '"')
        end += document[end] == '\\' ? 2 : 1;
    return document.substr(at, end + 1 - at);
}

/// The next byte at or behind `at` that is no space; 0 at the end.
char next_token(std::string_view document, std::size_t at) {
    while (at < document.size() && is_space(document[at]))
        ++at;
    return at < document.size() ? document[at] : '\0';
}

}  // namespace

std::string one_line_json(std::string_view document) {
    std::string line;
    for (std::size_t at = 0; at < document.size();) {
        if (document[at] == '"') {
            const auto text = string_at(document, at);
            line += text;
            at += text.size();
            continue;
        }
        if (!is_space(document[at])) line += document[at];
        ++at;
    }
    return line;
}

std::string pretty_json(std::string_view document) {
    std::string out;
    std::size_t depth = 0;
    const auto new_line = [&] { out += '\n' + std::string(2 * depth, ' '); };
    for (std::size_t at = 0; at < document.size(); ++at) {
        const char byte = document[at];
        if (is_space(byte)) continue;
        if (byte == '"') {
            const auto text = string_at(document, at);
            out += text;
            at += text.size() - 1;
        } else if (byte == '{' || byte == '[') {
            out += byte;
            const char next = next_token(document, at + 1);
            if (next == '}' || next == ']') {  // an empty one stays on its line
                out += next;
                at = document.find(next, at);
                continue;
            }
            ++depth;
            new_line();
        } else if (byte == '}' || byte == ']') {
            if (depth > 0) --depth;
            new_line();
            out += byte;
        } else {
            out += byte;
            if (byte == ',') new_line();
            if (byte == ':') out += ' ';
        }
    }
    return out;
}

}  // namespace daybook::tools
