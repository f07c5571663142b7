// Tokens: what a browser makes of a card or a bank account, for a server to use once.
#include <tools/stripe_sim/resources/tokens.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

/// The brand as these older objects spell it.
std::string_view spelled(std::string_view brand) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> names = {
        {{"amex", "American Express"},
         {"diners", "Diners Club"},
         {"discover", "Discover"},
         {"jcb", "JCB"},
         {"mastercard", "MasterCard"},
         {"unionpay", "UnionPay"},
         {"visa", "Visa"}}};
    const auto* found =
        std::ranges::find(names, brand, &std::pair<std::string_view, std::string_view>::first);
    return found == names.end() ? "Unknown" : found->second;
}

/// "Ba" and the number, so that payouts to it go as Stripe's test numbers say.
json::object bank_account_object(const Scope& scope, const json::object& given) {
    const auto number = text(given, "account_number");
    if (number.empty()) throw missing_param("bank_account[account_number]");
    auto account = scope.begin("bank_account", "ba_");
    for (const auto* same : {"account_holder_name", "account_holder_type", "account_type",
                             "country", "currency", "routing_number"})
        if (has(given, same)) account[same] = *at(given, same);
    account["bank_name"] = "STRIPE TEST BANK";
    account["fingerprint"] = fmt::format("Ba{}", number);
    account["last4"] =
        json::string(number.substr(number.size() - std::min<std::size_t>(4, number.size())));
    account["status"] = "new";
    return account;
}

json::object create(Call& call) {
    const bool bank = call.has("bank_account");
    auto token = call.begin("token", bank ? "btok_" : "tok_");
    token["type"] = bank ? "bank_account" : "card";
    if (bank)
        token["bank_account"] = bank_account_object(call, call.object("bank_account"));
    else if (call.has("card"))
        token["card"] = card_object(call, call.object("card"));
    else if (call.has("pii") || call.has("cvc_update"))
        token["type"] = call.has("pii") ? "pii" : "cvc_update";
    else if (call.has("account") || call.has("person"))
        token["type"] = call.has("account") ? "account" : "person";
    else
        throw invalid(
            "You must supply either a card, customer, PII data, bank account, or account legal "
            "entity to create a token.");
    return call.put(std::move(token));
}

}  // namespace

json::object card_object(const Scope& scope, const json::object& given) {
    auto card = scope.begin("card", "card_");
    const auto details = card_details(scope, given);
    for (const auto* same : {"country", "exp_month", "exp_year", "fingerprint", "funding", "last4",
                             "regulated_status"})
        card[same] = details.at(same);
    for (const auto* same : {"address_city", "address_country", "address_line1", "address_line2",
                             "address_state", "address_zip", "name"})
        if (has(given, same)) card[same] = *at(given, same);
    card["brand"] = json::string(spelled(text(details, "brand")));
    card["cvc_check"] = has(given, "cvc") ? details.at("checks").at("cvc_check") : nullptr;
    return card;
}

void add_tokens(Routes& on) {
    on("POST", "/v1/tokens", create);
    on.retrieve("/v1/tokens/{token}");
    on.browser("POST", "/v1/tokens");
}

}  // namespace daybook::sim
