// Parameters against their shapes: from a tree of text to typed values, or Stripe's refusal.
#pragma once

#include <tools/stripe_sim/spec.hpp>

namespace daybook::sim {

/// Whether parameters that only older API versions knew are let through (the CLI names no version).
enum class Age { current, any };

/// The typed parameters: integers, booleans, arrays for indexed maps, null for what '' unsets.
/// `raw` comes from a form (all leaves text) or from a v2 body (typed already). Throws StripeError
/// 400 for what is unknown, missing, or of the wrong kind.
json::object checked(const Route& route, const json::object& raw, Age age);

}  // namespace daybook::sim
