// By the last part of a field's name, as Stripe spells them in every resource.
#include <api/actions/sensitive.hpp>

#include <api/target.hpp>

#include <algorithm>
#include <array>

namespace daybook::api {
namespace {

constexpr std::array<std::string_view, 7> sensitive_names = {
    "cvc",        "account_number", "id_number",    "id_number_secondary",
    "ssn_last_4", "iban",           "security_code"};

/// card[number], payment_method_data[card][number], and so on; also plain `number` inside a card.
bool sensitive(std::string_view name) {
    const auto end = name.find_last_not_of(']');
    if (end == std::string_view::npos) return false;
    const auto open = name.find_last_of('[', end);
    const auto last = name.substr(open == std::string_view::npos ? 0 : open + 1,
                                  end - (open == std::string_view::npos ? 0 : open + 1) + 1);
    if (std::ranges::find(sensitive_names, last) != sensitive_names.end()) return true;
    const auto before = name.substr(0, open == std::string_view::npos ? 0 : open);
    return last == "number" &&
           (before.ends_with("card") || before.ends_with("card]") || before.ends_with("source") ||
            before.ends_with("account]") || before.ends_with("external_account"));
}

std::string form_without(std::string_view body) {
    std::string out;
    for (bool first = true; first || !body.empty(); first = false) {
        const auto end = body.find('&');
        const auto pair = body.substr(0, end);
        const auto equals = pair.find('=');
        const auto name = percent_decoded(pair.substr(0, equals), true);
        if (equals != std::string_view::npos && name && sensitive(*name))
            out.append(pair.substr(0, equals + 1)).append(left_out);
        else
            out += pair;
        if (end == std::string_view::npos) break;
        out += '&';
        body.remove_prefix(end + 1);
    }
    return out;
}

/// Where the JSON value that begins at `from` ends: a string or what looks like a number.
std::size_t value_end(std::string_view body, std::size_t from) {
    if (from >= body.size() || body[from] != '"') return body.find_first_of(",}] \t\r\n", from);
    for (++from; from < body.size() && body[from] != '"'; ++from)
        if (body[from] == '\\') ++from;
    return std::min(from + 1, body.size());
}

std::string json_without(std::string body) {
    const auto forget = [&body](std::string_view name) {
        const auto quoted = '"' + std::string(name) + '"';
        for (auto at = body.find(quoted); at != std::string::npos; at = body.find(quoted, at + 1)) {
            const auto colon = body.find_first_not_of(" \t\r\n", at + quoted.size());
            if (colon == std::string::npos || body[colon] != ':') continue;
            const auto value = body.find_first_not_of(" \t\r\n", colon + 1);
            if (value == std::string::npos || body[value] == '{' || body[value] == '[') continue;
            const auto end = std::min(value_end(body, value), body.size());
            body.replace(value, end - value, '"' + std::string(left_out) + '"');
        }
    };
    for (const auto name : sensitive_names)
        forget(name);
    forget("number");
    return body;
}

}  // namespace

std::string without_sensitive(std::string_view body) {
    const auto first = body.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && body[first] == '{')
        return json_without(std::string(body));
    return form_without(body);
}

}  // namespace daybook::api
