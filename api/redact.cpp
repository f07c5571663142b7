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

/// Where the text value of the member begins whose name ends at `from`, at whatever depth of
/// escaping; npos when there is no such value.
std::size_t value_of_member(std::string_view json, std::size_t from) {
    auto at = behind(json, from, "\\");
    if (at >= json.size() || json[at] != '"') return std::string_view::npos;
    at = behind(json, at + 1, blanks);
    if (at >= json.size() || json[at] != ':') return std::string_view::npos;
    at = behind(json, behind(json, at + 1, blanks), "\\");
    if (at >= json.size() || json[at] != '"') return std::string_view::npos;
    return at + 1;
}

/// Replaces the values of members of this name; secrets have no quotes or escapes inside.
void redact_members(std::string& json, std::string_view name) {
    const auto quoted = '"' + std::string(name);
    for (auto at = json.find(quoted); at != std::string::npos; at = json.find(quoted, at + 1)) {
        const auto value = value_of_member(json, at + quoted.size());
        if (value == std::string_view::npos) continue;
        const auto end = std::min(json.find_first_of("\"\\", value), json.size());
        json.replace(value, end - value, left_out);
    }
}

/// pi_…_secret_…, wherever it stands.
void redact_client_secrets(std::string& json) {
    constexpr std::string_view mark = "_secret_";
    for (auto at = json.find(mark); at != std::string::npos; at = json.find(mark, at + 1)) {
        const auto value = at + mark.size();
        auto end = value;
        while (end < json.size() && std::isalnum(static_cast<unsigned char>(json[end])) != 0)
            ++end;
        if (end > value) json.replace(value, end - value, left_out);
    }
}

}  // namespace

std::string without_secrets(std::string_view json) {
    std::string shown(json);
    // Of payments and sessions; webhook endpoints and ephemeral keys; event destinations; the
    // wireless network of card readers; our own of links for sellers.
    for (const auto* name :
         {"client_secret", "secret", "signing_secret", "password", "refresh_secret"})
        redact_members(shown, name);
    redact_client_secrets(shown);
    return shown;
}

}  // namespace daybook::api
