// Notes are documents of their own, stored under the type's name and ".hidden".
#include <tools/stripe_sim/billing/hidden.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

std::string type_of_notes(const json::object& document) {
    return fmt::format("{}.hidden", text(document, "object"));
}

}  // namespace

json::object& hidden(const Scope& scope, const json::object& document) {
    const auto type = type_of_notes(document);
    const auto id = text(document, "id");
    if (auto* found = scope.world.store.edit(scope.account, type, id)) return *found;
    json::object notes;
    notes["id"] = id;
    notes["object"] = type;
    return scope.put(std::move(notes));
}

const json::object& noted(const Scope& scope, const json::object& document) {
    static const json::object nothing;
    const auto* found = scope.find(type_of_notes(document), text(document, "id"));
    return found ? *found : nothing;
}

}  // namespace daybook::sim
