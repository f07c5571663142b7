// Fee refunds: application fees given back to the account that paid them.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>

namespace daybook::sim {

/// What of the fee has not been given back.
std::int64_t unrefunded(const json::object& fee);

/// Gives `amount` back: the fee refund and both sides' balance transactions. Emits nothing; the
/// fee's event is application_fee.refunded.
const json::object& make_fee_refund(const Scope& platform, json::object& fee, std::int64_t amount,
                                    const json::object& metadata = {});

/// The same with its event.
const json::object& refund_application_fee(const Scope& platform, json::object& fee,
                                           std::int64_t amount, const json::object& metadata = {});

}  // namespace daybook::sim
