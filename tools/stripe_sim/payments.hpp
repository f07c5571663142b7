// Payment intents at work: attempts, what comes of them, capture and cancellation. Checkout and
// invoices pay through these as the API does.
#pragma once

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace daybook::sim {

/// A payment intent with all that it needs, not stored yet: id, client_secret, status, defaults.
json::object begin_intent(const Scope& scope, std::int64_t amount, std::string_view currency);

/// Stores it and emits payment_intent.created. Its status follows from whether it has a payment
/// method.
json::object& put_intent(const Scope& scope, json::object intent);

struct Attempt {
    bool off_session = false;
    bool authenticated = false;    ///< the buyer has passed the challenge, or approved elsewhere
    bool error_on_action = false;  ///< an attempt that needs the buyer is a failed one
    bool use_sdk = false;          ///< Stripe.js shows the challenge, without a redirect
    std::string return_url;
};

/// Tries to pay with the intent's payment method. It ends succeeded, processing, requires_capture,
/// requires_action, or, refused, requires_payment_method; the events tell. Returns the refusal.
std::optional<StripeError> attempt_payment(const Scope& scope, json::object& intent,
                                           const Attempt& attempt);

/// The next_action that sends the buyer to the page of a challenge, or, for methods that the buyer
/// approves elsewhere, of a redirect. The intent may be a setup intent.
json::object buyers_action(const Scope& scope, const json::object& intent,
                           const json::object& method, const Attempt& attempt);

/// What the page of a challenge or of a redirect reports. The intent must be in requires_action.
void finish_action(const Scope& scope, json::object& intent, bool approved);

/// Captures an intent in requires_capture. `amount` is at most what is capturable.
void capture_intent(const Scope& scope, json::object& intent, std::int64_t amount);

/// Registers what payments do later.
void add_payment_tasks(Routes& on);

/// Cancels, releasing what was authorised.
void cancel_intent(const Scope& scope, json::object& intent, std::string_view reason);

}  // namespace daybook::sim
