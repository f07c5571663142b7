// Parts between boundaries; those without a file name are parameters like any others.
#include <tools/stripe_sim/multipart.hpp>

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/form.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace daybook::sim {
namespace {

constexpr std::string_view new_line = "\r\n";

StripeError malformed() {
    return invalid("The multipart/form-data body could not be read.").unexecuted();
}

/// The text between `before` and `after` in a header, or "".
std::string_view between(std::string_view header, std::string_view before, std::string_view after) {
    const auto begin = header.find(before);
    if (begin == std::string_view::npos) return {};
    header.remove_prefix(begin + before.size());
    return header.substr(0, header.find(after));
}

std::string delimiter(std::string_view content_type) {
    auto boundary = between(content_type, "boundary=", ";");
    if (boundary.starts_with('"')) boundary = between(boundary, "\"", "\"");
    if (boundary.empty()) throw malformed();
    return fmt::format("--{}", boundary);
}

void append_encoded(std::string& form, std::string_view text) {
    for (const char c : text)
        fmt::format_to(std::back_inserter(form), "%{:02X}", static_cast<unsigned char>(c));
}

struct Part {
    std::string_view headers;
    std::string_view content;
};

/// The next part, taken off `rest`; `rest` begins behind a delimiter.
Part take_part(std::string_view& rest, std::string_view delimiter) {
    const auto blank = rest.find("\r\n\r\n");
    const auto end = rest.find(fmt::format("\r\n{}", delimiter));
    if (blank == std::string_view::npos || end == std::string_view::npos || end < blank + 4)
        throw malformed();
    const Part part{rest.substr(0, blank), rest.substr(blank + 4, end - blank - 4)};
    rest.remove_prefix(end + new_line.size() + delimiter.size());
    return part;
}

}  // namespace

json::object parse_multipart(std::string_view body, std::string_view content_type) {
    const auto mark = delimiter(content_type);
    const auto first = body.find(mark);
    if (first == std::string_view::npos) throw malformed();
    auto rest = body.substr(first + mark.size());
    std::string form;
    json::object files;
    while (rest.starts_with(new_line)) {
        const auto part = take_part(rest, mark);
        const auto name = between(part.headers, " name=\"", "\"");
        if (name.empty()) throw malformed();
        if (part.headers.contains("filename=")) {
            const auto type = between(part.headers, "Content-Type: ", new_line);
            files[name] = {{"filename", between(part.headers, "filename=\"", "\"")},
                           {"size", static_cast<std::int64_t>(part.content.size())},
                           {"type", type}};
            continue;
        }
        if (!form.empty()) form += '&';
        append_encoded(form, name);
        form += '=';
        append_encoded(form, part.content);
    }
    auto params = parse_form(form);
    for (auto& [name, file] : files)
        params[name] = std::move(file);
    return params;
}

}  // namespace daybook::sim
