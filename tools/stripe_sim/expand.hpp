// expand[]: ids replaced by the objects that they name.
#pragma once

#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {

/// Refuses, with StripeError 400, paths that cannot be followed: before a POST does anything.
void check_expansions(const Call& call);

/// Expands what the request's `expand` names in its answer, up to four levels deep. Throws
/// StripeError 400 for paths that do not exist.
void expand(const Call& call, json::object& answer);

/// The object that an id in this field names, wherever it lives: in this scope, or on the account
/// that `document` names as its account or destination. Null when it is gone.
const json::object* referred(const Scope& scope, const json::object& document, const Shape& shape,
                             std::string_view id);

}  // namespace daybook::sim
