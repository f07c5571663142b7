// Renewals, ends of trials, and what a subscription makes of its invoices' fate.
#include <tools/stripe_sim/billing/renewing.hpp>

#include <tools/stripe_sim/billing/cancelling.hpp>
#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/billing/subscription_terms.hpp>
#include <tools/stripe_sim/metering.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

void tell(const Scope& scope, const json::object& before, const json::object& subscription) {
    scope.emit_changed("customer.subscription.updated", before, subscription);
}

json::object* living(Scope& scope, std::string_view id) {
    auto* subscription = scope.world.store.edit(scope.account, "subscription", id);
    if (!subscription) return nullptr;
    const auto status = text(*subscription, "status");
    const bool over = status == "canceled" || status == "incomplete_expired";
    return over || !scope.find("customer", text(*subscription, "customer")) ? nullptr
                                                                            : subscription;
}

// --- renewal ----------------------------------------------------------------------------------

/// Moves the items whose period is over into the next; false when none is.
bool move_periods(const Scope& scope, json::object& subscription, Seconds now) {
    std::vector<json::object> moved;
    for (auto& item : items_of(scope, subscription)) {
        const auto end = integer(item, "current_period_end");
        if (end > now) continue;
        set_period(item, integer(subscription, "billing_cycle_anchor"), end);
        moved.push_back(std::move(item));
    }
    if (moved.empty()) return false;
    put_items(scope, subscription, moved);
    return true;
}

/// The lines of the items whose period begins at `start`: what is metered is billed afterwards.
std::vector<InvoiceLine> lines_from(const Scope& scope, const json::object& subscription,
                                    Seconds start) {
    auto lines = pending_lines(scope, text(subscription, "customer"),
                               text(subscription, "currency"), text(subscription, "id"));
    for (const auto& item : items_of(scope, subscription)) {
        if (integer(item, "current_period_start") != start) continue;
        const auto billed = bill_usage(scope, subscription, item, start);
        lines.push_back(line_of(scope, subscription, billed,
                                item_amount(scope, billed, text(subscription, "currency"))));
    }
    return lines;
}

/// pause_collection says what becomes of an invoice that nobody shall pay.
void pause_invoice(const Scope& scope, json::object& invoice, std::string_view behavior) {
    if (behavior == "keep_as_draft") return;
    finalize_invoice(scope, invoice);
    if (text(invoice, "status") != "open") return;
    if (behavior == "void") return void_invoice(scope, invoice);
    abandon_payment(scope, invoice, "");
    invoice["status"] = "uncollectible";
    set(invoice, "status_transitions.marked_uncollectible_at") = time_for(scope, invoice);
    scope.emit("invoice.marked_uncollectible", invoice);
}

/// A draft that is finalized and collected by itself after its hour.
void bill_cycle(const Scope& scope, json::object& subscription, json::object invoice,
                std::vector<InvoiceLine> lines) {
    const auto behavior = text(subscription, "pause_collection.behavior");
    const bool collected = behavior.empty() && text(subscription, "status") != "unpaid";
    bind_items(scope, lines, text(invoice, "id"));
    invoice["auto_advance"] = collected;
    if (collected) advance_later(scope, invoice);
    auto& stored = put_invoice(scope, std::move(invoice), std::move(lines));
    drop_used_discounts(scope, subscription);
    if (!behavior.empty()) pause_invoice(scope, stored, behavior);
}

void renew(const Scope& scope, json::object& subscription, Seconds now) {
    const json::object before(subscription);
    const auto period_began =
        integer(array(subscription, "items.data").front().as_object(), "current_period_start");
    if (!move_periods(scope, subscription, now)) return;
    if (text(subscription, "status") == "trialing") subscription["status"] = "active";
    auto invoice = begin_subscription_invoice(scope, subscription, "subscription_cycle");
    invoice["period_start"] = period_began;
    invoice["period_end"] = now;
    subscription["latest_invoice"] = invoice.at("id");
    tell(scope, before, subscription);
    bill_cycle(scope, subscription, std::move(invoice), lines_from(scope, subscription, now));
    schedule_billing(scope, subscription);
}

bool can_be_charged(const Scope& scope, const json::object& subscription) {
    json::object invoice{{"customer", subscription.at("customer")}};
    scope.fill(invoice, "parent",
               {{"subscription_details", {{"subscription", subscription.at("id")}}}});
    return text(subscription, "collection_method") == "send_invoice" ||
           !payment_method_for(scope, invoice).empty();
}

