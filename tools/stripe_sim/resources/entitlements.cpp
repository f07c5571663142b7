// Which products have which features, and which customers are entitled to them by what they
// subscribe to.
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace daybook::sim {
namespace {

constexpr std::string_view feature_type = "entitlements.feature";
constexpr std::string_view active_type = "entitlements.active_entitlement";

// --- of products ------------------------------------------------------------------------------

/// A feature may be renamed, so it is shown as it is now.
void show_feature(const Scope& scope, json::object& attached) {
    attached["entitlement_feature"] =
        scope.get(feature_type, text(noted(scope, attached), "feature"));
}

std::vector<const json::object*> attached_to(const Scope& scope, std::string_view product) {
    std::vector<const json::object*> attached;
    const auto notes =
        scope.world.store.page(scope.account, "product_feature.hidden",
                               {.limit = 1'000, .equal = {{"product", std::string(product)}}});
    for (const auto* note : notes.items)
        attached.push_back(&scope.get("product_feature", text(*note, "id")));
    return attached;
}

const json::object& attached_feature(const Call& call) {
    const auto id = call.id("feature");
    const auto& attached = call.get("product_feature", id, "feature");
    if (text(noted(call, attached), "product") != call.id("product"))
        throw no_such("product_feature", id, "feature");
    return attached;
}

json::object attach(Call& call) {
    const std::string product(text(call.get("product", call.id("product"), "product"), "id"));
    const auto& feature =
        call.get(feature_type, call.text("entitlement_feature"), "entitlement_feature");
    for (const auto* other : attached_to(call, product))
        if (text(noted(call, *other), "feature") == text(feature, "id"))
            throw invalid("This feature is attached to this product already.")
                .param("entitlement_feature");
    auto attached = call.begin("product_feature", "prodft_");
    auto& notes = hidden(call, attached);
    notes["product"] = product;
    notes["feature"] = feature.at("id");
    show_feature(call, attached);
    return call.put(std::move(attached));
}

json::object detach(Call& call) {
    const std::string id(text(attached_feature(call), "id"));
    call.erase("product_feature", id);
    call.erase("product_feature.hidden", id);
    return deleted("product_feature", id);
}

json::object list_attached(Call& call) {
    const std::string product(text(call.get("product", call.id("product"), "product"), "id"));
    ListQuery query;
    query.match = [&call, product](const json::object& attached) {
        return text(noted(call, attached), "product") == product;
    };
    return list_page(call, "product_feature", std::move(query));
}

// --- of customers -----------------------------------------------------------------------------

/// By feature: what the customer's subscriptions that give access entitle him to.
std::set<std::string> earned(const Scope& scope, const std::string& customer) {
    std::set<std::string> features;
    const auto subscriptions = scope.world.store.page(
        scope.account, "subscription", {.limit = 1'000, .equal = {{"customer", customer}}});
    for (const auto* subscription : subscriptions.items) {
        const auto status = text(*subscription, "status");
        if (status != "active" && status != "trialing" && status != "past_due") continue;
        for (const auto& item : array(*subscription, "items.data"))
            for (const auto* attached :
                 attached_to(scope, text(item.as_object(), "price.product"))) {
                const auto feature = text(noted(scope, *attached), "feature");
                if (flag(scope.get(feature_type, feature), "active")) features.emplace(feature);
            }
    }
    return features;
}

std::vector<const json::object*> held(const Scope& scope, const std::string& customer) {
    std::vector<const json::object*> entitlements;
    const auto notes = scope.world.store.page(scope.account, fmt::format("{}.hidden", active_type),
                                              {.limit = 1'000, .equal = {{"customer", customer}}});
    for (const auto* note : notes.items)
        entitlements.push_back(&scope.get(active_type, text(*note, "id")));
    return entitlements;
}

json::object summary_of(const Scope& scope, const std::string& customer) {
    auto summary = scope.begin("entitlements.active_entitlement_summary", "");
    summary["customer"] = customer;
    summary["entitlements"] = list_of(scope, fmt::format("/v1/customers/{}/entitlements", customer),
                                      held(scope, customer));
    return summary;
}

void entitle(const Scope& scope, const std::string& customer, const std::string& feature) {
    auto entitlement = scope.begin(active_type, "ent_");
    entitlement["feature"] = feature;
    entitlement["lookup_key"] = scope.get(feature_type, feature).at("lookup_key");
    hidden(scope, entitlement)["customer"] = customer;
    scope.put(std::move(entitlement));
}

void follow(const Scope& scope, const json::object& subscription) {
    if (scope.world.store.count(scope.account, "product_feature") == 0) return;
    const std::string customer(text(subscription, "customer"));
    auto wanted = earned(scope, customer);
    std::vector<std::string> lost;
    for (const auto* entitlement : held(scope, customer))
        if (wanted.erase(std::string(text(*entitlement, "feature"))) == 0)
            lost.emplace_back(text(*entitlement, "id"));
    if (wanted.empty() && lost.empty()) return;
    const auto before = summary_of(scope, customer);
    for (const auto& id : lost) {
        scope.erase(active_type, id);
        scope.erase(fmt::format("{}.hidden", active_type), id);
    }
    for (const auto& feature : wanted)
        entitle(scope, customer, feature);
    scope.emit_changed("entitlements.active_entitlement_summary.updated", before,
                       summary_of(scope, customer));
}

json::object list_active(Call& call) {
    const std::string customer(text(call.get("customer", call.text("customer"), "customer"), "id"));
    ListQuery query;
    query.match = [&call, customer](const json::object& entitlement) {
        return text(noted(call, entitlement), "customer") == customer;
    };
    return list_page(call, active_type, std::move(query));
}

}  // namespace

void add_entitlements(Routes& on) {
    on.index("product_feature.hidden", "product");
    on.index("entitlements.active_entitlement.hidden", "customer");
    on.render("product_feature", show_feature);
    on("POST", "/v1/products/{product}/features", attach);
    on("GET", "/v1/products/{product}/features", list_attached);
    on("GET", "/v1/products/{product}/features/{feature}", [](Call& call) {
        json::object shown(attached_feature(call));
        show_feature(call, shown);
        return shown;
    });
    on("DELETE", "/v1/products/{product}/features/{feature}", detach);
    on("GET", "/v1/entitlements/active_entitlements", list_active);
    on.retrieve("/v1/entitlements/active_entitlements/{active_entitlement}");
    for (const auto* event : {"customer.subscription.created", "customer.subscription.updated",
                              "customer.subscription.deleted"})
        on.watch(event, follow);
}

}  // namespace daybook::sim
