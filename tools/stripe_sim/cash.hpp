// Cash balances: what customers have sent by bank transfer, until it pays for something.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string_view>

namespace daybook::sim {

/// The customer's cash balance; made on first use. It has an id here, the customer's, that is not
/// shown.
json::object& cash_balance(const Scope& scope, std::string_view customer);

/// Takes what the customer has for an intent that is paid by bank transfer. True when the intent is
/// covered; otherwise its next_action tells what is missing and where to send it.
bool pay_from_cash(const Scope& scope, json::object& intent);

/// Money arrives from the customer: it pays for the intents that wait for it, oldest first, and the
/// rest stays. Returns the transaction.
const json::object& fund_cash(const Scope& scope, std::string_view customer,
                              std::string_view currency, std::int64_t amount,
                              std::string_view reference);

}  // namespace daybook::sim
