// An action as the folds see it: what was asked, by whom, and what came of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace daybook::projections::stripe {

/// The `action` member of an action.* event. Each kind of event has a part of it; 0 or empty means
/// that it says nothing. Text lives in the arena of the batch, times are Unix seconds.
struct Action {
    std::string_view id;  ///< act_…
    std::string_view kind;
    std::string_view method;
    std::string_view path;
    std::string_view account;
    std::string_view idempotency_key;
    std::string_view key_id;  ///< of who asked
    std::string_view remote;
    std::string_view user_agent;
    std::string_view request_id;
    std::string_view settled_by;
    std::string_view stripe_request_id;
    std::string_view object_type;
    std::string_view object_id;
    std::string_view error;  ///< JSON
    std::int64_t status = 0;
    std::int64_t attempts = 0;
    std::int64_t requested_at = 0;
    std::int64_t answered_at = 0;
    std::int64_t answered_at_us = 0;  ///< the same in microseconds; 0 in the oldest records
    std::int64_t snapshot_until = 0;  ///< the last second in which the object can have been so
};

}  // namespace daybook::projections::stripe
