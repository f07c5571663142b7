// Cash balances of customers: seen, set, and, in test mode, filled.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cash.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

std::string_view customer_of(Call& call) {
    const auto id = call.id("customer");
    static_cast<void>(call.get("customer", id, "customer"));
    return id;
}

json::object shown(const json::object& cash) {
    json::object without_id(cash);
    drop(without_id, "id");
    return without_id;
}

json::object retrieve(Call& call) {
    return shown(cash_balance(call, customer_of(call)));
}

json::object update(Call& call) {
    auto& cash = cash_balance(call, customer_of(call));
    const auto mode = call.text("settings.reconciliation_mode");
    if (!mode.empty()) {
        const bool usual = mode == "merchant_default";
        set(cash, "settings.reconciliation_mode") = usual ? "automatic" : json::string(mode);
        set(cash, "settings.using_merchant_default") = usual;
    }
    return shown(cash);
}

json::object fund(Call& call) {
    const auto customer = customer_of(call);
    const auto currency = checked_currency(call.text("currency"));
    if (call.integer("amount") <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount");
    return fund_cash(call, customer, currency, call.integer("amount"), call.text("reference"));
}

json::object apply(Call& call) {
    auto& intent = call.edit("payment_intent", call.id("intent"), "intent");
    const auto currency = call.has("currency") ? checked_currency(call.text("currency"))
                                               : std::string(text(intent, "currency"));
    if (!waits_for_cash(intent, currency))
        throw invalid("Only a PaymentIntent that waits for a bank transfer takes cash.")
            .code("payment_intent_unexpected_state")
            .with("payment_intent", intent);
    const auto there = cash_in(call, text(intent, "customer"), currency);
    const auto amount = call.integer("amount", there);
    if (amount <= 0 || amount > there)
        throw invalid("The customer's cash balance does not cover this amount.")
            .code("balance_insufficient")
            .param("amount");
    apply_cash(call, intent, amount);
    return intent;
}

json::object transactions(Call& call) {
    return list_page(call, "customer_cash_balance_transaction",
                     {.equal = {{"customer", std::string(customer_of(call))}}});
}

json::object instructions(Call& call) {
    static_cast<void>(customer_of(call));
    auto made = call.world.spec.blank("funding_instructions");
    const auto type = call.text("bank_transfer.type");
    const auto country = call.has("bank_transfer.eu_bank_transfer.country")
                             ? call.text("bank_transfer.eu_bank_transfer.country")
                         : type == "us_bank_transfer" ? std::string_view("US")
                         : type == "gb_bank_transfer" ? std::string_view("GB")
                         : type == "jp_bank_transfer" ? std::string_view("JP")
                         : type == "mx_bank_transfer" ? std::string_view("MX")
                                                      : std::string_view("DE");
    call.fill(made, "bank_transfer",
              {{"country", country}, {"financial_addresses", json::array()}, {"type", type}});
    made["currency"] = checked_currency(call.text("currency"));
    made["funding_type"] = "bank_transfer";
    return made;
}

}  // namespace

void add_cash_balances(Routes& on) {
    add_cash_watchers(on);
    on.index("customer_cash_balance_transaction", "customer");
    on.render("cash_balance", [](const Scope&, json::object& cash) { drop(cash, "id"); });
    on("GET", "/v1/customers/{customer}/cash_balance", retrieve);
    on("POST", "/v1/customers/{customer}/cash_balance", update);
    on("POST", "/v1/test_helpers/customers/{customer}/fund_cash_balance", fund);
    on("POST", "/v1/payment_intents/{intent}/apply_customer_balance", apply);
    on("GET", "/v1/customers/{customer}/cash_balance_transactions", transactions);
    on.retrieve("/v1/customers/{customer}/cash_balance_transactions/{cash_balance_transaction}");
    on("POST", "/v1/customers/{customer}/funding_instructions", instructions);
}

}  // namespace daybook::sim
