// The life of a refund after somebody asked for it.
#pragma once

#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// Ends a refund whose money never reached the buyer, as "failed" or "canceled": what was taken
/// comes back, the charge counts it no longer. Emits the events.
void call_off_refund(const Scope& scope, json::object& refund, std::string_view status,
                     std::string_view failure_reason);

/// refund.updated, and charge.refund.updated as older integrations know it.
void tell_refund_changed(const Scope& scope, const json::object& before,
                         const json::object& refund);

/// Registers what refunds do later.
void add_refund_tasks(Routes& on);

}  // namespace daybook::sim
