// Completion, at once or when a delayed payment is known.
#include <tools/stripe_sim/checkout/outcome.hpp>

#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/subscribing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/checkout/basket.hpp>
#include <tools/stripe_sim/checkout/submission.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

void subscribe_buyer(const Scope& scope, json::object& session) {
    const auto& notes = noted(scope, session);
    Subscribing how{.checked_out = true};
    if (text(notes, "intent").starts_with("pi_")) how.paid_by = text(notes, "intent");
    auto params = subscription_params(scope, session);
    if (has(notes, "payment_method")) params["default_payment_method"] = notes.at("payment_method");
    const auto& subscription = subscribe(scope, params, how);
    session["subscription"] = subscription.at("id");
    session["invoice"] = subscription.at("latest_invoice");
}

/// One line per item, at what was paid for it, as the totals of the invoice are those of the
/// session.
void invoice_buyer(const Scope& scope, json::object& session) {
    std::vector<InvoiceLine> lines;
    const std::string currency(text(session, "currency"));
    const auto add = [&](std::int64_t amount, std::string_view description) {
        lines.push_back(begin_line(scope, {.amount = amount,
                                           .currency = currency,
                                           .description = std::string(description),
                                           .from = scope.now(),
                                           .to = scope.now()}));
    };
    for (const auto& value : basket_of(scope, session).items) {
        const auto& item = value.as_object();
        add(integer(item, "amount_total"), text(item, "description"));
    }
    if (const auto shipping = integer(session, "shipping_cost.amount_total"); shipping > 0)
        add(shipping, "Shipping");
    const auto& customer = scope.get("customer", text(session, "customer"));
    const auto& invoice = make_paid_invoice(scope, customer, currency, std::move(lines),
                                            text(session, "payment_intent"));
    session["invoice"] = invoice.at("id");
}

void redeem_discounts(const Scope& scope, const json::object& session) {
    const std::string customer(text(session, "customer"));
    const auto reductions =
        reductions_for(scope, array(session, "discounts"), "discounts", customer, Claim::promised);
    static_cast<void>(
        redeem_all(scope, reductions,
                   {.customer = customer, .checkout_session = std::string(text(session, "id"))}));
}

/// What the buyer gets once the money is there, or nothing is due.
void deliver(const Scope& scope, json::object& session) {
    if (text(session, "mode") == "subscription")
        subscribe_buyer(scope, session);
    else if (flag(session, "invoice_creation.enabled") && has(session, "payment_intent"))
        invoice_buyer(scope, session);
}

// --- following the intents ----------------------------------------------------------------------

void on_succeeded(const Scope& scope, const json::object& intent) {
    auto* session = session_of(scope, intent);
    if (!session || text(*session, "status") == "expired") return;
    const bool late = text(*session, "status") == "complete";
    if (late && text(*session, "payment_status") == "paid") return;
    (*session)["payment_status"] = "paid";
    if (!late) {
        complete_session(scope, *session);
        return;
    }
    deliver(scope, *session);
    // A manual capture is the shop's own doing, which Stripe does not announce.
    if (text(intent, "capture_method") != "manual")
        scope.emit("checkout.session.async_payment_succeeded", *session);
}

void on_pending(const Scope& scope, const json::object& intent) {
    auto* session = session_of(scope, intent);
    if (session && text(*session, "status") == "open") complete_session(scope, *session);
}

void on_failed(const Scope& scope, const json::object& intent) {
    const auto* session = session_of(scope, intent);
    if (session && text(*session, "status") == "complete" &&
        text(*session, "payment_status") == "unpaid")
        scope.emit("checkout.session.async_payment_failed", *session);
}

}  // namespace

json::object* session_of(const Scope& scope, const json::object& intent) {
    const auto notes = scope.world.store.page(
        scope.account, "checkout.session.hidden",
        {.limit = 1, .equal = {{"intent", std::string(text(intent, "id"))}}});
    if (notes.items.empty()) return nullptr;
    return &scope.edit("checkout.session", text(*notes.items.front(), "id"));
}

json::object subscription_params(const Scope& scope, const json::object& session) {
    json::object params(object(noted(scope, session), "subscription_data"));
    params["customer"] = session.at("customer");
    add_subscription_items(basket_of(scope, session), params);
    json::array discounts;
    for (const auto& value : array(session, "discounts"))
        for (const auto* name : {"coupon", "promotion_code"})
            if (has(value.as_object(), name))
                discounts.push_back({{name, value.as_object().at(name)}});
    if (!discounts.empty()) params["discounts"] = std::move(discounts);
    return params;
}

std::int64_t due_now(const Scope& scope, const json::object& session) {
    if (text(session, "mode") != "subscription") return integer(session, "amount_total");
    return first_amount(scope, subscription_params(scope, session));
}

void complete_session(const Scope& scope, json::object& session) {
    session["status"] = "complete";
    session["url"] = nullptr;
    if (text(session, "mode") == "payment") redeem_discounts(scope, session);
    if (text(session, "payment_status") != "unpaid") deliver(scope, session);
    scope.emit("checkout.session.completed", session);
}

void add_submissions(Routes& on) {
    on.index("checkout.session.hidden", "intent");
    on.watch("payment_intent.succeeded", on_succeeded);
    on.watch("payment_intent.processing", on_pending);
    on.watch("payment_intent.amount_capturable_updated", on_pending);
    on.watch("payment_intent.payment_failed", on_failed);
    on.watch("setup_intent.succeeded", on_pending);
}

}  // namespace daybook::sim
