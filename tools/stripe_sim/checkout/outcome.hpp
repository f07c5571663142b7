// What a checkout session ends in: paid, pending, subscribed, set up.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>

namespace daybook::sim {

/// The session that waits for this intent, or null.
json::object* session_of(const Scope& scope, const json::object& intent);

/// What is to be paid at once: the total, or the first invoice of the subscription.
std::int64_t due_now(const Scope& scope, const json::object& session);

/// The parameters of the subscription that the session starts; as of POST /v1/subscriptions.
json::object subscription_params(const Scope& scope, const json::object& session);

/// The buyer has done what there was to do: makes the subscription or the invoice, redeems the
/// discounts, emits checkout.session.completed. payment_status is set.
void complete_session(const Scope& scope, json::object& session);

}  // namespace daybook::sim
