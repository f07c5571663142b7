// What changes of a subscription cost, and how they are paid.
#include <tools/stripe_sim/billing/changing.hpp>

#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/renewing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/billing/subscription_terms.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds pending_update_lasts = 23 * hour;

void tell(const Scope& scope, const json::object& before, const json::object& subscription) {
    scope.emit_changed("customer.subscription.updated", before, subscription);
}

// --- items ------------------------------------------------------------------------------------

bool named_price(const json::object& given) {
    return has(given, "price") || has(given, "plan") || has(given, "price_data");
}

bool same_interval(const json::object& one, const json::object& other) {
    const auto a = interval_of(object(one, "price.recurring"));
    const auto b = interval_of(object(other, "price.recurring"));
    return a.unit == b.unit && a.count == b.count;
}

void change_item(const Scope& scope, const json::object& subscription, const json::object& given,
                 const std::string& param, ItemChanges& changes) {
    const auto& item = scope.get("subscription_item", text(given, "id"), param + "[id]");
    if (text(item, "subscription") != text(subscription, "id"))
        throw no_such("subscription_item", text(given, "id"), param + "[id]");
    if (with_id(changes.before, text(item, "id")))
        throw invalid(
            fmt::format("The subscription item {} is named more than once.", text(item, "id")))
            .param(param + "[id]");
    changes.before.push_back(item);
    if (flag(given, "deleted")) {
        changes.removed.emplace_back(text(item, "id"));
        return;
    }
    json::object changed_item(item);
    if (named_price(given)) {
        const auto& price = price_for(scope, given, param);
        static_cast<void>(price_amount(scope, price, 1, text(subscription, "currency")));
        reprice(scope, changed_item, price);
    }
    apply_to_item(scope, changed_item, given, text(subscription, "customer"));
    changes.restarts = changes.restarts || !same_interval(item, changed_item);
    changes.after.push_back(std::move(changed_item));
}

void add_item(const Scope& scope, const json::object& subscription, const json::object& given,
              const std::string& param, Seconds now, ItemChanges& changes) {
    auto item = begin_subscription_item(scope, given, param, text(subscription, "currency"));
    apply_to_item(scope, item, given, text(subscription, "customer"));
    set_period(item, integer(subscription, "billing_cycle_anchor"), now);
    changes.after.push_back(std::move(item));
}

bool is_trialing(const json::object& subscription) {
    return text(subscription, "status") == "trialing";
}

/// Whatever changes during a trial is free until its end.
void keep_trial(const json::object& subscription, std::vector<json::object>& items) {
    if (!is_trialing(subscription)) return;
    for (auto& item : items)
        item["current_period_end"] = subscription.at("trial_end");
}

bool is_free(const Scope& scope, const json::object& subscription,
             const std::vector<json::object>& items) {
    return std::ranges::all_of(items, [&](const json::object& item) {
        return text(item, "price.recurring.usage_type") != "metered" &&
               item_amount(scope, item, text(subscription, "currency")) == 0;
    });
}

/// With a new period for one there is one for all.
void restart_all(const Scope& scope, const json::object& subscription, Seconds now,
                 ItemChanges& changes) {
    for (auto& item : items_of(scope, subscription)) {
        if (with_id(changes.before, text(item, "id"))) continue;
        changes.before.push_back(item);
        changes.after.push_back(std::move(item));
    }
    for (auto& item : changes.after)
        set_period(item, now, now);
}

// --- members ----------------------------------------------------------------------------------

Seconds last_period_end(const std::vector<json::object>& items) {
    Seconds last = 0;
    for (const auto& item : items)
        last = std::max(last, integer(item, "current_period_end"));
    return last;
}

void apply_cancellation(const Scope& scope, json::object& subscription, const json::object& params,
                        Seconds now) {
    if (const auto& details = object(params, "cancellation_details"); !details.empty())
        for (const auto& [name, value] : details)
            set(subscription, "cancellation_details").as_object()[name] = value;
    if (!params.contains("cancel_at") && !params.contains("cancel_at_period_end")) return;
    const auto items = items_of(scope, subscription);
    const auto* at_time = at(params, "cancel_at");
    json::value when = nullptr;
    if (flag(params, "cancel_at_period_end"))
        when = first_period_end(items);
    else if (at_time && at_time->is_string())
        when = at_time->get_string() == "max_period_end" ? last_period_end(items)
                                                         : first_period_end(items);
    else if (at_time)
        when = *at_time;
    subscription["cancel_at"] = when;
    subscription["canceled_at"] = when.is_null() ? json::value() : json::value(now);
    set(subscription, "cancellation_details.reason") =
        when.is_null() ? json::value() : json::value("cancellation_requested");
}

