// Subscription items through the API: each change is one of their subscription.
#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {
namespace {

/// The parameters of the subscription's change that `item` is part of.
json::object change_of(const Call& call, json::object item) {
    json::object params;
    for (const auto* same :
         {"off_session", "payment_behavior", "proration_behavior", "proration_date"})
        if (call.has(same)) params[same] = call.params.at(same);
    params["items"] = json::array{std::move(item)};
    return params;
}

/// What of the parameters is the item's own.
json::object own_params(const Call& call) {
    json::object item;
    for (const auto* same :
         {"discounts", "metadata", "plan", "price", "price_data", "quantity", "tax_rates"})
        if (call.mentions(same)) item[same] = call.params.at(same);
    return item;
}

json::object& owner_of(Call& call) {
    const auto& item = call.get("subscription_item", call.id("subscription_item"), "item");
    return call.edit("subscription", text(item, "subscription"));
}

json::object create(Call& call) {
    auto& subscription = call.edit("subscription", call.text("subscription"), "subscription");
    change_subscription(call, subscription, change_of(call, own_params(call)));
    return items_of(call, subscription).back();
}

json::object update(Call& call) {
    auto& subscription = owner_of(call);
    auto item = own_params(call);
    item["id"] = call.id("subscription_item");
    change_subscription(call, subscription, change_of(call, std::move(item)));
    return call.get("subscription_item", call.id("subscription_item"));
}

json::object remove(Call& call) {
    auto& subscription = owner_of(call);
    change_subscription(call, subscription,
                        change_of(call, {{"id", call.id("subscription_item")}, {"deleted", true}}));
    return deleted("subscription_item", call.id("subscription_item"));
}

}  // namespace

void add_subscription_items(Routes& on) {
    on.index("subscription_item", "subscription");
    on("POST", "/v1/subscription_items", create);
    on.list("/v1/subscription_items", {"subscription"});
    on.retrieve("/v1/subscription_items/{subscription_item}");
    on("POST", "/v1/subscription_items/{subscription_item}", update);
    on("DELETE", "/v1/subscription_items/{subscription_item}", remove);
}

}  // namespace daybook::sim
