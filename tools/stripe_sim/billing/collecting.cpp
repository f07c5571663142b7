// Invoices follow their payment intents: whoever confirms one, the invoice hears of it.
#include <tools/stripe_sim/billing/collecting.hpp>

#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/credit.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/resources/payment_methods.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace daybook::sim {
namespace {

/// Between one attempt and the next; after the last, nothing is tried any more.
constexpr std::array retries = {3 * day, 5 * day, 7 * day};

// --- the intent -------------------------------------------------------------------------------

std::string_view purpose_of(const json::object& invoice) {
    const auto reason = text(invoice, "billing_reason");
    if (reason == "subscription_create") return "Subscription creation";
    return reason.starts_with("subscription") ? "Subscription update" : "";
}

/// A subscription's percentages of what this invoice takes, or the invoice's own terms.
void share_with(const Scope& scope, json::object& intent, const json::object& invoice) {
    const auto due = integer(intent, "amount");
    json::object transfer(object(noted(scope, invoice), "transfer_data"));
    json::value fee = nullptr;
    if (const auto* own = at(noted(scope, invoice), "application_fee_amount")) fee = *own;
    if (const auto* subscription = scope.find("subscription", subscription_of(invoice))) {
        const auto& data = object(*subscription, "transfer_data");
        if (transfer.empty() && !data.empty()) {
            transfer["destination"] = data.at("destination");
            if (const auto* percent = at(data, "amount_percent"))
                transfer["amount"] = percent_of(due, *percent);
        }
        if (const auto* percent = at(*subscription, "application_fee_percent");
            percent && fee.is_null())
            fee = percent_of(due, *percent);
    }
    if (!transfer.empty()) scope.fill(intent, "transfer_data", std::move(transfer));
    intent["application_fee_amount"] = fee;
}

json::object& put_payment(const Scope& scope, const json::object& invoice, std::string_view intent,
                          bool is_default = true) {
    auto payment = begin_at(scope, "invoice_payment", "inpay_", clock_of(invoice));
    payment["amount_requested"] = invoice.at("amount_remaining");
    payment["currency"] = invoice.at("currency");
    payment["invoice"] = invoice.at("id");
    payment["is_default"] = is_default;
    payment["payment"] = {{"payment_intent", intent}, {"type", "payment_intent"}};
    payment["status"] = "open";
    return scope.put(std::move(payment));
}

/// The invoice payment with the intent, or null.
json::object* payment_by(const Scope& scope, const json::object& intent) {
    const auto page = scope.world.store.page(
        scope.account, "invoice_payment",
        {.limit = 1, .equal = {{"payment.payment_intent", std::string(text(intent, "id"))}}});
    if (page.items.empty()) return nullptr;
    return &scope.edit("invoice_payment", text(*page.items.front(), "id"));
}

/// The payment that an invoice awaits, or the latest that paid it, or the latest that did not; or
/// null.
json::object* payment_of(const Scope& scope, const json::object& invoice) {
    for (const auto* status : {"open", "paid", "canceled"}) {
        const auto page = scope.world.store.page(
            scope.account, "invoice_payment",
            {.limit = 1,
             .equal = {{"invoice", std::string(text(invoice, "id"))}, {"status", status}}});
        if (!page.items.empty())
            return &scope.edit("invoice_payment", text(*page.items.front(), "id"));
    }
    return nullptr;
}

/// What came in beyond what was due is the customer's.
void give_credit(const Scope& scope, json::object& invoice, std::int64_t amount) {
    if (amount == 0) return;
    invoice["amount_overpaid"] = integer(invoice, "amount_overpaid") + amount;
    move_credit(scope, text(invoice, "customer"),
                {.type = "invoice_overpaid",
                 .amount = -amount,
                 .currency = std::string(text(invoice, "currency")),
                 .invoice = std::string(text(invoice, "id"))});
}

/// Counts a payment towards the invoice, which is paid once nothing remains.
void credit_payment(const Scope& scope, json::object& invoice, std::int64_t received) {
    const auto remaining = integer(invoice, "amount_remaining");
    if (received >= remaining) {
        give_credit(scope, invoice, received - remaining);
        abandon_payment(scope, invoice, "");
        return mark_paid(scope, invoice, remaining);
    }
    const json::object before(invoice);
    invoice["amount_paid"] = integer(invoice, "amount_paid") + received;
    invoice["amount_remaining"] = remaining - received;
    adjust_payment(scope, invoice);
    tell_invoice(scope, before, invoice);
}

void finish_payment(const Scope& scope, json::object& payment, const json::object& intent) {
    const auto received = integer(intent, "amount_received");
    auto& invoice = scope.edit("invoice", text(payment, "invoice"));
    payment["amount_paid"] = std::min(received, integer(invoice, "amount_remaining"));
    payment["status"] = "paid";
    set(payment, "status_transitions.paid_at") = time_for(scope, invoice);
    if (text(invoice, "status") == "open" || text(invoice, "status") == "uncollectible")
        credit_payment(scope, invoice, received);
    scope.emit("invoice_payment.paid", payment);
}

// --- what is heard of intents -----------------------------------------------------------------

void heard_success(const Scope& scope, const json::object& intent) {
    if (auto* payment = payment_by(scope, intent); payment && text(*payment, "status") == "open")
        finish_payment(scope, *payment, intent);
}

/// When the next attempt is due, if the invoice is of those that are tried again.
json::value next_attempt(const Scope& scope, const json::object& invoice) {
    const auto tried = static_cast<std::size_t>(integer(invoice, "attempt_count"));
    const auto* subscription = scope.find("subscription", subscription_of(invoice));
    const bool first_payment = subscription && text(*subscription, "status") == "incomplete";
    if (!flag(invoice, "auto_advance") || first_payment || tried > retries.size() ||
        text(invoice, "collection_method") != "charge_automatically")
        return nullptr;
    return time_for(scope, invoice) + retries[tried - 1];
}

/// After the first attempt, only those by the schedule count.
bool counts(const Scope& scope, const json::object& invoice) {
    return !scope.world.cause || integer(invoice, "attempt_count") == 0;
}

void note_attempt(const Scope& scope, json::object& invoice, std::string_view event,
                  bool try_again = true) {
    if (!counts(scope, invoice)) return scope.emit(event, invoice);
    const json::object before(invoice);
    invoice["attempt_count"] = integer(invoice, "attempt_count") + 1;
    invoice["attempted"] = true;
    invoice["next_payment_attempt"] =
        try_again ? next_attempt(scope, invoice) : json::value(nullptr);
    if (has(invoice, "next_payment_attempt"))
        schedule_at(scope, invoice, integer(invoice, "next_payment_attempt"), "invoice.retry");
    scope.emit(event, invoice);
    tell_invoice(scope, before, invoice);
}

void heard_failure(const Scope& scope, const json::object& intent, std::string_view event) {
    const auto* payment = payment_by(scope, intent);
    if (!payment || text(*payment, "status") != "open") return;
    note_attempt(scope, scope.edit("invoice", text(*payment, "invoice")), event);
}

// --- tasks ------------------------------------------------------------------------------------

void advance(Scope& scope, std::string_view id) {
    auto* invoice = scope.world.store.edit(scope.account, "invoice", id);
    if (!invoice || !flag(*invoice, "auto_advance") ||
        !scope.find("customer", text(*invoice, "customer")))
        return;
    if (text(*invoice, "status") == "draft") {
        const json::object before(*invoice);
        finalize_invoice(scope, *invoice);
        tell_invoice(scope, before, *invoice);
    }
    if (text(*invoice, "status") != "open" || flag(*invoice, "attempted")) return;
    if (text(*invoice, "collection_method") == "send_invoice")
        scope.emit("invoice.sent", *invoice);
    else
        static_cast<void>(collect(scope, *invoice));
}

void retry(Scope& scope, std::string_view id) {
    auto& invoice = scope.edit("invoice", id);
    const bool due = text(invoice, "status") == "open" && has(invoice, "next_payment_attempt") &&
                     integer(invoice, "next_payment_attempt") <= time_for(scope, invoice);
    if (due) static_cast<void>(collect(scope, invoice));
}

void come_due(Scope& scope, std::string_view id) {
    const auto* invoice = scope.find("invoice", id);
    if (invoice && text(*invoice, "status") == "open") scope.emit("invoice.overdue", *invoice);
}

/// How this method is charged when its owner may not be there: those that were set up for it pass.
Attempt attempt_with(const json::object& method) {
    const auto& card = card_of(method);
    const bool kept = has(method, "customer");
    Attempt attempt;
    attempt.authenticated = kept && course_of(text(method, "type")) == Course::redirect;
    attempt.off_session = card.authentication == Authentication::set_up_already ||
                          (card.authentication == Authentication::unless_set_up && kept);
    return attempt;
}

StripeError nothing_to_pay_with() {
    return invalid(
               "This customer has no attached payment source or default payment method. Please "
               "consider adding a default payment method. For more information, visit "
               "https://stripe.com/docs/billing/subscriptions/payment-methods-setting.")
        .code("resource_missing");
}

StripeError action_required(const json::object& intent) {
    return card_error("invoice_payment_intent_requires_action",
                      "This payment requires additional user action before it can be completed "
                      "successfully. Payment can be completed using the PaymentIntent associated "
                      "with the invoice. For more information see: "
                      "https://stripe.com/docs/billing/subscriptions/overview#requires-action")
        .with("payment_intent", intent)
        .lasting();
}

}  // namespace

