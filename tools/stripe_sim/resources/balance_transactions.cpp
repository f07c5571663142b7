// Balance transactions: written by Scope::post(), read here.
#include <tools/stripe_sim/resources/balance_transactions.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

void render(const Scope& scope, json::object& transaction) {
    const bool due = integer(transaction, "available_on") <= scope.now();
    transaction["status"] = due ? "available" : "pending";
}

}  // namespace

std::optional<Seconds> pending_until(const Scope& scope, std::string_view transaction) {
    const auto* found = scope.find("balance_transaction", transaction);
    const auto available_on = found ? integer(*found, "available_on") : 0;
    return available_on > scope.now() ? std::optional(available_on) : std::nullopt;
}

bool may_overdraw(const Scope& scope) {
    const auto* account = scope.on("").find("account", scope.account_id());
    return !account || flag(*account, "settings.payouts.debit_negative_balances", true);
}

std::int64_t funds(const Scope& scope, std::string_view currency) {
    const auto amounts = scope.world.balances.of(scope.account, currency);
    return amounts.available + amounts.pending;
}

void add_balance_transactions(Routes& on) {
    on.index("balance_transaction", "source");
    on.render("balance_transaction", render);
    on.retrieve("/v1/balance_transactions/{balance_transaction}");
    on.list("/v1/balance_transactions", {"source", "type", "currency"});
}

}  // namespace daybook::sim
