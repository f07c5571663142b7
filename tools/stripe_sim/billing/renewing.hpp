// Subscriptions in the course of time.
#pragma once

#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>
#include <vector>

namespace daybook::sim {

/// Ends a trial at once: the first paid period begins, and is billed, cancelled or paused.
void end_trial(const Scope& scope, json::object& subscription);

/// An invoice at once for what is pending and for the given lines; finalized, not collected.
json::object& bill_now(const Scope& scope, json::object& subscription,
                       std::string_view billing_reason, std::vector<InvoiceLine> lines);

/// What the next invoice will be; neither it nor its lines are stored.
json::object upcoming_invoice(const Scope& scope, const json::object& subscription,
                              const std::vector<json::object>& items,
                              std::vector<InvoiceLine> further_lines);

/// Registers the tasks of subscriptions and what they hear of their invoices.
void add_renewing(Routes& on);

}  // namespace daybook::sim
