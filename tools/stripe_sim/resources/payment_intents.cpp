// Payment intents: their parameters, and who may do what when.
#include <tools/stripe_sim/amount_details.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/checkout/outcome.hpp>
#include <tools/stripe_sim/destinations.hpp>
#include <tools/stripe_sim/microdeposits.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/resources/charges.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr Names plain = {"application_fee_amount",
                         "capture_method",
                         "customer_account",
                         "description",
                         "excluded_payment_method_types",
                         "hooks",
                         "on_behalf_of",
                         "payment_details",
                         "receipt_email",
                         "setup_future_usage",
                         "shipping",
                         "statement_descriptor",
                         "statement_descriptor_suffix",
                         "transfer_group"};

// --- parameters -------------------------------------------------------------------------------

void apply_method(Call& call, json::object& intent) {
    if (call.has("payment_method_data"))
        intent["payment_method"] =
            make_payment_method(call, call.object("payment_method_data")).at("id");
    else if (call.has("confirmation_token"))
        intent["payment_method"] =
            method_of_token(call, call.text("confirmation_token"), intent).at("id");
    else if (call.has("payment_method"))
        intent["payment_method"] = payment_method(call, call.text("payment_method")).at("id");
    else
        return;
    const auto& method = call.get("payment_method", text(intent, "payment_method"));
    const auto owner = text(method, "customer");
    if (!owner.empty() && owner != text(intent, "customer"))
        throw invalid(
            fmt::format("The payment method {} belongs to a Customer. Please include that "
                        "Customer in the `customer` parameter on the PaymentIntent.",
                        text(method, "id")))
            .param("payment_method");
}

void apply_types(Call& call, json::object& intent) {
    // The CLI still names them as older versions did.
    for (const auto* name : {"allowed_payment_method_types", "payment_method_types"})
        if (call.has(name)) intent["payment_method_types"] = call.array(name);
    if (call.has("allowed_payment_method_types"))
        call.copy(intent, {"allowed_payment_method_types"});
    if (call.has("payment_method_types")) intent["automatic_payment_methods"] = nullptr;
}

void apply(Call& call, json::object& intent) {
    if (call.has("customer")) {
        static_cast<void>(call.get("customer", call.text("customer"), "customer"));
        call.copy(intent, {"customer"});
    }
    call.copy(intent, plain);
    call.copy_metadata(intent);
    apply_types(call, intent);
    copy_amount_details(call, intent);
    copy_verification_method(call, intent);
    apply_destination(call, intent);
    apply_method(call, intent);
}

// --- states -----------------------------------------------------------------------------------

StripeError unexpected(const json::object& intent, std::string_view message) {
    return invalid(message).code("payment_intent_unexpected_state").with("payment_intent", intent);
}

/// Throws unless the intent's status is one of `allowed`.
void require_status(const json::object& intent, std::string_view verb, std::string_view done,
                    std::initializer_list<std::string_view> allowed) {
    const auto status = text(intent, "status");
    if (std::ranges::find(allowed, status) != allowed.end()) return;
    throw unexpected(
        intent,
        fmt::format("You cannot {} this PaymentIntent because it has a status of {}. Only a "
                    "PaymentIntent with one of the following statuses may be {}: {}.",
                    verb, status, done, fmt::join(allowed, ", ")));
}

// --- verbs ------------------------------------------------------------------------------------

/// A method that may redirect needs a way back. Clients that name no version, such as the CLI, are
/// of an age in which that was not asked.
void check_return_url(const Call& call, const json::object& intent, const Attempt& attempt) {
    const bool may_redirect = flag(intent, "automatic_payment_methods.enabled") &&
                              text(intent, "automatic_payment_methods.allow_redirects") != "never";
    if (!may_redirect || attempt.off_session || attempt.use_sdk || !attempt.return_url.empty() ||
        call.version.empty())
        return;
    throw invalid(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "
        "Because some of these payment methods might redirect your customer off of your page, you "
        "must provide a `return_url`. If you don't want to accept redirect-based payment methods, "
        "set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
        "Payment Intents.");
}

