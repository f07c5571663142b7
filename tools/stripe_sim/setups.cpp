// The life of a setup intent after it was made.
#include <tools/stripe_sim/setups.hpp>

#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/microdeposits.hpp>
#include <tools/stripe_sim/resources/mandates.hpp>
#include <tools/stripe_sim/resources/payment_methods.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

json::value details_of(const Scope& scope, const json::object& method) {
    json::object details = payment_method_details(scope, method);
    const auto type = text(method, "type");
    // Of other methods than cards, an attempt tells the type alone.
    if (type != "card") return {{type, json::object()}, {"type", type}};
    const auto& card = object(details, "card");
    json::object shown;
    for (const auto* name : {"brand", "checks", "country", "exp_month", "exp_year", "fingerprint",
                             "funding", "last4", "network"})
        shown[name] = card.at(name);
    return {{"card", std::move(shown)}, {"type", "card"}};
}

json::object& begin_attempt(const Scope& scope, json::object& intent, const json::object& method) {
    auto attempt = scope.begin("setup_attempt", "setatt_");
    for (const auto* same : {"customer", "on_behalf_of", "usage"})
        attempt[same] = intent.at(same);
    attempt["payment_method"] = method.at("id");
    scope.fill(attempt, "payment_method_details", details_of(scope, method));
    attempt["setup_intent"] = intent.at("id");
    attempt["status"] = "processing";
    auto& stored = scope.put(std::move(attempt));
    intent["latest_attempt"] = stored.at("id");
    return stored;
}

/// The attempt that waited for the buyer goes on; otherwise a new one begins.
json::object& attempt_of(const Scope& scope, json::object& intent, const json::object& method) {
    if (has(intent, "latest_attempt")) {
        auto& latest = scope.edit("setup_attempt", text(intent, "latest_attempt"));
        if (text(latest, "status") == "requires_action") return latest;
    }
    return begin_attempt(scope, intent, method);
}

StripeError fail(const Scope& scope, json::object& intent, json::object& attempt,
                 StripeError error) {
    const json::object method(scope.get("payment_method", text(attempt, "payment_method")));
    error.with("payment_method", method);
    const auto kept = error.body("").at("error");
    attempt["setup_error"] = kept;
    attempt["status"] = "failed";
    intent["next_action"] = nullptr;
    intent["last_setup_error"] = kept;
    intent["payment_method"] = nullptr;
    intent["status"] = "requires_payment_method";
    scope.emit("setup_intent.setup_failed", intent);
    return error.with("setup_intent", intent).lasting();
}

bool needs_buyer(const json::object& method, const Card& card) {
    if (course_of(text(method, "type")) == Course::redirect) return true;
    return text(method, "type") == "card" &&
           (card.authentication == Authentication::required ||
            card.authentication == Authentication::unless_set_up ||
            card.authentication == Authentication::required_then_declined);
}

void succeed(const Scope& scope, json::object& intent, json::object& attempt) {
    auto& method = scope.edit("payment_method", text(intent, "payment_method"));
    if (course_of(text(method, "type")) == Course::delayed)
        intent["mandate"] = make_mandate(scope, method).at("id");
    if (has(intent, "customer")) attach_method(scope, method, text(intent, "customer"));
    attempt["status"] = "succeeded";
    intent["status"] = "succeeded";
    scope.emit("setup_intent.succeeded", intent);
}

}  // namespace

json::object begin_setup_intent(const Scope& scope) {
    auto intent = scope.begin("setup_intent", "seti_");
    intent["client_secret"] = scope.world.ids.client_secret(text(intent, "id"));
    intent["payment_method_options"] = {{"card",
                                         {{"mandate_options", nullptr},
                                          {"network", nullptr},
                                          {"request_three_d_secure", "automatic"}}}};
    intent["payment_method_types"] = {"card", "link", "paypal"};
    intent["usage"] = "off_session";
    return intent;
}

json::object& put_setup_intent(const Scope& scope, json::object intent) {
    intent["status"] =
        has(intent, "payment_method") ? "requires_confirmation" : "requires_payment_method";
    auto& stored = scope.put(std::move(intent));
    scope.emit("setup_intent.created", stored);
    return stored;
}

std::optional<StripeError> attempt_setup(const Scope& scope, json::object& intent,
                                         const Attempt& how) {
    const auto& method =
        scope.get("payment_method", text(intent, "payment_method"), "payment_method");
    const Card& card = card_of(method);
    auto& attempt = attempt_of(scope, intent, method);
    intent["next_action"] = nullptr;
    intent["last_setup_error"] = nullptr;
    const bool deposits = needs_microdeposits(intent, method);
    if (!how.authenticated && (deposits || needs_buyer(method, card))) {
        attempt["status"] = "requires_action";
        intent["next_action"] = deposits ? microdeposits_action(scope, intent)
                                         : buyers_action(scope, intent, method, how);
        intent["status"] = "requires_action";
        scope.emit("setup_intent.requires_action", intent);
        return std::nullopt;
    }
    if (text(method, "type") == "card" && !card.attaches)
        return fail(scope, intent, attempt, decline(card));
    succeed(scope, intent, attempt);
    return std::nullopt;
}

void finish_setup_action(const Scope& scope, json::object& intent, bool approved) {
    if (approved) {
        static_cast<void>(attempt_setup(scope, intent, {.authenticated = true}));
        return;
    }
    auto error = StripeError(
        402, "invalid_request_error",
        "The latest attempt to set up the payment method has failed because authentication "
        "failed.");
    error.code("setup_intent_authentication_failure");
    auto& attempt = scope.edit("setup_attempt", text(intent, "latest_attempt"));
    static_cast<void>(fail(scope, intent, attempt, error));
}

void cancel_setup_intent(const Scope& scope, json::object& intent, std::string_view reason) {
    if (text(intent, "status") == "requires_action")
        scope.edit("setup_attempt", text(intent, "latest_attempt"))["status"] = "abandoned";
    intent["cancellation_reason"] = text_or_null(reason);
    intent["next_action"] = nullptr;
    intent["status"] = "canceled";
    scope.emit("setup_intent.canceled", intent);
}

}  // namespace daybook::sim
