// Follows the shapes of the document.
#include <tools/stripe_sim/merge.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

void collect(const json::object& params, const std::string& prefix,
             std::vector<std::string>& paths) {
    for (const auto& [name, value] : params) {
        const auto path = prefix + std::string(name);
        if (const auto* inner = value.if_object())
            collect(*inner, path + '.', paths);
        else if (!value.is_null())
            paths.push_back(path);
    }
}

}  // namespace

void merge(const Spec& spec, const Fields& fields, json::object& document,
           const json::object& params) {
    for (const auto& [name, value] : params) {
        const auto* shape = fields.find(name);
        if (!shape) {
            const auto told = fmt::format("{}_provided", std::string_view(name));
            if (fields.find(told)) document[told] = !value.is_null();
            continue;
        }
        auto& place = document[name];
        if (!value.is_object() || !shape->fields) {
            place = value;
            continue;
        }
        if (!place.is_object()) place = json::object();
        merge(spec, *shape->fields, place.get_object(), value.get_object());
        spec.complete(*shape, place);
    }
}

std::vector<std::string> paths_of(const json::object& params) {
    std::vector<std::string> paths;
    collect(params, "", paths);
    return paths;
}

bool is_filled(const json::object& document, std::string_view path) {
    const auto* found = at(document, path);
    if (!found) return false;
    const auto* text = found->if_string();
    return !text || !text->empty();
}

}  // namespace daybook::sim
