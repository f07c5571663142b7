// Refunds: what goes back to the buyer, and with it from the seller and out of the platform's fee.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::sim {

struct RefundOrder {
    std::int64_t amount = 0;  ///< at most what has not been refunded
    std::string reason;       ///< "" is none
    bool reverse_transfer = false;
    bool refund_application_fee = false;
    std::string instructions_email;
    json::object metadata;
};

/// What has not been refunded of a charge.
std::int64_t unrefunded_charge(const json::object& charge);

/// Refunds a captured charge; emits refund.created, charge.refunded and what follows. Throws
/// Stripe's refusals.
json::object& make_refund(const Scope& scope, json::object& charge, const RefundOrder& order);

/// Sends cash that a customer holds back to his bank, which he is asked to name.
json::object& return_cash(const Scope& scope, std::string_view customer, const RefundOrder& order,
                          std::string_view currency);

}  // namespace daybook::sim
