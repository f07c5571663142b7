#include <ledger/json_parse.hpp>

#include <algorithm>

namespace daybook {
namespace {

/// As many as any 64-bit integer has for certain.
constexpr std::size_t digits_max = 18;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes the digits at the beginning of `text`; how many there were.
std::size_t take_digits(std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count;
}

/// Whether all of this is a number, and one that may be refused.
bool is_huge_number(std::string_view rest) {
    if (rest.starts_with('-')) rest.remove_prefix(1);
    const bool leading_zero = rest.starts_with('0');
    const auto digits = take_digits(rest);
    if (digits == 0 || (leading_zero && digits > 1)) return false;
    bool huge = digits > digits_max;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        if (take_digits(rest) == 0) return false;
    }
    if (rest.starts_with('e') || rest.starts_with('E')) {
        rest.remove_prefix(1);
        if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
        if (take_digits(rest) == 0) return false;
        huge = true;
    }
    return huge && rest.empty();
}

/// The length of the string that `text` begins with, quotes included.
std::size_t string_length(std::string_view text) {
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}

/// The length of what `text` begins with and numbers are made of.
std::size_t word_length(std::string_view text) {
    return std::min(text.find_first_not_of("+-.0123456789Ee"), text.size());
}

}  // namespace

std::optional<std::string> without_huge_numbers(std::string_view json) {
    std::string tamed;
    bool found = false;
    while (!json.empty()) {
        std::size_t length = 1;
        if (json.front() == '"') {
            length = string_length(json);
        } else if (json.front() == '-' || is_digit(json.front())) {
            length = word_length(json);
            if (is_huge_number(json.substr(0, length))) {
                found = true;
                tamed += '0';
                json.remove_prefix(length);
                continue;
            }
        }
        tamed += json.substr(0, length);
        json.remove_prefix(length);
    }
    if (!found) return std::nullopt;
    return tamed;
}

}  // namespace daybook
