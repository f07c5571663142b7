// The balance, and the moment at which pending money becomes available.
#include <tools/stripe_sim/resources/balance.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

json::object share(std::string_view currency, std::int64_t amount) {
    return {{"amount", amount},
            {"currency", json::string(currency)},
            {"source_types", {{"card", amount}}}};
}

}  // namespace

json::object balance_of(const Scope& scope) {
    auto balance = scope.world.spec.blank("balance");
    json::array available;
    json::array pending;
    json::array reserved;
    for (const auto& [currency, amounts] : scope.world.balances.of(scope.account)) {
        available.push_back(share(currency, amounts.available));
        pending.push_back(share(currency, amounts.pending));
        if (amounts.reserved != 0) reserved.push_back(share(currency, amounts.reserved));
    }
    if (available.empty()) {
        available.push_back(share("usd", 0));
        pending.push_back(share("usd", 0));
    }
    balance["available"] = std::move(available);
    balance["pending"] = std::move(pending);
    if (!reserved.empty()) balance["connect_reserved"] = std::move(reserved);
    return balance;
}

void settle_balance(const Scope& scope) {
    if (scope.world.balances.settle(scope.account, scope.now()))
        scope.emit("balance.available", balance_of(scope));
}

void add_balance(Routes& on) {
    on.task("balance.settle", [](Scope& scope, std::string_view) { settle_balance(scope); });
    on.task("balance.tell", [](Scope& scope, std::string_view) {
        scope.emit("balance.available", balance_of(scope));
    });
    on("GET", "/v1/balance", [](Call& call) { return balance_of(call); });
}

}  // namespace daybook::sim
