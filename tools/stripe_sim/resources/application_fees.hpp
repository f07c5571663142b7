// Application fees: what the platform keeps of its connected accounts' payments.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <optional>
#include <string>

namespace daybook::sim {

struct ApplicationFeeOrder {
    std::string account;             ///< the connected account that pays
    std::string charge;              ///< its py_ or ch_
    std::string originating_charge;  ///< the platform's ch_ of a destination charge, or ""
    std::string currency;
    std::int64_t amount = 0;
    std::optional<Seconds> available_on;
};

/// Credits the platform and emits application_fee.created; the account's side is part of its
/// charge.
const json::object& make_application_fee(const Scope& platform, const ApplicationFeeOrder& order);

}  // namespace daybook::sim
