// People behind an account: who represents it, and who owns it.
#pragma once

#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

/// Takes over what is told about the person who represents the account, who is made if need be;
/// emits person.created or person.updated.
json::object& change_representative(const Scope& owner, const json::object& account,
                                    const json::object& params);

}  // namespace daybook::sim
