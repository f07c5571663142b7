// Cash balances: what customers have sent by bank transfer, until it pays for something.
#pragma once

#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace daybook::sim {

/// The customer's cash balance; made on first use. It has an id here, the customer's, that is not
/// shown.
json::object& cash_balance(const Scope& scope, std::string_view customer);

/// What the customer has of a currency.
std::int64_t cash_in(const Scope& scope, std::string_view customer, std::string_view currency);

/// Moves `net` into (or, negative, out of) the customer's cash. `about` is the member named like
/// the type, where there is one.
json::object& move_cash(const Scope& scope, std::string_view customer, std::string_view currency,
                        std::int64_t net, std::string_view type, json::object about = {});

/// Takes what the customer has, or `most` of it, for an intent that is paid by bank transfer. True
/// when the intent is covered; otherwise its next_action tells what is missing and where to send
/// it.
bool pay_from_cash(const Scope& scope, json::object& intent,
                   std::int64_t most = std::numeric_limits<std::int64_t>::max());

/// The same for an intent that waits for a transfer: it succeeds, or is partially funded.
void apply_cash(const Scope& scope, json::object& intent,
                std::int64_t most = std::numeric_limits<std::int64_t>::max());

/// Whether an intent waits for a transfer in this currency.
bool waits_for_cash(const json::object& intent, std::string_view currency);

/// Money arrives from the customer: it pays for the intents that wait for it, oldest first, and the
/// rest stays. Returns the transaction.
const json::object& fund_cash(const Scope& scope, std::string_view customer,
                              std::string_view currency, std::int64_t amount,
                              std::string_view reference);

/// Registers what cash does when its intent is given up.
void add_cash_watchers(Routes& on);

}  // namespace daybook::sim
