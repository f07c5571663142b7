// The orders that were placed within the last minute, on any node: before any projection knows
// them.
#pragma once

#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace daybook::api {

/// Tells a second click from a second purchase while the first may still be under way. As
/// thread-safe as its connection; throws pg::Error.
class RecentOrders {
public:
    struct Order {
        std::string order_id;
        std::string idempotency_key;  ///< of the request that placed it
    };

    /// An order that was there before, and what it has in common with the new one.
    struct Met {
        std::string likeness;
        Order order;
    };

    RecentOrders(pg::Connection& db, std::int32_t log_id) : db_(db), log_id_(log_id) {}

    /// An order that is remembered under one of these likenesses, unless it was for the same
    /// idempotency key, which is then a repetition of the same request. When there is none,
    /// remembers this one under all of them for a minute: null.
    std::optional<Met> meet(const std::vector<std::string>& likenesses, const Order& order);

    /// Remembers this one in the other's place, which came to nothing. Does nothing when somebody
    /// else has taken that place meanwhile: meet() again.
    void replace(const Met& other, const Order& order);

private:
    void forget_old();

    pg::Connection& db_;
    const std::int32_t log_id_;
};

}  // namespace daybook::api