/// The new discounts in place of the old; tells which came and which went.
void apply_discounts(const Scope& scope, json::object& subscription, const json::object& params,
                     Seconds now) {
    if (!params.contains("discounts")) return;
    const json::array before(array(subscription, "discounts"));
    auto reductions = reductions_for(scope, array(params, "discounts"), "discounts",
                                     text(subscription, "customer"));
    for (auto& reduction : reductions)
        in_currency(scope, reduction, text(subscription, "currency"));
    const auto after = redeem_all(scope, reductions,
                                  {.customer = std::string(text(subscription, "customer")),
                                   .subscription = std::string(text(subscription, "id")),
                                   .start = now});
    subscription["discounts"] = after;
    for (const auto& id : before)
        if (std::ranges::find(after, id) == after.end())
            tell_discount(scope, "deleted", id.as_string());
    for (const auto& id : after)
        if (std::ranges::find(before, id) == before.end())
            tell_discount(scope, "created", id.as_string());
}

/// A trial that ends at another time than thought, or begins.
void extend_trial(const Scope& scope, json::object& subscription, Seconds end, Seconds now) {
    if (end <= now)
        throw invalid("Invalid timestamp: must be an integer Unix timestamp in the future.")
            .param("trial_end");
    if (!has(subscription, "trial_start")) subscription["trial_start"] = now;
    subscription["trial_end"] = end;
    subscription["billing_cycle_anchor"] = end;
    subscription["status"] = "trialing";
    auto items = items_of(scope, subscription);
    for (auto& item : items)
        item["current_period_end"] = end;
    put_items(scope, subscription, items);
}

void apply_members(const Scope& scope, json::object& subscription, const json::object& params,
                   Seconds now) {
    apply_to_subscription(scope, subscription, params);
    apply_cancellation(scope, subscription, params, now);
    if (params.contains("pause_collection"))
        scope.fill(subscription, "pause_collection", params.at("pause_collection"));
    apply_discounts(scope, subscription, params, now);
    if (const auto* end = at(params, "trial_end"); end && end->is_int64())
        extend_trial(scope, subscription, end->get_int64(), now);
}

// --- applying ---------------------------------------------------------------------------------

void apply_items(const Scope& scope, json::object& subscription, ItemChanges changes, Seconds now) {
    if (changes.restarts) subscription["billing_cycle_anchor"] = now;
    for (const auto& id : changes.removed)
        drop_item(scope, subscription, id);
    keep_trial(subscription, changes.after);
    if (!changes.after.empty()) put_items(scope, subscription, changes.after);
}

/// What is to be paid now for the changes: pending items and, with a new period, all of it.
json::object& bill_changes(const Scope& scope, json::object& subscription,
                           const ItemChanges& changes) {
    auto lines = pending_lines(scope, text(subscription, "customer"),
                               text(subscription, "currency"), text(subscription, "id"));
    if (changes.restarts)
        for (const auto& item : changes.after)
            lines.push_back(line_of(scope, subscription, item,
                                    item_amount(scope, item, text(subscription, "currency"))));
    return bill_now(scope, subscription, "subscription_update", std::move(lines));
}

void put_prorations(const Scope& scope, const json::object& subscription,
                    const ItemChanges& changes, const json::object& params, Seconds now) {
    if (text(params, "proration_behavior") == "none") return;
    for (auto& item : prorations(scope, subscription, changes, now))
        put_item(scope, std::move(item));
}

void wait_for_payment(const Scope& scope, json::object& subscription, const ItemChanges& changes,
                      const json::object& params, Seconds now) {
    const auto expires = now + pending_update_lasts;
    json::array after;
    for (const auto& item : changes.after)
        after.push_back(item);
    json::array removed;
    for (const auto& id : changes.removed)
        removed.emplace_back(id);
    const json::object before(subscription);
    scope.fill(subscription, "pending_update",
               {{"expires_at", expires}, {"subscription_items", after}});
    auto& kept = hidden(scope, subscription)["update"];
    kept = {{"after", std::move(after)},
            {"removed", std::move(removed)},
            {"restarts", changes.restarts},
            {"told", false}};
    put_prorations(scope, subscription, changes, params, now);
    auto& invoice = bill_changes(scope, subscription, changes);
    if (text(invoice, "status") == "open") static_cast<void>(collect(scope, invoice));
    if (!has(subscription, "pending_update")) return;
    set(hidden(scope, subscription), "update.told") = true;
    tell(scope, before, subscription);
    schedule_at(scope, subscription, expires, "subscription.drop_update");
}

void drop_update(Scope& scope, std::string_view id) {
    auto* subscription = scope.world.store.edit(scope.account, "subscription", id);
    if (!subscription || !has(*subscription, "pending_update") ||
        integer(*subscription, "pending_update.expires_at") > time_for(scope, *subscription))
        return;
    (*subscription)["pending_update"] = nullptr;
    auto& invoice = scope.edit("invoice", text(*subscription, "latest_invoice"));
    if (text(invoice, "status") == "open") void_invoice(scope, invoice);
    scope.emit("customer.subscription.pending_update_expired", *subscription);
}

