// Mandates: a buyer's permission to debit his account.
#pragma once

#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

/// An active mandate to debit this payment method again and again.
const json::object& make_mandate(const Scope& scope, const json::object& method);

}  // namespace daybook::sim
