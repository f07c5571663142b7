// Balance transactions: written by Scope::post(), read here.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

void render(const Scope& scope, json::object& transaction) {
    const bool due = integer(transaction, "available_on") <= scope.now();
    transaction["status"] = due ? "available" : "pending";
}

}  // namespace

void add_balance_transactions(Routes& on) {
    on.index("balance_transaction", "source");
    on.render("balance_transaction", render);
    on.retrieve("/v1/balance_transactions/{balance_transaction}");
    on.list("/v1/balance_transactions", {"source", "type", "currency"});
}

}  // namespace daybook::sim
