// The terms of subscriptions, and how they pass to invoices and to the calendar.
#pragma once

#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// Throws for parameters that contradict each other or name what does not exist.
void check_subscription_params(const Scope& scope, const json::object& params,
                               std::string_view customer);

/// Copies the parameters that are plain members; for creation and change.
void apply_to_subscription(const Scope& scope, json::object& subscription,
                           const json::object& params);

/// The next time after `now` that {day_of_month, hour, ...} describes.
Seconds anchor_by(const json::object& config, Interval interval, Seconds now);

/// An invoice of the subscription: its terms, discounts and taxes; not stored.
json::object begin_subscription_invoice(const Scope& scope, const json::object& subscription,
                                        std::string_view billing_reason);

/// Takes the discounts that hold once off the subscription, after an invoice has had them.
void drop_used_discounts(const Scope& scope, json::object& subscription);

/// Sets the tasks of a subscription whose periods, trial or cancellation are new.
void schedule_billing(const Scope& scope, const json::object& subscription);

}  // namespace daybook::sim
