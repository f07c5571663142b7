// Follows each path through the answer, with the shapes beside it.
#include <tools/stripe_sim/expand.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::size_t depth_max = 4;

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
        if (!shape) throw refused();
        include(document, name);
        auto* value = document.if_contains(name);
        if (!value || value->is_null()) return;
        if (value->is_number() || value->is_bool()) throw refused();
        if (value->is_string()) replace(document, *shape, *value);
        follow(*shape, *value, below);
    }

private:
    StripeError refused() const {
        return invalid(fmt::format("This property cannot be expanded ({}).", path_))
            .param("expand")
            .unexecuted();
    }

    void include(json::object& document, std::string_view name) const {
        if (document.contains(name)) return;
        const auto* make = call_.world.routes.includer(text(document, "object"), name);
        if (make) document[name] = (*make)(call_, document);
    }

    void replace(const json::object& document, const Shape& shape, json::value& value) const {
        if (shape.id_of.empty()) throw refused();
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

void expand(const Call& call, json::object& answer) {
    for (const auto& asked : call.array("expand")) {
        const std::string_view path(asked.get_string());
        if (std::ranges::count(path, '.') >= static_cast<std::ptrdiff_t>(depth_max))
            throw invalid("You cannot expand more than 4 levels of a property.")
                .param("expand")
                .unexecuted();
        Expander(call, path).expand(answer, nullptr, path);
    }
}

}  // namespace daybook::sim