/// True when the end of the trial is the end of billing, for now or for good.
bool stopped_by_trial(const Scope& scope, json::object& subscription) {
    if (can_be_charged(scope, subscription)) return false;
    const auto behavior = text(subscription, "trial_settings.end_behavior.missing_payment_method");
    if (behavior == "cancel") {
        cancel_subscription(scope, subscription);
        return true;
    }
    if (behavior != "pause") return false;
    const json::object before(subscription);
    subscription["status"] = "paused";
    tell(scope, before, subscription);
    scope.emit("customer.subscription.paused", subscription);
    return true;
}

// --- tasks ------------------------------------------------------------------------------------

void cycle(Scope& scope, std::string_view id) {
    auto* subscription = living(scope, id);
    if (!subscription) return;
    const auto status = text(*subscription, "status");
    if (status == "incomplete" || status == "paused") return;
    const auto now = time_for(scope, *subscription);
    const auto cancel_at = integer(*subscription, "cancel_at");
    if (cancel_at != 0 && cancel_at <= now)
        return cancel_subscription(scope, *subscription, {.invoice_now = true});
    const auto end = first_period_end(items_of(scope, *subscription));
    if (end == 0 || end > now) return;
    if (status == "trialing" && stopped_by_trial(scope, *subscription)) return;
    renew(scope, *subscription, now);
}

void expire(Scope& scope, std::string_view id) {
    auto* subscription = living(scope, id);
    if (!subscription || text(*subscription, "status") != "incomplete") return;
    const json::object before(*subscription);
    (*subscription)["status"] = "incomplete_expired";
    (*subscription)["ended_at"] = time_for(scope, *subscription);
    tell(scope, before, *subscription);
    auto& invoice = scope.edit("invoice", text(*subscription, "latest_invoice"));
    if (text(invoice, "status") == "open") void_invoice(scope, invoice);
}

void warn_of_trial_end(Scope& scope, std::string_view id) {
    const auto* subscription = living(scope, id);
    if (subscription && text(*subscription, "status") == "trialing")
        scope.emit("customer.subscription.trial_will_end", *subscription);
}

void warn_of_renewal(Scope& scope, std::string_view id) {
    const auto* subscription = living(scope, id);
    if (!subscription || has(*subscription, "cancel_at")) return;
    const auto status = text(*subscription, "status");
    if (status == "active" || status == "past_due" || status == "trialing")
        scope.emit("invoice.upcoming",
                   upcoming_invoice(scope, *subscription, items_of(scope, *subscription), {}));
}

void resume_collection(Scope& scope, std::string_view id) {
    auto* subscription = living(scope, id);
    if (!subscription || !has(*subscription, "pause_collection.resumes_at") ||
        integer(*subscription, "pause_collection.resumes_at") > time_for(scope, *subscription))
        return;
    const json::object before(*subscription);
    (*subscription)["pause_collection"] = nullptr;
    tell(scope, before, *subscription);
}

// --- what is heard of invoices ----------------------------------------------------------------

void heard_paid(const Scope& scope, const json::object& invoice) {
    auto* subscription =
        scope.world.store.edit(scope.account, "subscription", subscription_of(invoice));
    if (!subscription) return;
    const json::object before(*subscription);
    const auto status = text(*subscription, "status");
    const bool latest = text(*subscription, "latest_invoice") == text(invoice, "id");
    if (status == "incomplete" || (latest && (status == "past_due" || status == "unpaid")))
        (*subscription)["status"] = "active";
    const auto* intent = intent_of(scope, invoice);
    if (intent && has(*intent, "payment_method") &&
        text(*subscription, "payment_settings.save_default_payment_method") == "on_subscription")
        (*subscription)["default_payment_method"] = intent->at("payment_method");
    if (*subscription != before) tell(scope, before, *subscription);
    if (has(*subscription, "pending_update") && latest) apply_pending(scope, *subscription);
}

/// A bank debit takes days; the subscription does not wait for it.
void heard_processing(const Scope& scope, const json::object& intent) {
    const auto* invoice = invoice_of(scope, intent);
    if (!invoice) return;
    auto* subscription =
        scope.world.store.edit(scope.account, "subscription", subscription_of(*invoice));
    if (!subscription || text(*subscription, "status") != "incomplete") return;
    const json::object before(*subscription);
    (*subscription)["status"] = "active";
    tell(scope, before, *subscription);
}

