// Payouts: money from an account's balance to its bank, or back.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string>

namespace daybook::sim {

struct PayoutOrder {
    std::int64_t amount = 0;  ///< negative: from the bank into the balance
    std::string currency;
    std::string method = "standard";  ///< or instant
    bool automatic = false;
    std::string description;
    std::string statement_descriptor;
    std::string original_payout;  ///< of a reversal
    json::object metadata;
};

/// Makes a payout to (or from) an external account, debits the balance, emits payout.created; the
/// rest of its course follows in time. Whether it is allowed is the caller's question.
json::object& make_payout(const Scope& scope, const PayoutOrder& order,
                          const json::object& external_account);

/// Whether the account is paid out at all.
bool payouts_enabled(const Scope& scope);

/// The smallest payout in a currency.
std::int64_t payout_minimum(std::string_view currency);

/// What payouts in a currency must be multiples of: 100 where banks take whole units only.
std::int64_t payout_step(std::string_view currency);

}  // namespace daybook::sim
