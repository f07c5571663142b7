// What the simulator must remember of an object and Stripe does not show, or only when expanded.
#pragma once

#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

/// The notes beside a stored or to-be-stored document, to be changed; made on first use.
json::object& hidden(const Scope& scope, const json::object& document);

/// The same to be read; empty when nothing was ever noted.
const json::object& noted(const Scope& scope, const json::object& document);

}  // namespace daybook::sim
