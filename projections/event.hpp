// What a fold sees of an event: its envelope and its object, parsed once for all projections.
#pragma once

#include <projections/stripe/objects.hpp>

#include <cstdint>
#include <string_view>

namespace daybook::projections {

/// Views point into the batch that the event belongs to.
struct Event {
    std::int64_t position = 0;
    std::string_view id;  ///< evt_…; the last tie-breaker
    std::string_view type;
    std::string_view account;  ///< acct_… on Connect deliveries, else empty
    std::int64_t created = 0;  ///< Unix seconds at Stripe
    stripe::Object object;     ///< std::monostate when no fold needs it
    std::string_view error;    ///< why the object could not be read; then it is set aside
};

}  // namespace daybook::projections
