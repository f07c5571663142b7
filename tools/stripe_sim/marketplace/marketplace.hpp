// A made-up marketplace: sellers, buyers and their orders over some virtual days, through the same
// code as requests over HTTP. The same seeds and plan make the same events.
#pragma once

#include <tools/stripe_sim/marketplace/plan.hpp>
#include <tools/stripe_sim/marketplace/shop.hpp>

namespace daybook::sim {

/// Throws StripeError 400 unless the plan can be lived.
void check_plan(const Plan& plan);

/// Moves virtual time by the plan's days and makes everything happen on the way. Returns how often
/// what happened.
Tally live(World& world, const Plan& plan);

}  // namespace daybook::sim
