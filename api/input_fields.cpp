// The single fields of a body: each is read, judged, and handed on only when it is sound.
#include <api/input_body.hpp>
#include <ledger/currency.hpp>
#include <ledger/fee.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace daybook::api {
namespace {

using simdjson::SUCCESS;

constexpr std::size_t id_bytes_max = 255;
constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t email_bytes_max = 320;

bool is_id_letter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

bool is_printable(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '"' && c != '<' && c != '>' &&
           c != '\\';
}

}  // namespace

std::optional<std::string> Input::string(std::string_view name, bool must) {
    const auto found = find(name);
    if (!found.element) {
        if (must) refuse(name, "is required");
        return std::nullopt;
    }
    std::string_view value;
    if (found.element->get(value) != SUCCESS) {
        refuse(name, "must be a string");
        return std::nullopt;
    }
    if (value.empty()) {
        refuse(name, "must not be empty");
        return std::nullopt;
    }
    return std::string(value);
}

std::string Input::text(std::string_view name, TextRule rule) {
    auto value = string(name, rule.required);
    if (!value) return {};
    if (value->size() > rule.bytes_max)
        refuse(name, fmt::format("must have at most {} bytes", rule.bytes_max));
    else if (std::ranges::any_of(*value, is_control))
        refuse(name, "must not have control characters");
    else if (value->find_first_not_of(" \t\r\n") == std::string::npos)
        refuse(name, "must not be blank");
    else
        return *value;
    return {};
}

std::string Input::id(std::string_view name, bool must, std::string_view prefix) {
    auto value = string(name, must);
    if (!value) return {};
    if (value->size() <= id_bytes_max && value->size() > prefix.size() &&
        value->starts_with(prefix) && std::ranges::all_of(*value, is_id_letter))
        return *value;
    refuse(name, prefix.empty() ? std::string("must be an id: letters, digits, _ and -")
                                : fmt::format("must be an id that begins with {}", prefix));
    return {};
}

std::string Input::word(std::string_view name, std::span<const std::string_view> words, bool must) {
    auto value = string(name, must);
    if (!value) return {};
    if (std::ranges::find(words, *value) != words.end()) return *value;
    refuse(name, fmt::format("must be one of {}", fmt::join(words, ", ")));
    return {};
}

std::string Input::url(std::string_view name, bool must) {
    auto value = string(name, must);
    if (!value) return {};
    const auto host = value->find("://");
    const bool schemed = value->starts_with("https://") || value->starts_with("http://");
    if (schemed && value->size() > host + 3 && (*value)[host + 3] != '/' &&
        value->size() <= url_bytes_max && std::ranges::all_of(*value, is_printable))
        return *value;
    refuse(name, "must be a URL that begins with https:// or http://");
    return {};
}

std::string Input::email(std::string_view name, bool must) {
    auto value = string(name, must);
    if (!value) return {};
    const auto at = value->find('@');
    if (at != std::string::npos && at > 0 && at + 1 < value->size() && value->rfind('@') == at &&
        value->size() <= email_bytes_max && std::ranges::all_of(*value, is_printable))
        return *value;
    refuse(name, "must be an e-mail address");
    return {};
}

std::string Input::country(std::string_view name, bool must) {
    auto value = string(name, must);
    if (!value) return {};
    const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (value->size() == 2 && std::ranges::all_of(*value, capital)) return *value;
    refuse(name, "must be a country's two capital letters, such as US");
    return {};
}

std::string Input::currency(std::string_view name, bool must) {
    auto value = string(name, must);
    if (!value) return {};
    if (find_currency(*value)) return *value;
    refuse(name, "must be a currency of Stripe's in lower case, such as usd");
    return {};
}

std::optional<std::int64_t> Input::percent(std::string_view name, std::int64_t least) {
    const auto found = find(name);
    if (!found.element) return std::nullopt;
    std::string_view text;
    double number = 0;
    std::optional<std::int64_t> points;
    if (found.element->get(text) == SUCCESS) {
        points = basis_points_of(text);
    } else if (found.element->get(number) == SUCCESS && number >= 0 && number <= 100) {
        // The shortest text of a double is the text that was sent, at two digits.
        points = basis_points_of(fmt::format("{}", number));
    }
    if (points && *points >= least) return points;
    refuse(name, fmt::format("must be a percentage of {} to 100, with at most two decimals",
                             percent_of(least)));
    return std::nullopt;
}

std::optional<std::int64_t> Input::time(std::string_view name, std::int64_t after) {
    constexpr std::int64_t year_9999 = 253'402'300'799;
    const auto value = whole(name, {.most = year_9999});
    if (!value || *value > after) return value;
    refuse(name, "must lie in the future, in Unix seconds");
    return std::nullopt;
}

std::optional<std::int64_t> Input::whole(std::string_view name, WholeRule rule) {
    const auto found = find(name);
    if (!found.element) {
        if (rule.required) refuse(name, "is required");
        return std::nullopt;
    }
    std::int64_t value = 0;
    if (!found.element->is_number() || found.element->get(value) != SUCCESS)
        refuse(name, "must be a whole number");
    else if (value < rule.least)
        refuse(name, fmt::format("must be at least {}", rule.least));
    else if (value > rule.most)
        refuse(name, fmt::format("must be at most {}", rule.most));
    else
        return value;
    return std::nullopt;
}

std::optional<bool> Input::boolean(std::string_view name) {
    const auto found = find(name);
    if (!found.element) return std::nullopt;
    bool value = false;
    if (found.element->get(value) == SUCCESS) return value;
    refuse(name, "must be true or false");
    return std::nullopt;
}

}  // namespace daybook::api