void try_to_pay(Call& call, json::object& intent) {
    if (!has(intent, "payment_method"))
        throw unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment "
            "method. You can either update the PaymentIntent with a payment method and "
            "then confirm it again, or confirm it again directly with a payment method "
            "or ConfirmationToken.");
    Attempt attempt;
    attempt.off_session = call.flag("off_session") || !call.text("off_session").empty();
    attempt.error_on_action = call.flag("error_on_requires_action");
    attempt.use_sdk = call.flag("use_stripe_sdk");
    attempt.return_url = call.text("return_url");
    check_return_url(call, intent, attempt);
    const auto refusal = attempt_payment(call, intent, attempt);
    if (refusal) throw StripeError(*refusal);
}

json::object create(Call& call) {
    const auto currency = checked_currency(call.text("currency"));
    check_charge_amount(call.integer("amount"), currency);
    auto intent = begin_intent(call, call.integer("amount"), currency);
    call.fill(intent, "automatic_payment_methods",
              {{"allow_redirects", "always"}, {"enabled", true}});
    if (call.has("automatic_payment_methods")) {
        json::object methods(call.object("automatic_payment_methods"));
        if (!methods.contains("allow_redirects")) methods["allow_redirects"] = "always";
        intent["automatic_payment_methods"] = std::move(methods);
    }
    call.copy(intent, {"confirmation_method"});
    apply(call, intent);
    if (call.has("return_url") && !call.flag("confirm"))
        throw invalid("You cannot provide a return_url unless confirm is true.")
            .param("return_url");
    auto& stored = put_intent(call, std::move(intent));
    if (call.flag("confirm")) try_to_pay(call, stored);
    return stored;
}

json::object retrieve(Call& call) {
    const auto& intent = call.get("payment_intent", call.id("intent"), "intent");
    call.check_client_secret(intent);
    return intent;
}

json::object update(Call& call) {
    auto& stored = call.edit("payment_intent", call.id("intent"), "intent");
    require_status(stored, "update", "updated",
                   {"requires_payment_method", "requires_confirmation", "requires_action"});
    json::object intent(stored);
    if (call.has("currency")) intent["currency"] = checked_currency(call.text("currency"));
    call.copy(intent, {"amount"});
    check_charge_amount(integer(intent, "amount"), text(intent, "currency"));
    apply(call, intent);
    if (text(intent, "status") != "requires_action")
        intent["status"] =
            has(intent, "payment_method") ? "requires_confirmation" : "requires_payment_method";
    stored = std::move(intent);
    return stored;
}

json::object confirm(Call& call) {
    auto& stored = call.edit("payment_intent", call.id("intent"), "intent");
    call.check_client_secret(stored);
    json::object intent(stored);
    const auto status = text(intent, "status");
    if (status == "succeeded")
        throw unexpected(intent,
                         "You cannot confirm this PaymentIntent because it has already succeeded "
                         "after being previously confirmed.");
    require_status(intent, "confirm", "confirmed",
                   {"requires_payment_method", "requires_confirmation", "requires_action"});
    if (call.has("amount_to_confirm") &&
        call.integer("amount_to_confirm") != integer(intent, "amount"))
        throw invalid("The amount to confirm is not the amount of the PaymentIntent.")
            .param("amount_to_confirm");
    apply(call, intent);
    stored = std::move(intent);
    try_to_pay(call, stored);
    return stored;
}

/// `parameter` names the one that says how much of it.
json::object& capture_part(Call& call, json::object& intent, std::string_view parameter) {
    require_status(intent, "capture", "captured", {"requires_capture"});
    const auto capturable = integer(intent, "amount_capturable");
    const auto amount = call.integer(parameter, capturable);
    if (amount > capturable)
        throw invalid(fmt::format("The {} must be less than or equal to the amount capturable: {}.",
                                  parameter, shown_amount(capturable, text(intent, "currency"))))
            .code("amount_too_large")
            .param(parameter);
    check_charge_amount(amount, text(intent, "currency"), parameter);
    call.copy(intent,
              {"application_fee_amount", "statement_descriptor", "statement_descriptor_suffix"});
    apply_destination(call, intent);
    call.copy_metadata(intent);
    auto& charge = call.edit("charge", text(intent, "latest_charge"));
    charge["application_fee_amount"] = intent.at("application_fee_amount");
    if (call.has("transfer_data.amount"))
        set(charge, "transfer_data.amount") = call.integer("transfer_data.amount");
    capture_intent(call, intent, amount);
    return intent;
}

