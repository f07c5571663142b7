// Names are cut at their brackets, then followed into the tree, within limits.
#include <tools/stripe_sim/form.hpp>

#include <api/target.hpp>
#include <tools/stripe_sim/error.hpp>

#include <fmt/format.h>

#include <string>
#include <vector>

namespace daybook::sim {
namespace {

constexpr std::size_t pairs_max = 5000;
constexpr std::size_t depth_max = 12;
constexpr std::size_t name_bytes_max = 1024;

StripeError malformed(std::string_view why) {
    return invalid(fmt::format("Invalid request: {}", why)).unexecuted();
}

std::string decoded(std::string_view encoded) {
    auto text = api::percent_decoded(encoded, true);
    if (!text) throw malformed("a parameter is not valid percent-encoded UTF-8.");
    return std::move(*text);
}

/// "a[b][]" as a, b and "". Throws when brackets do not match.
std::vector<std::string_view> segments(std::string_view name) {
    if (name.size() > name_bytes_max) throw malformed("a parameter's name is too long.");
    std::vector<std::string_view> parts;
    const auto first = name.find('[');
    parts.push_back(name.substr(0, first));
    if (parts.front().empty()) throw malformed("a parameter has no name.");
    auto rest = first == std::string_view::npos ? std::string_view() : name.substr(first);
    while (!rest.empty()) {
        const auto end = rest.find(']');
        if (rest.front() != '[' || end == std::string_view::npos)
            throw malformed("the brackets of a parameter's name do not match.");
        parts.push_back(rest.substr(1, end - 1));
        rest.remove_prefix(end + 1);
    }
    if (parts.size() > depth_max) throw malformed("parameters are nested too deeply.");
    return parts;
}

template <class Kind>
Kind& made(json::value& place, std::string_view name) {
    if (place.is_null()) place = Kind();
    auto* found = [&] {
        if constexpr (std::is_same_v<Kind, json::object>)
            return place.if_object();
        else
            return place.if_array();
    }();
    if (!found) throw malformed(fmt::format("{} has several kinds of values.", name));
    return *found;
}

/// The element that a[][x]=1 belongs to: the last one, unless it has its x already.
json::value& element(json::array& items, const std::vector<std::string_view>& parts,
                     std::size_t next) {
    const bool names_member = next < parts.size() && !parts[next].empty();
    if (names_member && !items.empty() && items.back().is_object() &&
        !items.back().get_object().contains(parts[next]))
        return items.back();
    items.emplace_back(nullptr);
    return items.back();
}

void put(json::object& tree, std::string_view name, std::string value) {
    const auto parts = segments(name);
    json::value* place = &tree[parts.front()];
    for (std::size_t i = 1; i < parts.size(); ++i)
        place = parts[i].empty() ? &element(made<json::array>(*place, name), parts, i + 1)
                                 : &made<json::object>(*place, name)[parts[i]];
    if (place->is_structured())
        throw malformed(fmt::format("{} has several kinds of values.", name));
    *place = std::move(value);
}

}  // namespace

json::object parse_form(std::string_view encoded) {
    json::object tree;
    std::size_t pairs = 0;
    while (!encoded.empty()) {
        const auto end = encoded.find('&');
        const auto pair = encoded.substr(0, end);
        encoded = end == std::string_view::npos ? std::string_view() : encoded.substr(end + 1);
        if (pair.empty()) continue;
        if (++pairs > pairs_max) throw malformed("too many parameters.");
        const auto equals = pair.find('=');
        const auto name = decoded(pair.substr(0, equals));
        const auto raw =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        put(tree, name, decoded(raw));
    }
    return tree;
}

}  // namespace daybook::sim
