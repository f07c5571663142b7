// When the money of a balance transaction may be used, and whether an account may owe.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace daybook::sim {

/// When the transaction's money becomes available; none if it is by now. What takes back pending
/// money is posted for the same time, so that it never comes out of the available balance.
std::optional<Seconds> pending_until(const Scope& scope, std::string_view transaction);

/// Whether the account's balance may go below zero: unless its settings say that Stripe must not
/// debit its bank (settings.payouts.debit_negative_balances).
bool may_overdraw(const Scope& scope);

/// What the account has available and on its way.
std::int64_t funds(const Scope& scope, std::string_view currency);

}  // namespace daybook::sim