json::object capture(Call& call) {
    auto& intent = call.edit("payment_intent", call.id("intent"), "intent");
    return capture_part(call, intent, "amount_to_capture");
}

/// The older way to the same end. A charge that was made without an intent knows no other.
json::object capture_by_charge(Call& call) {
    const auto& charge = call.get("charge", call.id("charge"), "charge");
    if (flag(charge, "captured"))
        throw invalid(fmt::format("Charge {} has already been captured.", call.id("charge")))
            .code("charge_already_captured");
    if (!has(charge, "payment_intent"))
        return capture_of_itself(call, call.edit("charge", call.id("charge")));
    capture_part(call, call.edit("payment_intent", text(charge, "payment_intent")), "amount");
    return charge;
}

/// What a checkout session or an invoice is paid with ends with it, unless it is authorised.
void check_nobody_waits(const Call& call, const json::object& intent) {
    if (text(intent, "status") == "requires_capture") return;
    const auto* session = session_of(call, intent);
    if (session && text(*session, "status") == "open")
        throw unexpected(intent,
                         "You cannot cancel this PaymentIntent because it was created by a "
                         "Checkout Session. Expire the Checkout Session instead.");
    const auto open = call.world.store.page(
        call.account, "invoice_payment",
        {.limit = 1,
         .equal = {{"payment.payment_intent", std::string(text(intent, "id"))},
                   {"status", "open"}}});
    if (!open.items.empty())
        throw unexpected(intent,
                         "You cannot cancel this PaymentIntent because it was created by an "
                         "Invoice. Void the Invoice instead.");
}

json::object verify(Call& call) {
    auto& intent = call.edit("payment_intent", call.id("intent"), "intent");
    call.check_client_secret(intent);
    check_microdeposits(call, intent);
    finish_action(call, intent, true);
    return intent;
}

json::object cancel(Call& call) {
    auto& intent = call.edit("payment_intent", call.id("intent"), "intent");
    check_nobody_waits(call, intent);
    require_status(intent, "cancel", "canceled",
                   {"requires_payment_method", "requires_capture", "requires_confirmation",
                    "requires_action", "processing"});
    cancel_intent(call, intent, call.text("cancellation_reason"));
    return intent;
}

json::object increment(Call& call) {
    auto& intent = call.edit("payment_intent", call.id("intent"), "intent");
    require_status(intent, "increment the authorization of", "incremented", {"requires_capture"});
    const auto amount = call.integer("amount");
    if (amount <= integer(intent, "amount"))
        throw invalid("The amount must be greater than the currently authorized amount.")
            .param("amount");
    check_charge_amount(amount, text(intent, "currency"));
    auto& charge = call.edit("charge", text(intent, "latest_charge"));
    const json::object before(charge);
    intent["amount"] = amount;
    intent["amount_capturable"] = amount;
    charge["amount"] = amount;
    set(charge, "payment_method_details.card.amount_authorized") = amount;
    call.copy(intent, {"application_fee_amount", "description"});
    charge["application_fee_amount"] = intent.at("application_fee_amount");
    call.copy_metadata(intent);
    call.emit_changed("charge.updated", before, charge);
    call.emit("payment_intent.amount_capturable_updated", intent);
    return intent;
}

}  // namespace

void add_payment_intents(Routes& on) {
    add_payment_tasks(on);
    on.index("payment_intent", "customer");
    on("POST", "/v1/payment_intents", create);
    on("GET", "/v1/payment_intents/{intent}", retrieve);
    on.list("/v1/payment_intents", {"customer"});
    on.search("/v1/payment_intents/search");
    on("POST", "/v1/payment_intents/{intent}", update);
    on("POST", "/v1/payment_intents/{intent}/confirm", confirm);
    on("POST", "/v1/payment_intents/{intent}/capture", capture);
    on("POST", "/v1/charges/{charge}/capture", capture_by_charge);
    on("POST", "/v1/payment_intents/{intent}/cancel", cancel);
    on("POST", "/v1/payment_intents/{intent}/verify_microdeposits", verify);
    on.browser("POST", "/v1/payment_intents/{intent}/verify_microdeposits");
    on("POST", "/v1/payment_intents/{intent}/increment_authorization", increment);
    on.browser("GET", "/v1/payment_intents/{intent}");
    on.browser("POST", "/v1/payment_intents/{intent}/confirm");
}

}  // namespace daybook::sim
