// Sessions pay through payment intents and learn from their events how it went.
#include <tools/stripe_sim/checkout/submission.hpp>

#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/checkout/outcome.hpp>
#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/setups.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Names payment_members = {"application_fee_amount",
                                   "capture_method",
                                   "description",
                                   "on_behalf_of",
                                   "receipt_email",
                                   "setup_future_usage",
                                   "shipping",
                                   "statement_descriptor",
                                   "statement_descriptor_suffix",
                                   "transfer_data",
                                   "transfer_group"};
constexpr Names setup_members = {"description", "on_behalf_of"};

void take(const Scope& scope, json::object& intent, const json::object& data, Names names) {
    for (const auto name : names)
        if (has(data, name)) scope.fill(intent, name, data.at(name));
    Call::merge_metadata(intent, data);
}

// --- the buyer --------------------------------------------------------------------------------

/// Payments leave a customer behind only where one is asked for; subscriptions always do.
bool needs_customer(const Scope& scope, const json::object& session) {
    return text(session, "mode") != "payment" || text(session, "customer_creation") == "always" ||
           flag(session, "invoice_creation.enabled") ||
           has(noted(scope, session), "payment_intent_data.setup_future_usage");
}

json::value make_customer(const Scope& scope, const json::object& details) {
    auto customer = scope.begin("customer", "cus_");
    customer["invoice_prefix"] = scope.world.ids.letters(8);
    customer["next_invoice_sequence"] = 1;
    customer["tax_exempt"] = "none";
    for (const auto* name : {"address", "email", "name", "phone"})
        customer[name] = details.at(name);
    const auto& stored = scope.put(std::move(customer));
    scope.emit("customer.created", stored);
    return stored.at("id");
}

void note_buyer(const Scope& scope, json::object& session, const json::object& billing,
                std::string_view email) {
    json::object details{{"tax_exempt", "none"}, {"tax_ids", json::array()}};
    for (const auto* name : {"address", "email", "name", "phone"})
        if (has(billing, name)) details[name] = billing.at(name);
    if (!email.empty()) details["email"] = json::string(email);
    if (has(session, "customer_email")) details["email"] = session.at("customer_email");
    if (has(session, "customer")) {
        const auto& customer = scope.get("customer", text(session, "customer"), "customer");
        for (const auto* name : {"email", "name", "phone"})
            if (has(customer, name)) details[name] = customer.at(name);
    }
    scope.fill(session, "customer_details", std::move(details));
    if (!has(session, "customer") && needs_customer(scope, session))
        session["customer"] = make_customer(scope, object(session, "customer_details"));
}

// --- the intents ------------------------------------------------------------------------------

Attempt attempt_of(const Scope& scope, const json::object& session, const json::object& method) {
    Attempt attempt;
    attempt.use_sdk = text(method, "type") == "card";
    if (has(session, "url") || !has(session, "return_url"))
        attempt.return_url =
            fmt::format("{}/_sim/checkout/{}{}{}", scope.world.base_url, text(session, "id"),
                        scope.is_platform() ? "" : "?account=", scope.account);
    else
        attempt.return_url = address_after(session, text(session, "return_url"));
    return attempt;
}

/// The session's payment intent: of an earlier attempt, or new.
json::object& payment_of(const Scope& scope, json::object& session, std::int64_t amount,
                         const json::value& method) {
    auto& notes = hidden(scope, session);
    if (text(notes, "intent").starts_with("pi_")) {
        auto& intent = scope.edit("payment_intent", text(notes, "intent"));
        intent["amount"] = amount;
        intent["payment_method"] = method;
        return intent;
    }
    auto intent = begin_intent(scope, amount, text(session, "currency"));
    intent["customer"] = session.at("customer");
    intent["payment_method"] = method;
    intent["payment_method_types"] = session.at("payment_method_types");
    take(scope, intent, object(notes, "payment_intent_data"), payment_members);
    if (text(session, "mode") == "subscription") intent["setup_future_usage"] = "off_session";
    notes["intent"] = intent.at("id");
    if (text(session, "mode") == "payment") session["payment_intent"] = intent.at("id");
    return put_intent(scope, std::move(intent));
}

