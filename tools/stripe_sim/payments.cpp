// The life of a payment intent after it was made.
#include <tools/stripe_sim/payments.hpp>

#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/cash.hpp>
#include <tools/stripe_sim/microdeposits.hpp>
#include <tools/stripe_sim/resources/charges.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <array>

namespace daybook::sim {
namespace {

/// In test mode bank debits take moments.
constexpr Seconds debit_takes = 5;
constexpr Seconds authorisation_lasts = 7 * day;

void reset(json::object& intent) {
    intent["next_action"] = nullptr;
    intent["last_payment_error"] = nullptr;
}

// --- refusals ---------------------------------------------------------------------------------

/// What stays of a refusal on the intent.
json::object last_error(const StripeError& error) {
    json::object kept = error.body("").at("error").as_object();
    drop(kept, "payment_intent");
    return kept;
}

/// The attempt is over, the intent waits for another payment method.
StripeError fail(const Scope& scope, json::object& intent, StripeError error,
                 bool with_charge = true) {
    const json::object method(
        scope.get("payment_method", text(intent, "payment_method"), "payment_method"));
    const json::object* charge = nullptr;
    if (with_charge) {
        auto& failed = make_charge(scope, intent, ChargeStatus::failed);
        failed["failure_code"] = error.members().at("code");
        failed["failure_message"] = error.members().at("message");
        error.with("charge", failed.at("id"));
        charge = &failed;
    }
    error.with("payment_method", method);
    reset(intent);
    intent["last_payment_error"] = last_error(error);
    intent["payment_method"] = nullptr;
    intent["status"] = "requires_payment_method";
    if (charge) scope.emit("charge.failed", *charge);
    scope.emit("payment_intent.payment_failed", intent);
    return error.with("payment_intent", intent).lasting();
}

StripeError authentication_required() {
    return card_error("authentication_required",
                      "Your card was declined. This transaction requires authentication.")
        .decline_code("authentication_required");
}

// --- the buyer's part -------------------------------------------------------------------------

enum class Buyer { not_needed, needed, missing };

Buyer buyer_of(const json::object& intent, const json::object& method, const Card& card,
               const Attempt& attempt) {
    const auto type = text(method, "type");
    if (attempt.authenticated) return Buyer::not_needed;
    if (course_of(type) == Course::redirect)
        return attempt.off_session ? Buyer::missing : Buyer::needed;
    if (needs_microdeposits(intent, method))
        return attempt.off_session ? Buyer::missing : Buyer::needed;
    if (type != "card") return Buyer::not_needed;
    const bool challenged = card.authentication != Authentication::none;
    const bool set_up =
        card.authentication == Authentication::set_up_already ||
        (card.authentication == Authentication::unless_set_up && has(method, "customer"));
    if (!challenged || (set_up && attempt.off_session)) return Buyer::not_needed;
    if (card.authentication == Authentication::lookup_fails) return Buyer::not_needed;
    return attempt.off_session ? Buyer::missing : Buyer::needed;
}

void ask_buyer(const Scope& scope, json::object& intent, const json::object& method,
               const Attempt& attempt) {
    intent["next_action"] = needs_microdeposits(intent, method)
                                ? microdeposits_action(scope, intent)
                                : buyers_action(scope, intent, method, attempt);
    intent["status"] = "requires_action";
    scope.emit("payment_intent.requires_action", intent);
}

// --- success ----------------------------------------------------------------------------------

/// A payment method that is to be used again belongs to the customer from now on.
void keep_method(const Scope& scope, const json::object& intent) {
    if (!has(intent, "setup_future_usage") || !has(intent, "customer")) return;
    auto& method = scope.edit("payment_method", text(intent, "payment_method"));
    if (has(method, "customer")) return;
    method["customer"] = intent.at("customer");
    scope.emit("payment_method.attached", method);
}

void succeed(const Scope& scope, json::object& intent, json::object& charge, std::int64_t amount) {
    capture_charge(scope, charge, amount);
    // Funds that skip pending are there to be spent by the next request.
    const bool late =
        text(intent, "capture_method") == "automatic_async" && !card_of(charge).bypass_pending;
    if (!late) settle_charge(scope, charge);
    intent["amount_received"] = amount;
    intent["amount_capturable"] = 0;
    intent["status"] = "succeeded";
    if (late) settle_charge_later(scope, charge);
}

void authorise(const Scope& scope, json::object& intent) {
    auto& charge = make_charge(scope, intent, ChargeStatus::succeeded);
    const auto amount = integer(intent, "amount");
    if (text(intent, "capture_method") != "manual") {
        succeed(scope, intent, charge, amount);
        scope.emit("charge.succeeded", charge);
        scope.emit("payment_intent.succeeded", intent);
        return;
    }
    intent["amount_capturable"] = amount;
    intent["status"] = "requires_capture";
    scope.emit("charge.succeeded", charge);
    scope.emit("payment_intent.amount_capturable_updated", intent);
    scope.later(authorisation_lasts, "payment_intent.expire", text(intent, "id"));
}

// --- bank debits ------------------------------------------------------------------------------

void begin_debit(const Scope& scope, json::object& intent) {
    const auto& charge = make_charge(scope, intent, ChargeStatus::pending);
    intent["status"] = "processing";
    scope.emit("charge.pending", charge);
    scope.emit("payment_intent.processing", intent);
    scope.later(debit_takes, "payment_intent.finish_debit", text(intent, "id"));
}

enum class Debit { succeeds, fails, stays };

/// By Stripe's test account numbers and IBANs.
Debit debit_of(const json::object& method) {
    constexpr std::array failing = {"Ba000111111116",
                                    "Ba000111111113",
                                    "Ba000222222227",
                                    "Ba000333333335",
                                    "BanoAccount",
                                    "BaaccountClosed",
                                    "BainsufficientFunds",
                                    "BadebitNotAuthorized",
                                    "SeAT861904300235473202",
                                    "SeDE62370400440532013001",
                                    "SeFR8420041010050500013M02607",
                                    "SeIT60X0542811101000000123456"};
    const auto fingerprint = text(method, fmt::format("{}.fingerprint", text(method, "type")));
    for (const std::string_view number : failing)
        if (fingerprint == number) return Debit::fails;
    return fingerprint == "Baprocessing" ? Debit::stays : Debit::succeeds;
}

/// Debits of methods without account numbers fail for buyers whose address says so.
bool asks_to_fail(const json::object& method) {
    return text(method, "billing_details.email").contains("fail");
}

void finish_debit(Scope& scope, std::string_view id) {
    auto& intent = scope.edit("payment_intent", id);
    if (text(intent, "status") != "processing") return;
    const auto& method = scope.get("payment_method", text(intent, "payment_method"));
    const auto outcome = asks_to_fail(method) ? Debit::fails : debit_of(method);
    if (outcome == Debit::stays) return;
    auto& charge = scope.edit("charge", text(intent, "latest_charge"));
    if (outcome == Debit::succeeds) {
        succeed(scope, intent, charge, integer(intent, "amount"));
        keep_method(scope, intent);
        scope.emit("charge.succeeded", charge);
        scope.emit("payment_intent.succeeded", intent);
        return;
    }
    auto error = card_error("payment_intent_payment_attempt_failed", "The payment failed.");
    charge["status"] = "failed";
    charge["failure_code"] = error.members().at("code");
    charge["failure_message"] = error.members().at("message");
    scope.emit("charge.failed", charge);
    error.with("charge", charge.at("id"));
    static_cast<void>(fail(scope, intent, error, false));
}

void expire(Scope& scope, std::string_view id) {
    auto& intent = scope.edit("payment_intent", id);
    if (text(intent, "status") != "requires_capture") return;
    release_charge(scope, scope.edit("charge", text(intent, "latest_charge")), true);
    cancel_intent(scope, intent, "automatic");
}

}  // namespace

json::object buyers_action(const Scope& scope, const json::object& intent,
                           const json::object& method, const Attempt& attempt) {
    const bool elsewhere = course_of(text(method, "type")) == Course::redirect;
    const auto page = fmt::format("{}/_sim/{}/{}", scope.world.base_url,
                                  elsewhere ? "redirect" : "3ds", text(intent, "id"));
    if (elsewhere || (!attempt.return_url.empty() && !attempt.use_sdk))
        return {
            {"type", "redirect_to_url"},
            {"redirect_to_url", {{"return_url", text_or_null(attempt.return_url)}, {"url", page}}}};
    return {{"type", "use_stripe_sdk"},
            {"use_stripe_sdk", {{"type", "three_d_secure_redirect"}, {"stripe_js", page}}}};
}

json::object begin_intent(const Scope& scope, std::int64_t amount, std::string_view currency) {
    auto intent = scope.begin("payment_intent", "pi_");
    intent["amount"] = amount;
    intent["amount_details"] = {{"tip", json::object()}};
    intent["capture_method"] = "automatic_async";
    intent["client_secret"] = scope.world.ids.client_secret(text(intent, "id"));
    intent["confirmation_method"] = "automatic";
    intent["currency"] = json::string(currency);
    intent["payment_method_options"] = {{"card",
                                         {{"installments", nullptr},
                                          {"mandate_options", nullptr},
                                          {"network", nullptr},
                                          {"request_three_d_secure", "automatic"}}}};
    intent["payment_method_types"] = {"card", "klarna", "link", "paypal"};
    intent["status"] = "requires_payment_method";
    return intent;
}

json::object& put_intent(const Scope& scope, json::object intent) {
    intent["status"] =
        has(intent, "payment_method") ? "requires_confirmation" : "requires_payment_method";
    auto& stored = scope.put(std::move(intent));
    scope.emit("payment_intent.created", stored);
    return stored;
}

std::optional<StripeError> attempt_payment(const Scope& scope, json::object& intent,
                                           const Attempt& attempt) {
    const auto& method =
        scope.get("payment_method", text(intent, "payment_method"), "payment_method");
    const Card& card = card_of(method);
    reset(intent);
    switch (buyer_of(intent, method, card, attempt)) {
        case Buyer::missing: return fail(scope, intent, authentication_required());
        case Buyer::needed:
            if (attempt.error_on_action) return fail(scope, intent, authentication_required());
            ask_buyer(scope, intent, method, attempt);
            return std::nullopt;
        case Buyer::not_needed: break;
    }
    if (text(method, "type") == "card" && !card.code.empty())
        return fail(scope, intent, decline(card));
    if (text(method, "type") == "customer_balance" && !attempt.authenticated &&
        !pay_from_cash(scope, intent)) {
        intent["status"] = "requires_action";
        scope.emit("payment_intent.requires_action", intent);
        return std::nullopt;
    }
    if (course_of(text(method, "type")) == Course::delayed) {
        begin_debit(scope, intent);
        return std::nullopt;
    }
    keep_method(scope, intent);
    authorise(scope, intent);
    return std::nullopt;
}

void finish_action(const Scope& scope, json::object& intent, bool approved) {
    if (approved) {
        static_cast<void>(attempt_payment(scope, intent, {.authenticated = true}));
        return;
    }
    auto error = StripeError(
        402, "invalid_request_error",
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again.");
    error.code("payment_intent_authentication_failure");
    static_cast<void>(fail(scope, intent, error, false));
}

void capture_intent(const Scope& scope, json::object& intent, std::int64_t amount) {
    auto& charge = scope.edit("charge", text(intent, "latest_charge"));
    const json::object before(charge);
    succeed(scope, intent, charge, amount);
    scope.emit_changed("charge.captured", before, charge);
    scope.emit("payment_intent.succeeded", intent);
}

void cancel_intent(const Scope& scope, json::object& intent, std::string_view reason) {
    if (text(intent, "status") == "requires_capture" && reason != "automatic")
        release_charge(scope, scope.edit("charge", text(intent, "latest_charge")), false);
    intent["amount_capturable"] = 0;
    intent["canceled_at"] = scope.now();
    intent["cancellation_reason"] = text_or_null(reason);
    intent["next_action"] = nullptr;
    intent["status"] = "canceled";
    scope.emit("payment_intent.canceled", intent);
}

void add_payment_tasks(Routes& on) {
    on.task("payment_intent.finish_debit", finish_debit);
    on.task("payment_intent.expire", expire);
}

}  // namespace daybook::sim
