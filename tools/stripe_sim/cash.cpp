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

json::object funding(std::string_view currency, std::string_view reference) {
    const auto type = transfer_type(currency);
    json::object how{{"sender_name", "JENNY ROSEN"}};
    if (type == "us_bank_transfer") how["network"] = "ach";
    json::object transfer{{"reference", text_or_null(reference)}, {"type", type}};
    if (type != "mx_bank_transfer") transfer[type] = std::move(how);
    return {{"bank_transfer", std::move(transfer)}};
}

/// What of the customer's cash has gone into an intent.
std::int64_t applied(const Scope& scope, const json::object& intent) {
    std::int64_t sum = 0;
    for (const auto* how : {"applied_to_payment", "unapplied_from_payment"})
        for (const auto* item : scope.world.store
                                    .page(scope.account, "customer_cash_balance_transaction",
                                          {.limit = 100,
                                           .equal = {{fmt::format("{}.payment_intent", how),
                                                      std::string(text(intent, "id"))}}})
                                    .items)
            sum -= integer(*item, "net_amount");
    return sum;
}

void ask_for(const Scope& scope, json::object& intent, std::int64_t amount) {
    auto reference =
        std::string(text(intent, fmt::format("next_action.{}.reference", instructions)));
    if (reference.empty()) reference = scope.world.ids.letters(12);
    // A copy of what it has: making room for a new member moves the others.
    intent["next_action"] = {
        {"type", instructions},
        {instructions,
         {{"amount_remaining", amount},
          {"currency", json::value(intent.at("currency"))},
          {"financial_addresses", json::array()},
          {"hosted_instructions_url",
           fmt::format("{}/_sim/instructions/{}", scope.world.base_url, text(intent, "id"))},
          {"reference", reference},
          {"type", transfer_type(text(intent, "currency"))}}}};
}

/// Pays what waits, as far as the money reaches.
void reconcile(const Scope& scope, std::string_view customer, std::string_view currency) {
    const auto intents = scope.world.store
                             .page(scope.account, "payment_intent",
                                   {.limit = 100, .equal = {{"customer", std::string(customer)}}})
                             .items;
    for (auto item = intents.rbegin(); item != intents.rend(); ++item) {
        if (!waits_for_cash(**item, currency)) continue;
        if (cash_in(scope, customer, currency) == 0) return;
        apply_cash(scope, scope.edit("payment_intent", text(**item, "id")));
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

std::int64_t cash_in(const Scope& scope, std::string_view customer, std::string_view currency) {
    return integer(cash_balance(scope, customer), fmt::format("available.{}", currency));
}

json::object& move_cash(const Scope& scope, std::string_view customer, std::string_view currency,
                        std::int64_t net, std::string_view type, json::object about) {
    auto& cash = cash_balance(scope, customer);
    const auto ending = cash_in(scope, customer, currency) + net;
    set(cash, fmt::format("available.{}", currency)) = ending;
    auto transaction = scope.begin("customer_cash_balance_transaction", "ccsbtxn_");
    transaction["currency"] = json::string(currency);
    transaction["customer"] = json::string(customer);
    transaction["ending_balance"] = ending;
    transaction["net_amount"] = net;
    transaction["type"] = json::string(type);
    if (!about.empty()) scope.fill(transaction, type, std::move(about));
    auto& stored = scope.put(std::move(transaction));
    scope.emit("customer_cash_balance_transaction.created", stored);
    return stored;
}

bool pay_from_cash(const Scope& scope, json::object& intent, std::int64_t most) {
    const auto customer = text(intent, "customer");
    if (customer.empty())
        throw invalid(
            "A PaymentIntent with a payment method of type customer_balance needs a customer.")
            .code("parameter_missing")
            .param("customer");
    const std::string currency(text(intent, "currency"));
    const auto lacking = integer(intent, "amount") - applied(scope, intent);
    const auto used = std::min({lacking, most, cash_in(scope, customer, currency)});
    if (used > 0)
        move_cash(scope, customer, currency, -used, "applied_to_payment",
                  {{"payment_intent", intent.at("id")}});
    if (used == lacking) return true;
    ask_for(scope, intent, lacking - used);
    return false;
}

bool waits_for_cash(const json::object& intent, std::string_view currency) {
    return text(intent, "status") == "requires_action" &&
           text(intent, "next_action.type") == instructions && text(intent, "currency") == currency;
}

void apply_cash(const Scope& scope, json::object& intent, std::int64_t most) {
    if (pay_from_cash(scope, intent, most))
        static_cast<void>(attempt_payment(scope, intent, {.authenticated = true}));
    else
        scope.emit("payment_intent.partially_funded", intent);
}

const json::object& fund_cash(const Scope& scope, std::string_view customer,
                              std::string_view currency, std::int64_t amount,
                              std::string_view reference) {
    const auto& transaction =
        move_cash(scope, customer, currency, amount, "funded", funding(currency, reference));
    const auto& cash = cash_balance(scope, customer);
    if (text(cash, "settings.reconciliation_mode") == "automatic")
        reconcile(scope, customer, currency);
    if (cash_in(scope, customer, currency) > 0) scope.emit("cash_balance.funds_available", cash);
    return transaction;
}

void add_cash_watchers(Routes& on) {
    on.index("customer_cash_balance_transaction", "applied_to_payment.payment_intent");
    on.index("customer_cash_balance_transaction", "unapplied_from_payment.payment_intent");
    on.watch("payment_intent.canceled", [](const Scope& scope, const json::object& intent) {
        const auto used = applied(scope, intent);
        if (used > 0)
            move_cash(scope, text(intent, "customer"), text(intent, "currency"), used,
                      "unapplied_from_payment", {{"payment_intent", intent.at("id")}});
    });
}

}  // namespace daybook::sim
