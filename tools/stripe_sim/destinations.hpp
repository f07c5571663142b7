// Whom a payment's money is for, and what the platform keeps of it.
#pragma once

#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {

/// Merges the parameter transfer_data into a payment that has its amount, its
/// application_fee_amount and its on_behalf_of already. Throws where Stripe would refuse the
/// combination.
void apply_destination(Call& call, json::object& payment);

}  // namespace daybook::sim
