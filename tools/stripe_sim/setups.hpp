// Setup intents at work: payment methods made ready for later. Checkout and subscriptions set up
// through these as the API does.
#pragma once

#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <optional>
#include <string_view>

namespace daybook::sim {

/// A setup intent with all that it needs, not stored yet.
json::object begin_setup_intent(const Scope& scope);

/// Stores it and emits setup_intent.created. Its status follows from whether it has a payment
/// method.
json::object& put_setup_intent(const Scope& scope, json::object intent);

/// Tries to set up the intent's payment method. It ends succeeded, requires_action, processing, or,
/// refused, requires_payment_method; the events tell. Returns the refusal.
std::optional<StripeError> attempt_setup(const Scope& scope, json::object& intent,
                                         const Attempt& attempt);

/// What the page of a challenge or of a redirect reports. The intent must be in requires_action.
void finish_setup_action(const Scope& scope, json::object& intent, bool approved);

void cancel_setup_intent(const Scope& scope, json::object& intent, std::string_view reason);

}  // namespace daybook::sim
