// The ends of subscriptions.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>

namespace daybook::sim {

struct Cancellation {
    std::string reason = "cancellation_requested";
    bool prorate = false;      ///< credits the unused time
    bool invoice_now = false;  ///< bills what is pending
    json::object details;      ///< comment and feedback
};

/// Ends a subscription at once; emits customer.subscription.deleted. Its open invoices are not
/// collected any more.
void cancel_subscription(const Scope& scope, json::object& subscription,
                         const Cancellation& cancellation = {});

/// Ends all subscriptions of a customer.
void cancel_subscriptions_of(const Scope& scope, std::string_view customer);

}  // namespace daybook::sim
