// The ways to ship that a checkout session offers.
#pragma once

#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {

/// Sets shipping_options and, the first being chosen, shipping_cost.
void apply_shipping(Call& call, json::object& session, const json::array& options);

}  // namespace daybook::sim
