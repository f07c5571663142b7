// What an error of Stripe's means to a client of Daybook's own API.
#pragma once

#include <api/actions/plan.hpp>

#include <string_view>

namespace daybook::api {

/// The problem that `answer`, which is no success, becomes. Declines are 402 with a text fit for
/// the buyer; refusals 422, 404 or 409 with Stripe's words and the parameter's name; limits 503;
/// everything else, an answer that is not Stripe's included, 502. Pure and thread-safe. Members
/// beside those of every problem: `stripe` with type, code, message and param; for a decline code,
/// decline_code, customer_message and payment_intent_id; order_id when the plan decided on one.
Response stripe_problem(const Plan& plan, const StripeAnswer& answer);

/// What to tell the buyer of a decline: nothing that would warn a thief. Never empty.
std::string_view customer_message(std::string_view code, std::string_view decline_code);

}  // namespace daybook::api
