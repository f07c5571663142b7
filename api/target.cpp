// Splitting and decoding, strict about everything that could be read in two ways.
#include <api/target.hpp>

#include <simdjson.h>

namespace daybook::api {
namespace {

constexpr std::size_t parameters_max = 64;

int hex_digit(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<Target> split_target(std::string_view target) {
    if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return std::nullopt;
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return Target{target, {}};
    return Target{target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(16 * high + low);
        i += 2;
    }
    if (decoded.find('\0') != std::string::npos) return std::nullopt;
    if (!simdjson::validate_utf8(decoded.data(), decoded.size())) return std::nullopt;
    return decoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(
    std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto item = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (item.empty()) continue;
        const auto equals = item.find('=');
        const auto value =
            equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
        auto name_decoded = percent_decoded(item.substr(0, equals), true);
        auto value_decoded = percent_decoded(value, true);
        if (!name_decoded || !value_decoded || parameters.size() == parameters_max)
            return std::nullopt;
        parameters.emplace_back(std::move(*name_decoded), std::move(*value_decoded));
    }
    return parameters;
}

bool path_matches(std::string_view pattern, std::string_view path, std::string_view& id) {
    const auto place = pattern.find("{id}");
    if (place == std::string_view::npos) return pattern == path;
    const auto tail = pattern.substr(place + 4);
    if (!path.starts_with(pattern.substr(0, place))) return false;
    auto rest = path.substr(place);
    if (!rest.ends_with(tail)) return false;
    rest.remove_suffix(tail.size());
    if (rest.empty() || rest.find('/') != std::string_view::npos) return false;
    id = rest;
    return true;
}

}  // namespace daybook::api
