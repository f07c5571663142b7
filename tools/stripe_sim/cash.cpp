// Bank transfers in, and what they pay for.
#include <tools/stripe_sim/cash.hpp>

#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::string_view instructions = "display_bank_transfer_instructions";

std::string_view transfer_type(std::string_view currency) {
    if (currency == "eur") return "eu_bank_transfer";
    if (currency == "gbp") return "gb_bank_transfer";
    if (currency == "jpy") return "jp_bank_transfer";
    if (currency == "mxn") return "mx_bank_transfer";
    return "us_bank_transfer";
}

std::int64_t balance_in(const json::object& cash, std::string_view currency) {
    return integer(cash, fmt::format("available.{}", currency));
}

/// A movement of the customer's cash. `about` is the member that tells why.
json::object& move(const Scope& scope, std::string_view customer, std::string_view currency,
                   std::int64_t net, std::string_view type, json::object about) {
    auto& cash = cash_balance(scope, customer);
    const auto ending = balance_in(cash, currency) + net;
    if (!cash["available"].is_object()) cash["available"] = json::object();
    cash["available"].get_object()[currency] = ending;
    auto transaction = scope.begin("customer_cash_balance_transaction", "ccsbtxn_");
    transaction["currency"] = json::string(currency);
    transaction["customer"] = json::string(customer);
    transaction["ending_balance"] = ending;
    transaction["net_amount"] = net;
    transaction["type"] = json::string(type);
    scope.fill(transaction, type, std::move(about));
    auto& stored = scope.put(std::move(transaction));
    scope.emit("customer_cash_balance_transaction.created", stored);
    return stored;
}

json::object funding(std::string_view currency, std::string_view reference) {
    const auto type = transfer_type(currency);
    json::object how{{"sender_name", "JENNY ROSEN"}};
    if (type == "us_bank_transfer") how["network"] = "ach";
    json::object transfer{{"reference", text_or_null(reference)}, {"type", type}};
    if (type != "mx_bank_transfer") transfer[type] = std::move(how);
    return {{"bank_transfer", std::move(transfer)}};
}

/// What an intent still lacks.
std::int64_t missing(const json::object& intent) {
    return integer(intent, fmt::format("next_action.{}.amount_remaining", instructions),
                   integer(intent, "amount"));
}

void ask_for(const Scope& scope, json::object& intent, std::int64_t amount) {
    auto reference =
        std::string(text(intent, fmt::format("next_action.{}.reference", instructions)));
    if (reference.empty()) reference = scope.world.ids.letters(12);
    intent["next_action"] = {
        {"type", instructions},
        {instructions,
         {{"amount_remaining", amount},
          {"currency", intent.at("currency")},
          {"financial_addresses", json::array()},
          {"hosted_instructions_url",
           fmt::format("{}/_sim/instructions/{}", scope.world.base_url, text(intent, "id"))},
          {"reference", reference},
          {"type", transfer_type(text(intent, "currency"))}}}};
}

bool waits_for(const json::object& intent, std::string_view currency) {
    return text(intent, "status") == "requires_action" &&
           text(intent, "next_action.type") == instructions && text(intent, "currency") == currency;
}

/// Pays what waits, as far as the money reaches.
void reconcile(const Scope& scope, std::string_view customer, std::string_view currency) {
    const auto intents = scope.world.store
                             .page(scope.account, "payment_intent",
                                   {.limit = 100, .equal = {{"customer", std::string(customer)}}})
                             .items;
    for (auto item = intents.rbegin(); item != intents.rend(); ++item) {
        if (!waits_for(**item, currency)) continue;
        if (balance_in(cash_balance(scope, customer), currency) == 0) return;
        auto& intent = scope.edit("payment_intent", text(**item, "id"));
        if (pay_from_cash(scope, intent))
            static_cast<void>(attempt_payment(scope, intent, {.authenticated = true}));
        else
            scope.emit("payment_intent.partially_funded", intent);
    }
}

}  // namespace

json::object& cash_balance(const Scope& scope, std::string_view customer) {
    if (auto* found = scope.world.store.edit(scope.account, "cash_balance", customer))
        return *found;
    auto cash = scope.begin("cash_balance", "");
    cash["id"] = json::string(customer);
    cash["customer"] = json::string(customer);
    scope.fill(cash, "settings",
               {{"reconciliation_mode", "automatic"}, {"using_merchant_default", true}});
    return scope.put(std::move(cash));
}

bool pay_from_cash(const Scope& scope, json::object& intent) {
    const auto customer = text(intent, "customer");
    if (customer.empty())
        throw invalid(
            "A PaymentIntent with a payment method of type customer_balance needs a customer.")
            .code("parameter_missing")
            .param("customer");
    const std::string currency(text(intent, "currency"));
    const auto lacking = missing(intent);
    const auto used = std::min(lacking, balance_in(cash_balance(scope, customer), currency));
    if (used > 0)
        move(scope, customer, currency, -used, "applied_to_payment",
             {{"payment_intent", intent.at("id")}});
    if (used == lacking) return true;
    ask_for(scope, intent, lacking - used);
    return false;
}

const json::object& fund_cash(const Scope& scope, std::string_view customer,
                              std::string_view currency, std::int64_t amount,
                              std::string_view reference) {
    const auto& transaction =
        move(scope, customer, currency, amount, "funded", funding(currency, reference));
    const auto& cash = cash_balance(scope, customer);
    if (text(cash, "settings.reconciliation_mode") == "automatic")
        reconcile(scope, customer, currency);
    if (balance_in(cash, currency) > 0) scope.emit("cash_balance.funds_available", cash);
    return transaction;
}

}  // namespace daybook::sim
