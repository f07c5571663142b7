// What Stripe's refusals mean to the clients of our own API.
#pragma once

#include <api/actions/plan.hpp>
#include <api/http.hpp>

namespace daybook::api {

/// The problem that reports Stripe's answer to a step of `plan`, which is not a 2xx. Pure.
Response stripe_problem(const Plan& plan, const StripeAnswer& answer);

}  // namespace daybook::api
