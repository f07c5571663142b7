// What ends with a subscription: its discounts, its invoices' collection, its set-up.
#include <tools/stripe_sim/billing/cancelling.hpp>

#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/renewing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/metering.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

constexpr std::int64_t subscriptions_max = 1000;

/// Nobody tries to collect any more; a first payment that never came is given up.
void stop_invoices(const Scope& scope, const json::object& subscription, bool incomplete) {
    const auto page = scope.world.store.page(scope.account, "invoice",
                                             {.limit = subscriptions_max,
                                              .equal = {{"parent.subscription_details.subscription",
                                                         std::string(text(subscription, "id"))}}});
    for (const auto* found : page.items) {
        const auto status = text(*found, "status");
        if (status != "open" && status != "draft") continue;
        auto& invoice = scope.edit("invoice", text(*found, "id"));
        if (incomplete && status == "open") {
            void_invoice(scope, invoice);
            continue;
        }
        const json::object before(invoice);
        invoice["auto_advance"] = false;
        invoice["next_payment_attempt"] = nullptr;
        if (invoice != before) tell_invoice(scope, before, invoice);
    }
}

void credit_unused_time(const Scope& scope, const json::object& subscription) {
    ItemChanges changes;
    changes.before = items_of(scope, subscription);
    for (auto& item : prorations(scope, subscription, changes, time_for(scope, subscription)))
        put_item(scope, std::move(item));
}

/// What was added or used since the last invoice.
void bill_rest(const Scope& scope, json::object& subscription) {
    auto lines = pending_lines(scope, text(subscription, "customer"),
                               text(subscription, "currency"), text(subscription, "id"));
    for (const auto& item : items_of(scope, subscription)) {
        if (text(item, "price.recurring.usage_type") != "metered") continue;
        const auto billed = bill_usage(scope, subscription, item, time_for(scope, subscription));
        const auto amount = item_amount(scope, billed, text(subscription, "currency"));
        if (amount > 0) lines.push_back(line_of(scope, subscription, billed, amount));
    }
    if (lines.empty()) return;
    auto& invoice = bill_now(scope, subscription, "subscription_update", std::move(lines));
    if (text(invoice, "status") == "open") static_cast<void>(collect(scope, invoice));
}

}  // namespace

void cancel_subscription(const Scope& scope, json::object& subscription,
                         const Cancellation& cancellation) {
    const bool incomplete = text(subscription, "status") == "incomplete";
    const auto now = time_for(scope, subscription);
    if (cancellation.prorate) credit_unused_time(scope, subscription);
    if (!has(subscription, "canceled_at")) subscription["canceled_at"] = now;
    subscription["ended_at"] = now;
    subscription["pause_collection"] = nullptr;
    subscription["pending_update"] = nullptr;
    subscription["status"] = "canceled";
    auto& details = set(subscription, "cancellation_details").as_object();
    for (const auto& [name, value] : cancellation.details)
        details[name] = value;
    if (details["reason"].is_null()) details["reason"] = cancellation.reason;
    scope.emit("customer.subscription.deleted", subscription);
    for (const auto& discount : array(subscription, "discounts"))
        tell_discount(scope, "deleted", discount.as_string());
    if (cancellation.invoice_now) bill_rest(scope, subscription);
    stop_invoices(scope, subscription, incomplete);
}

void cancel_subscriptions_of(const Scope& scope, std::string_view customer) {
    const auto page = scope.world.store.page(
        scope.account, "subscription",
        {.limit = subscriptions_max, .equal = {{"customer", std::string(customer)}}});
    for (const auto* subscription : page.items) {
        const auto status = text(*subscription, "status");
        if (status != "canceled" && status != "incomplete_expired")
            cancel_subscription(scope, scope.edit("subscription", text(*subscription, "id")));
    }
}

}  // namespace daybook::sim
