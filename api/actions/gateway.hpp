// Stripe's own protocol: any official SDK becomes a client by changing its host and key.
#pragma once

#include <api/actions/plan.hpp>
#include <api/http.hpp>
#include <api/stripe/call.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace daybook::api {

/// What becomes of a request: a write is an action, a read a call that nobody records.
using GatewayOrder = std::variant<Plan, stripe::Call>;

/// The connected account that a request is about, by Stripe-Account or Stripe-Context; empty for
/// the platform's own. Throws Refused when both are there.
std::string account_of(const Request& request);

/// Body, query and Stripe's headers go on as they came. What does not depend on the protocol (the
/// action's id, the requester, the time) is filled in by the caller.
GatewayOrder gateway_order(const Request& request);

/// A problem in the shape that a client of Stripe understands.
Response in_stripes_shape(const Response& problem);

}  // namespace daybook::api