json::object& open_payment(const Scope& scope, const json::object& invoice) {
    auto intent =
        begin_intent(scope, integer(invoice, "amount_remaining"), text(invoice, "currency"));
    intent["customer"] = invoice.at("customer");
    intent["description"] = text_or_null(purpose_of(invoice));
    intent["on_behalf_of"] = invoice.at("on_behalf_of");
    scope.fill(intent, "payment_details", {{"order_reference", invoice.at("id")}});
    intent["statement_descriptor"] = invoice.at("statement_descriptor");
    if (!subscription_of(invoice).empty()) intent["setup_future_usage"] = "off_session";
    intent["payment_method"] = text_or_null(payment_method_for(scope, invoice));
    share_with(scope, intent, invoice);
    auto& stored = put_intent(scope, std::move(intent));
    put_payment(scope, invoice, text(stored, "id"));
    return stored;
}

void take_payment(const Scope& scope, const json::object& invoice, std::string_view intent,
                  bool is_default) {
    finish_payment(scope, put_payment(scope, invoice, intent, is_default),
                   scope.get("payment_intent", intent));
}

void abandon_payment(const Scope& scope, const json::object& invoice, std::string_view reason) {
    auto* payment = payment_of(scope, invoice);
    if (!payment || text(*payment, "status") != "open") return;
    (*payment)["status"] = "canceled";
    set(*payment, "status_transitions.canceled_at") = time_for(scope, invoice);
    auto& intent = scope.edit("payment_intent", text(*payment, "payment.payment_intent"));
    if (text(intent, "status") != "canceled" && text(intent, "status") != "succeeded")
        cancel_intent(scope, intent, reason);
}