/// Bills at once and, unless the buyer shall do it, collects.
void bill_and_collect(const Scope& scope, json::object& subscription, const ItemChanges& changes,
                      const json::object& params) {
    auto& invoice = bill_changes(scope, subscription, changes);
    if (text(invoice, "status") != "open" || text(invoice, "collection_method") == "send_invoice")
        return;
    if (text(params, "payment_behavior") != "default_incomplete") {
        static_cast<void>(collect(scope, invoice));
        return;
    }
    const json::object before(subscription);
    subscription["status"] = "past_due";
    tell(scope, before, subscription);
}

void check_changeable(const Scope& scope, const json::object& subscription,
                      const json::object& params) {
    const auto status = text(subscription, "status");
    if (status == "canceled" || status == "incomplete_expired")
        for (const auto& [name, value] : params)
            if (name != "metadata" && name != "cancellation_details" && name != "expand")
                throw invalid(
                    "A canceled subscription can only update its "
                    "cancellation_details and metadata.")
                    .param(name);
    check_subscription_params(scope, params, text(subscription, "customer"));
    if (has(params, "cancel_at") && has(params, "cancel_at_period_end"))
        throw invalid(
            "You may only specify one of these parameters: cancel_at, "
            "cancel_at_period_end.");
}

}  // namespace

ItemChanges item_changes(const Scope& scope, const json::object& subscription,
                         const json::array& given, Seconds now, bool restart) {
    ItemChanges changes;
    changes.restarts = restart;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto& item = given[i].as_object();
        const auto param = fmt::format("items[{}]", i);
        if (has(item, "id"))
            change_item(scope, subscription, item, param, changes);
        else
            add_item(scope, subscription, item, param, now, changes);
    }
    if (changes.after.empty() && !changes.removed.empty() &&
        changes.removed.size() == items_of(scope, subscription).size())
        throw invalid(
            "A subscription must have at least one active plan. To cancel a "
            "subscription, please use the DELETE method on the subscription.");
    // What costs something for the first time does so from now on.
    if (!is_free(scope, subscription, changes.after) &&
        is_free(scope, subscription, items_of(scope, subscription)))
        changes.restarts = true;
    if (is_trialing(subscription)) changes.restarts = false;
    if (changes.restarts) restart_all(scope, subscription, now, changes);
    keep_trial(subscription, changes.after);
    return changes;
}

void change_subscription(const Scope& scope, json::object& subscription,
                         const json::object& params) {
    check_changeable(scope, subscription, params);
    const auto now = integer(params, "proration_date", time_for(scope, subscription));
    const auto changes = item_changes(scope, subscription, array(params, "items"), now,
                                      text(params, "billing_cycle_anchor.type") == "now");
    const auto behavior = text(params, "payment_behavior");
    const bool trialing = is_trialing(subscription);
    const bool changed_items = !changes.after.empty() || !changes.removed.empty();
    const bool bills = changed_items && !trialing &&
                       (changes.restarts || text(params, "proration_behavior") == "always_invoice");
    if (bills && behavior == "error_if_incomplete") {
        json::object invoice{{"customer", subscription.at("customer")},
                             {"default_payment_method", subscription.at("default_payment_method")}};
        if (const auto refusal = foreseen_refusal(scope, payment_method_for(scope, invoice)))
            throw StripeError(*refusal);
    }
    if (bills && behavior == "pending_if_incomplete")
        return wait_for_payment(scope, subscription, changes, params, now);
    const json::object before(subscription);
    apply_members(scope, subscription, params, now);
    // What the rest of the period costs depends on the anchor as it was.
    std::vector<json::object> due;
    if (text(params, "proration_behavior") != "none") due = prorations(scope, before, changes, now);
    apply_items(scope, subscription, changes, now);
    tell(scope, before, subscription);
    for (auto& item : due)
        put_item(scope, std::move(item));
    if (bills) bill_and_collect(scope, subscription, changes, params);
    const auto* trial_end = at(params, "trial_end");
    if (trial_end && trial_end->is_string() && trialing) end_trial(scope, subscription);
    schedule_billing(scope, subscription);
}

void apply_pending(const Scope& scope, json::object& subscription) {
    const json::object kept(object(noted(scope, subscription), "update"));
    const json::object before(subscription);
    ItemChanges changes;
    changes.restarts = flag(kept, "restarts");
    for (const auto& item : array(kept, "after"))
        changes.after.push_back(item.as_object());
    for (const auto& id : array(kept, "removed"))
        changes.removed.emplace_back(id.as_string());
    subscription["pending_update"] = nullptr;
    apply_items(scope, subscription, changes, time_for(scope, subscription));
    tell(scope, before, subscription);
    if (flag(kept, "told"))
        scope.emit("customer.subscription.pending_update_applied", subscription);
    schedule_billing(scope, subscription);
}

void add_changing(Routes& on) {
    on.task("subscription.drop_update", drop_update);
}

}  // namespace daybook::sim
