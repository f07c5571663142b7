// An account's balance as a document.
#pragma once

#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

/// The balance of the scope's account as it is now.
json::object balance_of(const Scope& scope);

/// Makes available what is due by now, with balance.available if anything was.
void settle_balance(const Scope& scope);

}  // namespace daybook::sim