const json::object* invoice_of(const Scope& scope, const json::object& intent) {
    const auto* payment = payment_by(scope, intent);
    return payment ? scope.find("invoice", text(*payment, "invoice")) : nullptr;
}

json::object* intent_of(const Scope& scope, const json::object& invoice) {
    const auto* payment = payment_of(scope, invoice);
    if (!payment) return nullptr;
    return &scope.edit("payment_intent", text(*payment, "payment.payment_intent"));
}

std::string payment_method_for(const Scope& scope, const json::object& invoice) {
    if (has(invoice, "default_payment_method"))
        return std::string(text(invoice, "default_payment_method"));
    const auto* subscription = scope.find("subscription", subscription_of(invoice));
    if (subscription && has(*subscription, "default_payment_method"))
        return std::string(text(*subscription, "default_payment_method"));
    const auto* customer = scope.find("customer", text(invoice, "customer"));
    if (!customer) return "";
    if (has(*customer, "invoice_settings.default_payment_method"))
        return std::string(text(*customer, "invoice_settings.default_payment_method"));
    return std::string(text(*customer, "default_source"));
}

std::optional<StripeError> foreseen_refusal(const Scope& scope, std::string_view method) {
    if (method.empty()) return nothing_to_pay_with();
    const auto& document = payment_method(scope, method);
    const auto& card = card_of(document);
    if (text(document, "type") != "card") return std::nullopt;
    if (!card.code.empty()) return decline(card);
    const auto attempt = attempt_with(document);
    if (card.authentication == Authentication::none || attempt.off_session) return std::nullopt;
    return card_error("subscription_payment_intent_requires_action",
                      "This payment requires additional user action before it can be completed "
                      "successfully.");
}

