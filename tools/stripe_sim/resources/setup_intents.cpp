// Setup intents: their parameters, and who may do what when.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/microdeposits.hpp>
#include <tools/stripe_sim/setups.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Names plain = {"attach_to_self",  "description",  "excluded_payment_method_types",
                         "flow_directions", "on_behalf_of", "usage",
                         "customer_account"};

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
        throw invalid(fmt::format("The payment method {} belongs to a Customer. Please include "
                                  "that Customer in the `customer` parameter on the SetupIntent.",
                                  text(method, "id")))
            .param("payment_method");
}

void apply(Call& call, json::object& intent) {
    if (call.has("customer")) {
        static_cast<void>(call.get("customer", call.text("customer"), "customer"));
        call.copy(intent, {"customer"});
    }
    call.copy(intent, plain);
    call.copy_metadata(intent);
    // The CLI still names them as older versions did.
    for (const auto* name : {"allowed_payment_method_types", "payment_method_types"})
        if (call.has(name)) intent["payment_method_types"] = call.array(name);
    if (call.has("allowed_payment_method_types"))
        call.copy(intent, {"allowed_payment_method_types"});
    if (call.has("payment_method_types")) intent["automatic_payment_methods"] = nullptr;
    copy_verification_method(call, intent);
    apply_method(call, intent);
}

StripeError unexpected(const json::object& intent, std::string_view message) {
    return invalid(message).code("setup_intent_unexpected_state").with("setup_intent", intent);
}

void require_status(const json::object& intent, std::string_view verb, std::string_view done,
                    std::initializer_list<std::string_view> allowed) {
    const auto status = text(intent, "status");
    if (std::ranges::find(allowed, status) != allowed.end()) return;
    throw unexpected(
        intent, fmt::format("You cannot {} this SetupIntent because it has a status of {}. Only a "
                            "SetupIntent with one of the following statuses may be {}: {}.",
                            verb, status, done, fmt::join(allowed, ", ")));
}

void try_to_set_up(Call& call, json::object& intent) {
    if (!has(intent, "payment_method"))
        throw unexpected(intent,
                         "You cannot confirm this SetupIntent because it's missing a payment "
                         "method. Update the SetupIntent with a payment method and then confirm "
                         "it again.");
    Attempt attempt;
    attempt.use_sdk = call.flag("use_stripe_sdk");
    attempt.return_url = call.text("return_url");
    const auto refusal = attempt_setup(call, intent, attempt);
    if (refusal) throw StripeError(*refusal);
}

json::object create(Call& call) {
    auto intent = begin_setup_intent(call);
    call.fill(intent, "automatic_payment_methods",
              {{"allow_redirects", "always"}, {"enabled", true}});
    if (call.has("automatic_payment_methods")) {
        json::object methods(call.object("automatic_payment_methods"));
        if (!methods.contains("allow_redirects")) methods["allow_redirects"] = "always";
        intent["automatic_payment_methods"] = std::move(methods);
    }
    if (call.has("return_url") && !call.flag("confirm"))
        throw invalid("You cannot provide a return_url unless confirm is true.")
            .param("return_url");
    apply(call, intent);
    auto& stored = put_setup_intent(call, std::move(intent));
    if (call.flag("confirm")) try_to_set_up(call, stored);
    return stored;
}

json::object retrieve(Call& call) {
    const auto& intent = call.get("setup_intent", call.id("intent"), "intent");
    call.check_client_secret(intent);
    return intent;
}

json::object update(Call& call) {
    auto& stored = call.edit("setup_intent", call.id("intent"), "intent");
    require_status(stored, "update", "updated",
                   {"requires_payment_method", "requires_confirmation", "requires_action"});
    json::object intent(stored);
    apply(call, intent);
    if (text(intent, "status") != "requires_action")
        intent["status"] =
            has(intent, "payment_method") ? "requires_confirmation" : "requires_payment_method";
    stored = std::move(intent);
    return stored;
}

json::object confirm(Call& call) {
    auto& intent = call.edit("setup_intent", call.id("intent"), "intent");
    call.check_client_secret(intent);
    require_status(intent, "confirm", "confirmed",
                   {"requires_payment_method", "requires_confirmation", "requires_action"});
    apply(call, intent);
    try_to_set_up(call, intent);
    return intent;
}

json::object cancel(Call& call) {
    auto& intent = call.edit("setup_intent", call.id("intent"), "intent");
    require_status(intent, "cancel", "canceled",
                   {"requires_payment_method", "requires_confirmation", "requires_action"});
    cancel_setup_intent(call, intent, call.text("cancellation_reason"));
    return intent;
}

json::object verify(Call& call) {
    auto& intent = call.edit("setup_intent", call.id("intent"), "intent");
    call.check_client_secret(intent);
    check_microdeposits(call, intent);
    finish_setup_action(call, intent, true);
    return intent;
}

}  // namespace

void add_setup_intents(Routes& on) {
    on.index("setup_intent", "customer");
    on.index("setup_attempt", "setup_intent");
    on("POST", "/v1/setup_intents", create);
    on("GET", "/v1/setup_intents/{intent}", retrieve);
    on.list("/v1/setup_intents", {"customer", "payment_method", "attach_to_self"});
    on("POST", "/v1/setup_intents/{intent}", update);
    on("POST", "/v1/setup_intents/{intent}/confirm", confirm);
    on("POST", "/v1/setup_intents/{intent}/cancel", cancel);
    on("POST", "/v1/setup_intents/{intent}/verify_microdeposits", verify);
    on.browser("POST", "/v1/setup_intents/{intent}/verify_microdeposits");
    on.list("/v1/setup_attempts", {"setup_intent"});
    on.browser("GET", "/v1/setup_intents/{intent}");
    on.browser("POST", "/v1/setup_intents/{intent}/confirm");
}

}  // namespace daybook::sim
