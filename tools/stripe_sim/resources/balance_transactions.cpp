// Balance transactions: written by Scope::post(), read here.
#include <tools/stripe_sim/resources/balance_transactions.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

void render(const Scope& scope, json::object& transaction) {
    const bool due = integer(transaction, "available_on") <= scope.now();
    transaction["status"] = due ? "available" : "pending";
}

const json::array& checked_contents(const Call& call) {
    const auto& payout = call.get("payout", call.text("payout"), "payout");
    if (!flag(payout, "automatic"))
        throw invalid(
            "Balance transaction history can only be filtered on automatic transfers, not manual.")
            .param("payout");
    if (text(payout, "reconciliation_status") != "completed")
        throw invalid("The payout's balance transactions are not ready yet.")
            .code("payout_reconciliation_not_ready")
            .param("payout");
    const auto* contents = contents_of(call, text(payout, "id"));
    static const json::array none;
    return contents ? *contents : none;
}

/// A page of what an automatic payout consists of, newest first.
json::object contents_page(Call& call) {
    std::vector<const json::object*> all;
    for (const auto& id : checked_contents(call)) {
        const auto& transaction = call.get("balance_transaction", id.as_string());
        bool wanted = true;
        for (const auto* name : {"source", "type", "currency"})
            wanted = wanted && (!call.has(name) || text(transaction, name) == call.text(name));
        if (wanted) all.insert(all.begin(), &transaction);
    }
    const auto position = [&](std::string_view cursor) {
        return std::ranges::find_if(
            all, [&](const json::object* one) { return text(*one, "id") == cursor; });
    };
    const auto limit = limit_of(call);
    auto first = all.begin();
    auto last = all.end();
    bool has_more = false;
    if (call.has("ending_before")) {
        last = position(call.text("ending_before"));
        has_more = last - first > limit;
        if (has_more) first = last - limit;
    } else {
        if (call.has("starting_after")) first = position(call.text("starting_after"));
        if (call.has("starting_after") && first != last) ++first;
        has_more = last - first > limit;
        if (has_more) last = first + limit;
    }
    return list_of(call, call.url, {first, last}, has_more);
}

json::object list(Call& call) {
    if (call.has("payout")) return contents_page(call);
    ListQuery query;
    for (const auto* name : {"source", "type", "currency"})
        if (call.has(name)) query.equal.emplace_back(name, call.text(name));
    return list_page(call, "balance_transaction", std::move(query));
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
    on("GET", "/v1/balance_transactions", list);
}

}  // namespace daybook::sim