std::optional<StripeError> collect(const Scope& scope, json::object& invoice,
                                   std::string_view method) {
    auto* intent = intent_of(scope, invoice);
    if (!intent || text(*intent, "status") == "processing") return std::nullopt;
    // Of an invoice that was given up, or paid only in part, the intent is through.
    if (text(*intent, "status") == "canceled" || text(*intent, "status") == "succeeded")
        intent = &open_payment(scope, invoice);
    const auto own = method.empty() ? payment_method_for(scope, invoice) : std::string(method);
    if (own.empty()) {
        // There is nothing to try again with, until somebody pays the invoice by hand.
        note_attempt(scope, invoice, "invoice.payment_failed", false);
        return nothing_to_pay_with();
    }
    const auto& document = payment_method(scope, own);
    // One of a test id is nobody's yet.
    if (!method.empty() && has(document, "customer"))
        check_attached(scope, text(document, "id"), text(invoice, "customer"), "payment_method");
    (*intent)["payment_method"] = document.at("id");
    auto refusal = attempt_payment(scope, *intent, attempt_with(document));
    if (refusal) return refusal;
    if (text(*intent, "status") == "requires_action") return action_required(*intent);
    return std::nullopt;
}

bool given_up(const json::object& invoice) {
    return flag(invoice, "auto_advance") && !has(invoice, "next_payment_attempt") &&
           std::cmp_greater(integer(invoice, "attempt_count"), retries.size());
}

void adjust_payment(const Scope& scope, const json::object& invoice) {
    auto* payment = payment_of(scope, invoice);
    if (!payment || text(*payment, "status") != "open") return;
    auto& intent = scope.edit("payment_intent", text(*payment, "payment.payment_intent"));
    intent["amount"] = invoice.at("amount_remaining");
    share_with(scope, intent, invoice);
    (*payment)["amount_requested"] = invoice.at("amount_remaining");
}

void advance_later(const Scope& scope, json::object& invoice) {
    invoice["auto_advance"] = true;
    const auto when = integer(invoice, "created") + draft_lasts;
    if (text(invoice, "status") == "draft") invoice["automatically_finalizes_at"] = when;
    schedule_at(scope, invoice, when, "invoice.advance");
}

void add_collecting(Routes& on) {
    on.watch("payment_intent.succeeded", heard_success);
    on.watch("payment_intent.payment_failed", [](const Scope& scope, const json::object& intent) {
        heard_failure(scope, intent, "invoice.payment_failed");
    });
    on.watch("payment_intent.requires_action", [](const Scope& scope, const json::object& intent) {
        heard_failure(scope, intent, "invoice.payment_action_required");
    });
    on.task("invoice.advance", advance);
    on.task("invoice.retry", retry);
    on.task("invoice.due", come_due);
}

}  // namespace daybook::sim
