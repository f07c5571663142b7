// Form encoding with indexed arrays and %20 for a blank, as Stripe's SDKs send it.
#include <api/form.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~").find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
}

}  // namespace

void Form::begin(std::string_view name) {
    if (!encoded_.empty()) encoded_ += '&';
    encoded_.append(name).append("=");
}

Form& Form::text(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    begin(name);
    append_encoded(encoded_, value);
    return *this;
}

Form& Form::whole(std::string_view name, std::int64_t value) {
    begin(name);
    encoded_ += std::to_string(value);
    return *this;
}

Form& Form::boolean(std::string_view name, bool value) {
    begin(name);
    encoded_ += value ? "true" : "false";
    return *this;
}

Form& Form::unset(std::string_view name) {
    begin(name);
    return *this;
}

Form& Form::refer(std::string_view name, std::string_view reference) {
    begin(name);
    encoded_ += reference;
    return *this;
}

Form& Form::entry(std::string_view name, std::string_view key, std::string_view value) {
    begin(fmt::format("{}[{}]", name, percent_encoded(key)));
    append_encoded(encoded_, value);
    return *this;
}

std::string nested(std::string_view list, std::size_t index, std::string_view member) {
    if (member.empty()) return fmt::format("{}[{}]", list, index);
    return fmt::format("{}[{}][{}]", list, index, member);
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    append_encoded(out, text);
    return out;
}

}  // namespace daybook::api