void heard_unpaid(const Scope& scope, const json::object& invoice) {
    auto* subscription =
        scope.world.store.edit(scope.account, "subscription", subscription_of(invoice));
    if (!subscription || has(*subscription, "pending_update")) return;
    const auto status = text(*subscription, "status");
    if (status == "active") {
        const json::object before(*subscription);
        (*subscription)["status"] = "past_due";
        tell(scope, before, *subscription);
    }
    if (status == "past_due" && given_up(invoice))
        cancel_subscription(scope, *subscription, {.reason = "payment_failed"});
}

/// A set-up that came with the subscription tells what to charge.
void heard_set_up(const Scope& scope, const json::object& intent) {
    const auto page = scope.world.store.page(
        scope.account, "subscription",
        {.limit = 1, .equal = {{"pending_setup_intent", std::string(text(intent, "id"))}}});
    if (page.items.empty()) return;
    auto& subscription = scope.edit("subscription", text(*page.items.front(), "id"));
    const json::object before(subscription);
    subscription["pending_setup_intent"] = nullptr;
    subscription["default_payment_method"] = intent.at("payment_method");
    tell(scope, before, subscription);
}

}  // namespace

void end_trial(const Scope& scope, json::object& subscription) {
    const auto now = time_for(scope, subscription);
    auto items = items_of(scope, subscription);
    for (auto& item : items)
        item["current_period_end"] = now;
    put_items(scope, subscription, items);
    subscription["trial_end"] = now;
    subscription["billing_cycle_anchor"] = now;
    if (stopped_by_trial(scope, subscription)) return;
    const json::object before(subscription);
    move_periods(scope, subscription, now);
    subscription["status"] = "active";
    tell(scope, before, subscription);
    auto lines = lines_from(scope, subscription, now);
    auto& invoice = bill_now(scope, subscription, "subscription_cycle", std::move(lines));
    if (text(invoice, "status") == "open") static_cast<void>(collect(scope, invoice));
    schedule_billing(scope, subscription);
}

json::object& bill_now(const Scope& scope, json::object& subscription,
                       std::string_view billing_reason, std::vector<InvoiceLine> lines) {
    auto invoice = begin_subscription_invoice(scope, subscription, billing_reason);
    subscription["latest_invoice"] = invoice.at("id");
    bind_items(scope, lines, text(invoice, "id"));
    auto& stored = put_invoice(scope, std::move(invoice), std::move(lines));
    drop_used_discounts(scope, subscription);
    finalize_invoice(scope, stored);
    return stored;
}

json::object upcoming_invoice(const Scope& scope, const json::object& subscription,
                              const std::vector<json::object>& items,
                              std::vector<InvoiceLine> further_lines) {
    auto invoice = begin_subscription_invoice(scope, subscription, "upcoming");
    invoice["id"] = "upcoming_" + std::string(text(invoice, "id"));
    const auto when = first_period_end(items);
    auto lines = pending_lines(scope, text(subscription, "customer"),
                               text(subscription, "currency"), text(subscription, "id"));
    for (auto& line : further_lines)
        lines.push_back(std::move(line));
    const bool ends = has(subscription, "cancel_at") && integer(subscription, "cancel_at") <= when;
    for (auto item : items) {
        if (integer(item, "current_period_end") != when || ends) continue;
        set_period(item, integer(subscription, "billing_cycle_anchor"), when);
        lines.push_back(line_of(scope, subscription, item,
                                item_amount(scope, item, text(subscription, "currency"))));
    }
    if (!items.empty()) invoice["period_start"] = items.front().at("current_period_start");
    invoice["period_end"] = when;
    invoice["created"] = when;
    invoice["next_payment_attempt"] = when + draft_lasts;
    for (auto& line : lines)
        line.document["invoice"] = invoice.at("id");
    total_up(scope, invoice, lines);
    return invoice;
}

void add_renewing(Routes& on) {
    on.task("subscription.cycle", cycle);
    on.task("subscription.expire", expire);
    on.task("subscription.resume_collection", resume_collection);
    on.task("subscription.trial_will_end", warn_of_trial_end);
    on.task("subscription.upcoming", warn_of_renewal);
    on.watch("invoice.payment_succeeded", heard_paid);
    on.watch("invoice.paid", [](const Scope& scope, const json::object& invoice) {
        if (invoice.contains("amount_paid_off_stripe")) heard_paid(scope, invoice);
    });
    on.watch("invoice.payment_failed", heard_unpaid);
    on.watch("invoice.payment_action_required", heard_unpaid);
    on.watch("payment_intent.processing", heard_processing);
    on.watch("setup_intent.succeeded", heard_set_up);
}

}  // namespace daybook::sim
