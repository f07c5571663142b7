// What of a period is left over, or yet to be paid, when a subscription changes in its middle.
#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

bool same_cost(const json::object& one, const json::object& other) {
    return text(one, "price.id") == text(other, "price.id") &&
           integer(one, "quantity") == integer(other, "quantity");
}

json::object proration(const Scope& scope, const json::object& subscription,
                       const json::object& item, std::int64_t amount, Seconds now) {
    const auto& price = object(item, "price");
    const auto quantity = integer(item, "quantity", 1);
    auto document =
        begin_item(scope, scope.get("customer", text(subscription, "customer"), "customer"),
                   text(subscription, "currency"));
    document["amount"] = amount;
    document["date"] = now;
    document["description"] =
        fmt::format("{} time on {} after {:%d %b %Y}", amount < 0 ? "Unused" : "Remaining",
                    description_of(scope, price, quantity), fmt::gmtime(now));
    document["discountable"] = false;
    scope.fill(document, "parent",
               {{"subscription_details",
                 {{"subscription", subscription.at("id")}, {"subscription_item", item.at("id")}}},
                {"type", "subscription_details"}});
    document["period"] = {{"end", item.at("current_period_end")}, {"start", now}};
    document["pricing"] = pricing_of(price);
    document["proration"] = true;
    document["quantity"] = quantity;
    document["quantity_decimal"] = std::to_string(quantity);
    document["tax_rates"] = item.at("tax_rates");
    return document;
}

std::int64_t remaining_cost(const Scope& scope, const json::object& subscription,
                            const json::object& item, Seconds now) {
    const auto interval = interval_of(object(item, "price.recurring"));
    const auto end = integer(item, "current_period_end");
    const auto start =
        period_start(integer(subscription, "billing_cycle_anchor"), interval, end - 1);
    return share(discounted_amount(scope, subscription, item), std::max<Seconds>(0, end - now),
                 end - start);
}

}  // namespace

std::vector<json::object> prorations(const Scope& scope, const json::object& subscription,
                                     const ItemChanges& changes, Seconds now) {
    std::vector<json::object> items;
    const auto status = text(subscription, "status");
    if (status == "trialing" || status == "incomplete" || status == "paused") return items;
    for (const auto& item : changes.before) {
        const auto* after = with_id(changes.after, text(item, "id"));
        if (after && same_cost(item, *after) && !changes.restarts) continue;
        const auto cost = remaining_cost(scope, subscription, item, now);
        if (cost != 0) items.push_back(proration(scope, subscription, item, -cost, now));
    }
    if (changes.restarts) return items;
    for (const auto& item : changes.after) {
        const auto* before = with_id(changes.before, text(item, "id"));
        if (before && same_cost(*before, item)) continue;
        const auto cost = remaining_cost(scope, subscription, item, now);
        if (cost != 0) items.push_back(proration(scope, subscription, item, cost, now));
    }
    return items;
}

}  // namespace daybook::sim
