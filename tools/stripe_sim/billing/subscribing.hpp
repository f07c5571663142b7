// Subscriptions begin: what is asked is checked, the first invoice is made and perhaps paid.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>

namespace daybook::sim {

struct Subscribing {
    /// A payment intent that has succeeded with first_amount(): the subscription is born active and
    /// its first invoice paid.
    std::string paid_by;
    /// Nobody is asked to pay at once: nothing was due, as the caller knows.
    bool checked_out = false;
    std::string schedule;  ///< sub_sched_..., whose phase it is: its first invoice waits as a draft
};

/// Begins a subscription by the parameters of POST /v1/subscriptions. Throws Stripe's refusals
/// before anything happens.
json::object& subscribe(const Scope& scope, const json::object& params,
                        const Subscribing& how = {});

/// What the first invoice of such a subscription comes to, discounts and taxes included. The items
/// name prices.
std::int64_t first_amount(const Scope& scope, const json::object& params);

/// That first invoice, neither stored nor numbered.
json::object preview_subscription(const Scope& scope, const json::object& params);

}  // namespace daybook::sim
