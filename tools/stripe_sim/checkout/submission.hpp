// A checkout session's way from open to complete or expired.
#pragma once

#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>

namespace daybook::sim {

/// What the buyer fills in.
struct Submission {
    std::string payment_method;  ///< pm_..., or "" where nothing is to be paid
    std::string email;           ///< "" takes the payment method's
};

/// Makes the setup intent of a session in setup mode, which has it from the start.
void begin_setup(const Scope& scope, json::object& session);

/// The buyer submits: makes the payment intent or setup intent, and attempts it. The session is
/// complete when they are; the events tell. Throws the refusal.
void submit_session(const Scope& scope, json::object& session, const Submission& submission);

/// Ends an open session without a sale.
void expire_session(const Scope& scope, json::object& session);

/// The payment or setup intent that the session waits for, or null.
const json::object* awaited_intent(const Scope& scope, const json::object& session);

/// `url` with the session's id for {CHECKOUT_SESSION_ID}.
std::string address_after(const json::object& session, std::string_view url);

/// Lets sessions follow their intents.
void add_submissions(Routes& on);

}  // namespace daybook::sim
