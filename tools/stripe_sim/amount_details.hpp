// What a payment intent's amount consists of: line items, tax, shipping, discount.
#pragma once

#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {

/// Takes the parameter amount_details over, if it is given. The line items do not stand on the
/// intent: they have a list of their own.
void copy_amount_details(Call& call, json::object& intent);

}  // namespace daybook::sim