json::object& setup_of(const Scope& scope, json::object& session, const json::value& method) {
    auto& notes = hidden(scope, session);
    if (text(notes, "intent").starts_with("seti_")) {
        auto& intent = scope.edit("setup_intent", text(notes, "intent"));
        intent["customer"] = session.at("customer");
        intent["payment_method"] = method;
        return intent;
    }
    auto intent = begin_setup_intent(scope);
    intent["customer"] = session.at("customer");
    intent["payment_method"] = method;
    intent["payment_method_types"] = session.at("payment_method_types");
    take(scope, intent, object(notes, "setup_intent_data"), setup_members);
    notes["intent"] = intent.at("id");
    if (text(session, "mode") == "setup") session["setup_intent"] = intent.at("id");
    return put_setup_intent(scope, std::move(intent));
}

void check_open(const json::object& session) {
    if (text(session, "status") == "open") return;
    throw invalid(fmt::format("This Checkout Session is {} and can no longer be submitted.",
                              text(session, "status")))
        .code("checkout_session_not_open");
}

void check_type(const json::object& session, const json::object& method) {
    const auto& types = array(session, "payment_method_types");
    if (std::ranges::find(types, method.at("type")) != types.end()) return;
    throw invalid(fmt::format("The payment method type {} is not allowed for this Checkout "
                              "Session.",
                              text(method, "type")))
        .param("payment_method");
}

/// Where nothing is due and nothing is to be stored.
void submit_without_method(const Scope& scope, json::object& session, std::string_view email) {
    if (text(session, "payment_status") != "no_payment_required" ||
        text(session, "payment_method_collection") == "always")
        throw missing_param("payment_method");
    note_buyer(scope, session, {}, email);
    complete_session(scope, session);
}

}  // namespace

void begin_setup(const Scope& scope, json::object& session) {
    static_cast<void>(setup_of(scope, session, nullptr));
}

std::string address_after(const json::object& session, std::string_view url) {
    constexpr std::string_view placeholder = "{CHECKOUT_SESSION_ID}";
    std::string address(url);
    for (auto at = address.find(placeholder); at != std::string::npos;
         at = address.find(placeholder))
        address.replace(at, placeholder.size(), text(session, "id"));
    return address;
}

const json::object* awaited_intent(const Scope& scope, const json::object& session) {
    const auto id = text(noted(scope, session), "intent");
    return scope.find(id.starts_with("seti_") ? "setup_intent" : "payment_intent", id);
}

void submit_session(const Scope& scope, json::object& session, const Submission& submission) {
    check_open(session);
    static_cast<void>(
        reductions_for(scope, array(session, "discounts"), "discounts", text(session, "customer")));
    if (submission.payment_method.empty()) {
        submit_without_method(scope, session, submission.email);
        return;
    }
    const auto& method = payment_method(scope, submission.payment_method);
    check_type(session, method);
    note_buyer(scope, session, object(method, "billing_details"), submission.email);
    hidden(scope, session)["payment_method"] = method.at("id");
    const auto attempt = attempt_of(scope, session, method);
    const auto due = text(session, "mode") == "setup" ? 0 : due_now(scope, session);
    std::optional<StripeError> refusal;
    if (due > 0)
        refusal = attempt_payment(scope, payment_of(scope, session, due, method.at("id")), attempt);
    else if (text(session, "mode") == "payment")
        complete_session(scope, session);
    else
        refusal = attempt_setup(scope, setup_of(scope, session, method.at("id")), attempt);
    if (refusal) throw StripeError(*refusal);
}

void expire_session(const Scope& scope, json::object& session) {
    session["status"] = "expired";
    session["url"] = nullptr;
    const auto* intent = awaited_intent(scope, session);
    if (intent && text(*intent, "status") != "canceled") {
        const auto id = text(*intent, "id");
        if (text(*intent, "object") == "payment_intent")
            cancel_intent(scope, scope.edit("payment_intent", id), "expired");
        else
            cancel_setup_intent(scope, scope.edit("setup_intent", id), "abandoned");
    }
    scope.emit("checkout.session.expired", session);
}

}  // namespace daybook::sim
