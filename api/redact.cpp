// Works on the text, so that everything else keeps its bytes.
#include <api/redact.hpp>

#include <api/actions/sensitive.hpp>

#include <cctype>

namespace daybook::api {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::size_t behind(std::string_view text, std::size_t from, std::string_view letters) {
    return std::min(text.find_first_not_of(letters, from), text.size());
}

/// A text value, at whatever depth of escaping: [begin, end) lies between its quotes.
struct Value {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
};

/// The value of the member whose name ends at `from`; npos when that is no text.
Value value_of_member(std::string_view json, std::size_t from) {
    auto at = behind(json, from, "\\");
    if (at >= json.size() || json[at] != '"') return {};
    at = behind(json, at + 1, blanks);
    if (at >= json.size() || json[at] != ':') return {};
    const auto opens = behind(json, at + 1, blanks);
    at = behind(json, opens, "\\");
    if (at >= json.size() || json[at] != '"') return {};
    // A quote of this depth has as many backslashes before it as the one that opened; backslashes
    // that belong to the value are twice as many and one more, each.
    const auto depth = at - opens;
    const Value value{at + 1, json.size()};
    for (auto end = json.find('"', value.begin); end != std::string_view::npos;
         end = json.find('"', end + 1)) {
        auto slashes = end;
        while (slashes > value.begin && json[slashes - 1] == '\\')
            --slashes;
        if ((end - slashes) % (2 * (depth + 1)) == depth) return {value.begin, end - depth};
    }
    return value;
}

/// Replaces the values of members of this name.
std::string without_members(std::string_view json, std::string_view name) {
    const auto quoted = '"' + std::string(name);
    std::string shown;
    std::size_t taken = 0;
    for (auto at = json.find(quoted); at != std::string_view::npos; at = json.find(quoted, at)) {
        at += quoted.size();
        const auto value = value_of_member(json, at);
        if (value.begin == std::string_view::npos) continue;
        shown.append(json.substr(taken, value.begin - taken)).append(left_out);
        at = taken = value.end;
    }
    return shown.append(json.substr(taken));
}

/// pi_…_secret_…, wherever it stands.
std::string without_client_secrets(std::string_view json) {
    constexpr std::string_view mark = "_secret_";
    std::string shown;
    std::size_t taken = 0;
    for (auto at = json.find(mark); at != std::string_view::npos; at = json.find(mark, at)) {
        at += mark.size();
        auto end = at;
        while (end < json.size() && std::isalnum(static_cast<unsigned char>(json[end])) != 0)
            ++end;
        if (end == at) continue;
        shown.append(json.substr(taken, at - taken)).append(left_out);
        at = taken = end;
    }
    return shown.append(json.substr(taken));
}

}  // namespace

std::string without_secrets(std::string_view json) {
    std::string shown(json);
    // Of payments and sessions; webhook endpoints and ephemeral keys; event destinations; the
    // wireless network of card readers; our own of links for sellers; meters.
    for (const auto* name : {"client_secret", "secret", "signing_secret", "password",
                             "refresh_secret", "authentication_token"})
        shown = without_members(shown, name);
    // Whoever follows such a link is taken for the seller or the buyer that it was made for.
    for (const auto* link : {"account_link", "login_link", "onboarding_link", "billing_portal"})
        if (shown.contains(link)) shown = without_members(shown, "url");
    return without_client_secrets(shown);
}

}  // namespace daybook::api
