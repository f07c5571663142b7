// Customer balance transactions: each movement of a credit balance.
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/credit.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>

namespace daybook::sim {
namespace {

json::object create(Call& call) {
    static_cast<void>(call.get("customer", call.id("customer"), "customer"));
    check_amount(call.integer("amount"), "amount", true);
    auto& transaction = move_credit(call, call.id("customer"),
                                    {.type = "adjustment",
                                     .amount = call.integer("amount"),
                                     .currency = checked_currency(call.text("currency")),
                                     .description = std::string(call.text("description"))});
    call.copy_metadata(transaction);
    return transaction;
}

json::object& edited(Call& call) {
    return call.edit("customer_balance_transaction", call.id("balance_transaction"),
                     "balance_transaction");
}

json::object update(Call& call) {
    auto& transaction = edited(call);
    call.copy(transaction, {"description"});
    call.copy_metadata(transaction);
    return transaction;
}

}  // namespace

json::object& move_credit(const Scope& scope, std::string_view customer, const CreditMove& move) {
    auto& owner = scope.edit("customer", customer, "customer");
    const json::object before(owner);
    const auto balance = integer(owner, "balance") + move.amount;
    auto transaction = begin_at(scope, "customer_balance_transaction", "cbtxn_", clock_of(owner));
    transaction["amount"] = move.amount;
    transaction["credit_note"] = text_or_null(move.credit_note);
    transaction["currency"] = move.currency;
    transaction["customer"] = owner.at("id");
    transaction["description"] = text_or_null(move.description);
    transaction["ending_balance"] = balance;
    transaction["invoice"] = text_or_null(move.invoice);
    transaction["type"] = move.type;
    owner["balance"] = balance;
    owner["currency"] = move.currency;
    auto& stored = scope.put(std::move(transaction));
    scope.emit_changed("customer.updated", before, owner);
    return stored;
}

void add_customer_balances(Routes& on) {
    on.index("customer_balance_transaction", "customer");
    on("POST", "/v1/customers/{customer}/balance_transactions", create);
    on("GET", "/v1/customers/{customer}/balance_transactions", [](Call& call) {
        return list_page(call, "customer_balance_transaction",
                         {.equal = {{"customer", std::string(call.id("customer"))}}});
    });
    on("GET", "/v1/customers/{customer}/balance_transactions/{balance_transaction}",
       [](Call& call) -> json::object { return edited(call); });
    on("POST", "/v1/customers/{customer}/balance_transactions/{balance_transaction}", update);
}

}  // namespace daybook::sim
