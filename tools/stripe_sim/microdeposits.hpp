// Small deposits by which the owner of a bank account shows that the statement is his.
#pragma once

#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {

/// Takes over how a bank account is to be verified, if the request says so.
void copy_verification_method(Call& call, json::object& intent);

/// Whether this payment or setup intent asks for them with this payment method.
bool needs_microdeposits(const json::object& intent, const json::object& method);

/// The next_action that says so.
json::object microdeposits_action(const Scope& scope, const json::object& intent);

/// Throws unless the intent waits for them and the request knows them: 32 and 45 cents, or the code
/// SM11AA, as in Stripe's test mode.
void check_microdeposits(const Call& call, const json::object& intent);

}  // namespace daybook::sim
