// What the client of an action gets to see, by way of the gateway and by way of our own API.
#pragma once

#include <api/actions/plan.hpp>
#include <api/actions/record.hpp>
#include <api/problem.hpp>
#include <api/stripe/call.hpp>

#include <cstdint>
#include <string_view>

namespace daybook::api {

inline constexpr std::string_view gateway_kind = "gateway";

/// Stripe's answer as the gateway's: status, body and headers as they came, but for those of the
/// connection and those about our own idempotency key.
Response passed_on(const StripeAnswer& answer);

/// What the answers of Stripe mean to whoever asked: for the last state that `outcome` has.
Response answer_of(const Plan& plan, const Outcome& outcome);

/// The answer while nobody knows what became of the action.
Response undecided(const Plan& plan, const Outcome& outcome, stripe::Failure failure);

/// A refusal before or beside Stripe, in the shape that the client of this plan understands.
Response refused(const Plan& plan, Problem problem, std::string_view detail = {});

/// Adds what is only known at the end: headers that name the action and its position, and for our
/// own API the position in the body. `replayed`: this is not the first time that it is given.
Response completed(const Plan& plan, Response response, std::int64_t position, bool replayed);

/// Stripe's error shape.
Response stripe_error(int status, std::string_view type, std::string_view code,
                      std::string_view message);

}  // namespace daybook::api
