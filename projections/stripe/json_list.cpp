// Escapes what JSON demands and nothing more.
#include <projections/stripe/json_list.hpp>

#include <fmt/format.h>

namespace daybook::projections::stripe {

namespace {

template <class Values, class Append>
std::string list(const Values& values, const Append& append) {
    std::string out = "[";
    for (const auto& value : values) {
        if (out.size() > 1) out += ',';
        append(out, value);
    }
    return out += ']';
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    out += '"';
    for (const char letter : text) {
        if (letter == '"' || letter == '\\')
            (out += '\\') += letter;
        else if (static_cast<unsigned char>(letter) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(letter));
        else
            out += letter;
    }
    out += '"';
}

std::string json_list(std::span<const std::string> texts) {
    return list(texts, [](std::string& out, const std::string& text) { append_json(out, text); });
}

std::string json_list(std::span<const std::int64_t> numbers) {
    return list(numbers,
                [](std::string& out, std::int64_t number) { out += fmt::to_string(number); });
}

}  // namespace daybook::projections::stripe
