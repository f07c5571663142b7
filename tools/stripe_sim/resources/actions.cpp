// What a buyer does outside of the shop: the bank's challenge, or PayPal's and Klarna's own pages.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/pages.hpp>
#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/setups.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

std::string_view type_of(std::string_view id) {
    return id.starts_with("seti_") ? "setup_intent" : "payment_intent";
}

/// The intent, which waits for its buyer; throws when it does not.
json::object& waiting(const Scope& scope, std::string_view id) {
    auto& intent = scope.edit(type_of(id), id, "intent");
    if (text(intent, "status") != "requires_action")
        throw invalid(
            fmt::format("This payment does not wait for you: it is {}.", text(intent, "status")))
            .code("intent_invalid_state");
    return intent;
}

/// What the page tells the buyer.
Reply show(PageCall& call) {
    const auto id = call.id("intent");
    const auto scope = home_of(call.world, type_of(id), id);
    const auto& intent = waiting(scope, id);
    const auto& method = scope.get("payment_method", text(intent, "payment_method"));
    json::object shown{{"amount", nullptr},
                       {"currency", nullptr},
                       {"last4", text_or_null(text(method, "card.last4"))},
                       {"type", method.at("type")}};
    for (const auto* name : {"amount", "currency"})
        if (has(intent, name)) shown[name] = intent.at(name);
    return json_reply(shown);
}

/// `address` with what Stripe appends for the shop, or null when there is nowhere to go.
json::value way_back(std::string_view address, const json::object& intent) {
    if (address.empty()) return nullptr;
    const auto status = text(intent, "status");
    const bool failed = status == "requires_payment_method" || status == "canceled";
    const auto type = text(intent, "object");
    return json::string(fmt::format("{}{}{}={}&{}_client_secret={}&redirect_status={}", address,
                                    address.find('?') == std::string_view::npos ? '?' : '&', type,
                                    text(intent, "id"), type, text(intent, "client_secret"),
                                    failed ? "failed" : "succeeded"));
}

Reply answer(PageCall& call) {
    const std::string id(call.id("intent"));
    const auto scope = home_of(call.world, type_of(id), id);
    auto& intent = waiting(scope, id);
    const std::string address(text(intent, "next_action.redirect_to_url.return_url"));
    const bool approved = text(call.params, "approved") == "true";
    if (type_of(id) == "setup_intent")
        finish_setup_action(scope, intent, approved);
    else
        finish_action(scope, intent, approved);
    return json_reply(json::object{{"return_url", way_back(address, intent)}});
}

}  // namespace

void add_actions(Routes& on) {
    on.page("GET", "/_sim/actions/{intent}", show);
    on.page("POST", "/_sim/actions/{intent}", answer);
}

}  // namespace daybook::sim
