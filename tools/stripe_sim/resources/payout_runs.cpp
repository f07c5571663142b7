// Automatic payouts: on its days, an account is paid out what became available.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/resources/balance.hpp>
#include <tools/stripe_sim/resources/external_accounts.hpp>
#include <tools/stripe_sim/resources/payouts.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

/// What stays behind of `net`: the minimum balance, what is reserved, and less than a whole unit
/// where banks take only those.
std::int64_t held_back(const Scope& scope, const Due& due) {
    const auto path = fmt::format("payments.payouts.minimum_balance_by_currency.{}", due.currency);
    const auto available = scope.world.balances.of(scope.account, due.currency).available;
    const auto held =
        std::max<std::int64_t>({integer(balance_settings(scope), path), due.net - available, 0});
    return held + (due.net - held) % payout_step(due.currency);
}

/// Leaves the payout with exactly its contents: the hold is part of it, the release of the next.
void post_hold(const Scope& scope, std::string_view currency, std::int64_t amount) {
    const std::string_view type =
        amount < 0 ? "payout_minimum_balance_hold" : "payout_minimum_balance_release";
    scope.post({.type = std::string(type),
                .reporting_category = std::string(type),
                .currency = std::string(currency),
                .amount = amount,
                .fees = {},
                .source = "",
                .description = "Payout minimum balance",
                .available_on = std::nullopt,
                .settle_in = std::string(currency)});
}

bool is_worth_it(const Scope& scope, const Due& due, std::int64_t amount) {
    if (amount > 0) return amount >= payout_minimum(due.currency);
    return amount < 0 && flag(balance_settings(scope), "payments.debit_negative_balances");
}

Due due_in(const Scope& scope, std::string_view currency) {
    for (auto& due : due_for_payout(scope))
        if (due.currency == currency) return std::move(due);
    return {.currency = std::string(currency), .net = 0, .transactions = {}};
}

void pay(const Scope& scope, const Due& due) {
    const auto* destination = payout_destination(scope, "", due.currency);
    if (!destination || text(*destination, "status") == "errored") return;
    const auto held = due.net > 0 ? held_back(scope, due) : 0;
    const auto amount = due.net - held;
    if (!is_worth_it(scope, due, amount)) return;
    if (held != 0) post_hold(scope, due.currency, -held);
    const auto contents = held != 0 ? due_in(scope, due.currency) : due;
    PayoutOrder order;
    order.amount = amount;
    order.currency = due.currency;
    order.automatic = true;
    order.statement_descriptor =
        text(balance_settings(scope), "payments.payouts.statement_descriptor");
    pay_out(scope, contents, make_payout(scope, order, *destination));
    if (held != 0) post_hold(scope, due.currency, held);
}

void run(Scope& scope, std::string_view) {
    if (!begin_run(scope)) return;
    settle_balance(scope);
    if (payouts_enabled(scope))
        for (const auto& due : due_for_payout(scope))
            pay(scope, due);
    await_run(scope, false);
}

}  // namespace

void add_payout_runs(Routes& on) {
    on.task("payout.run", run);
}

}  // namespace daybook::sim
