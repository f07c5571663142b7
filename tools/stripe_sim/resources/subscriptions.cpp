// Subscriptions through the API.
#include <tools/stripe_sim/billing/cancelling.hpp>
#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/renewing.hpp>
#include <tools/stripe_sim/billing/subscribing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/billing/subscription_terms.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

json::object& edited(Call& call) {
    return call.edit("subscription", call.id("subscription"), "subscription");
}

bool is_over(const json::object& subscription) {
    const auto status = text(subscription, "status");
    return status == "canceled" || status == "incomplete_expired";
}

json::object create(Call& call) {
    return subscribe(call, call.params);
}

json::object update(Call& call) {
    auto& subscription = edited(call);
    change_subscription(call, subscription, call.params);
    return subscription;
}

json::object cancel(Call& call) {
    auto& subscription = edited(call);
    if (is_over(subscription)) throw no_such("subscription", text(subscription, "id"));
    cancel_subscription(call, subscription,
                        {.prorate = call.flag("prorate"),
                         .invoice_now = call.flag("invoice_now"),
                         .details = call.object("cancellation_details")});
    return subscription;
}

json::object remove_discount(Call& call) {
    auto& subscription = edited(call);
    const auto& discounts = array(subscription, "discounts");
    if (discounts.empty())
        throw invalid("This subscription has no discount.").code("resource_missing");
    const json::object last(call.get("discount", discounts.front().as_string()));
    subscription["discounts"] = json::array();
    call.emit("customer.discount.deleted", last);
    return deleted_discount(last);
}

json::object pause(Call& call) {
    auto& subscription = edited(call);
    const auto status = text(subscription, "status");
    if (status != "active" && status != "trialing" && status != "past_due")
        throw invalid(fmt::format("A subscription that is {} cannot be paused.", status));
    const json::object before(subscription);
    subscription["status"] = "paused";
    subscription["status_details"] = {{"paused",
                                       {{"subscription", {{"type", "pause_requested"}}},
                                        {"transitioned_at", time_for(call, subscription)},
                                        {"type", "subscription"}}}};
    call.emit_changed("customer.subscription.updated", before, subscription);
    call.emit("customer.subscription.paused", subscription);
    return subscription;
}

/// A new period begins, and is billed at once.
json::object resume(Call& call) {
    auto& subscription = edited(call);
    if (text(subscription, "status") != "paused")
        throw invalid("Only a subscription that is paused can be resumed.");
    const json::object before(subscription);
    const auto now = time_for(call, subscription);
    auto items = items_of(call, subscription);
    std::vector<InvoiceLine> lines;
    for (auto& item : items) {
        set_period(item, now, now);
        lines.push_back(line_of(call, subscription, item,
                                item_amount(call, item, text(subscription, "currency"))));
    }
    put_items(call, subscription, items);
    subscription["billing_cycle_anchor"] = now;
    subscription["status"] = "active";
    if (const auto found = subscription.find("status_details"); found != subscription.end())
        subscription.stable_erase(found);
    call.emit_changed("customer.subscription.updated", before, subscription);
    call.emit("customer.subscription.resumed", subscription);
    auto& invoice = bill_now(call, subscription, "subscription_cycle", std::move(lines));
    if (text(invoice, "status") == "open") static_cast<void>(collect(call, invoice));
    schedule_billing(call, subscription);
    return subscription;
}

json::object migrate(Call& call) {
    auto& subscription = edited(call);
    const json::object before(subscription);
    call.fill(subscription, "billing_mode", call.params.at("billing_mode"));
    set(subscription, "billing_mode.updated_at") = time_for(call, subscription);
    call.emit_changed("customer.subscription.updated", before, subscription);
    return subscription;
}

bool has_price(const json::object& subscription, std::string_view price) {
    return std::ranges::any_of(array(subscription, "items.data"), [price](const json::value& item) {
        return text(item.as_object(), "price.id") == price;
    });
}

json::object list(Call& call) {
    ListQuery query;
    for (const auto* name : {"collection_method", "customer", "test_clock"})
        if (call.has(name)) query.equal.emplace_back(name, std::string(call.text(name)));
    const std::string status(call.text("status"));
    const std::string price(call.has("price") ? call.text("price") : call.text("plan"));
    query.match = [status, price](const json::object& subscription) {
        if (!price.empty() && !has_price(subscription, price)) return false;
        if (status.empty()) return text(subscription, "status") != "canceled";
        if (status == "ended") return is_over(subscription);
        return status == "all" || text(subscription, "status") == status;
    };
    return list_page(call, "subscription", std::move(query));
}

}  // namespace

void add_subscriptions(Routes& on) {
    on.index("subscription", "customer");
    on.index("subscription", "pending_setup_intent");
    on("POST", "/v1/subscriptions", create);
    on("GET", "/v1/subscriptions", list);
    on.search("/v1/subscriptions/search");
    on.retrieve("/v1/subscriptions/{subscription}");
    on("POST", "/v1/subscriptions/{subscription}", update);
    on("DELETE", "/v1/subscriptions/{subscription}", cancel);
    on("DELETE", "/v1/subscriptions/{subscription}/discount", remove_discount);
    on("POST", "/v1/subscriptions/{subscription}/migrate", migrate);
    on("POST", "/v1/subscriptions/{subscription}/pause", pause);
    on("POST", "/v1/subscriptions/{subscription}/resume", resume);
    add_renewing(on);
    add_changing(on);
}

}  // namespace daybook::sim
