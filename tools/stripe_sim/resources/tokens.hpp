// Cards as the older objects of their own that tokens and sources are.
#pragma once

#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

/// A card object from what was typed in or from {"token": "tok_..."}; not stored. Throws for cards
/// that Stripe would not take.
json::object card_object(const Scope& scope, const json::object& given);

}  // namespace daybook::sim
