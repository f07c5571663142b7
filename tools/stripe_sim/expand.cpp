// Follows each path through the answer, with the shapes beside it.
#include <tools/stripe_sim/expand.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr std::size_t depth_max = 4;

StripeError refused(std::string_view path) {
    return invalid(fmt::format("This property cannot be expanded ({}).", path))
        .param("expand")
        .unexecuted();
}

class Expander {
public:
    Expander(const Call& call, std::string_view path) : call_(call), path_(path) {}

    /// `fields` describes `document`; `rest` is what of the path lies below it.
    void expand(json::object& document, const Fields* fields, std::string_view rest) const {
        if (const auto* own = call_.world.spec.object(text(document, "object"))) fields = own;
        const auto dot = rest.find('.');
        const auto name = rest.substr(0, dot);
        const auto below =
            dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
        const auto kind = text(document, "object");
        if ((kind == "list" || kind == "search_result") && name == "data") {
            each(document["data"], nullptr, below);
            return;
        }
        const auto* shape = fields ? fields->find(name) : nullptr;
        if (!shape) throw refused(path_);
        include(document, name);
        auto* value = document.if_contains(name);
        if (!value || value->is_null()) return;
        if (value->is_number() || value->is_bool()) throw refused(path_);
        if (value->is_string()) replace(document, *shape, *value);
        follow(*shape, *value, below);
    }

private:
    void include(json::object& document, std::string_view name) const {
        if (document.contains(name)) return;
        const auto* make = call_.world.routes.includer(text(document, "object"), name);
        if (make) document[name] = (*make)(call_, document);
    }

    void replace(const json::object& document, const Shape& shape, json::value& value) const {
        if (shape.id_of.empty()) throw refused(path_);
        const auto* found = referred(call_, document, shape, value.get_string());
        if (!found) return;
        json::object shown(*found);
        call_.world.routes.render(call_, shown);
        value = std::move(shown);
    }

    void follow(const Shape& shape, json::value& value, std::string_view below) const {
        if (value.is_array()) return each(value, &shape, below);
        if (below.empty()) return;
        if (auto* inner = value.if_object()) expand(*inner, shape.fields, below);
    }

    /// The items of an array: each may be an id itself.
    void each(json::value& items, const Shape* shape, std::string_view below) const {
        auto* all = items.if_array();
        if (!all) return;
        for (auto& item : *all) {
            if (item.is_string() && shape && shape->element)
                replace(json::object(), *shape->element, item);
            if (auto* inner = item.if_object(); inner && !below.empty())
                expand(*inner, shape && shape->element ? shape->element->fields : nullptr, below);
        }
    }

    const Call& call_;
    std::string_view path_;
};

// --- before anything is done ------------------------------------------------------------------

bool leads_somewhere(const Spec& spec, const Fields* fields, std::string_view path);

/// Whether what this shape describes can be expanded, or something below it.
bool leads_on(const Spec& spec, const Shape& shape, std::string_view below) {
    const auto any_object = [&](const auto& names) {
        return std::ranges::any_of(names, [&](const std::string& name) {
            return leads_somewhere(spec, spec.object(name), below);
        });
    };
    switch (shape.kind) {
        case Shape::Kind::any:
        case Shape::Kind::map: return true;
        case Shape::Kind::string:
            return !shape.id_of.empty() && (below.empty() || any_object(shape.id_of));
        case Shape::Kind::ref: return below.empty() || any_object(std::array{shape.name});
        case Shape::Kind::object:
            return below.empty() || leads_somewhere(spec, shape.fields, below);
        case Shape::Kind::array: return below.empty() || leads_on(spec, *shape.element, below);
        case Shape::Kind::list:
            if (below.starts_with("data.")) return leads_on(spec, *shape.element, below.substr(5));
            return below.empty() || below == "data";
        case Shape::Kind::one_of:
            return std::ranges::any_of(shape.alternatives, [&](const Shape& alternative) {
                return leads_on(spec, alternative, below);
            });
        case Shape::Kind::integer:
        case Shape::Kind::number:
        case Shape::Kind::boolean:
        case Shape::Kind::decimal:
        case Shape::Kind::enumeration: break;
    }
    return false;
}

bool leads_somewhere(const Spec& spec, const Fields* fields, std::string_view path) {
    if (!fields) return true;  // nothing is known of it
    const auto dot = path.find('.');
    const auto* shape = fields->find(path.substr(0, dot));
    const auto below = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    return shape && leads_on(spec, *shape, below);
}

}  // namespace

const json::object* referred(const Scope& scope, const json::object& document, const Shape& shape,
                             std::string_view id) {
    for (const auto& type : shape.id_of) {
        if (const auto* found = scope.find(type, id)) return found;
        if (type == "account")
            if (const auto* found = scope.on("").find(type, id)) return found;
        for (const auto* owner : {"account", "destination"})
            if (const auto* name = at(document, owner); name && name->is_string())
                if (const auto* found = scope.on(name->get_string()).find(type, id)) return found;
    }
    return nullptr;
}

void check_expansions(const Call& call) {
    for (const auto& asked : call.array("expand")) {
        const std::string_view path(asked.get_string());
        if (std::ranges::count(path, '.') >= static_cast<std::ptrdiff_t>(depth_max))
            throw invalid("You cannot expand more than 4 levels of a property.")
                .param("expand")
                .unexecuted();
        // Where only reading could tell, it does no harm that the answer does.
        if (call.route.method == "POST" &&
            !leads_somewhere(call.world.spec, call.world.spec.object(call.route.returns), path))
            throw refused(path);
    }
}

void expand(const Call& call, json::object& answer) {
    for (const auto& asked : call.array("expand")) {
        const std::string_view path(asked.get_string());
        Expander(call, path).expand(answer, nullptr, path);
    }
}

}  // namespace daybook::sim
