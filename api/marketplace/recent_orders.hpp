// The orders that this process took in the last seconds, before any projection can know them.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

namespace daybook::api {

/// Tells a second click from a second purchase while the first is still under way. Thread-safe.
class RecentOrders {
public:
    using Clock = std::chrono::steady_clock;

    struct Order {
        std::string order_id;
        std::string idempotency_key;  ///< of the request that placed it

        bool operator==(const Order&) const = default;
    };

    /// An order that was there before, and what it has in common with the new one.
    struct Met {
        std::string likeness;
        Order order;
    };

    /// How long an order is remembered: long enough for it to be projected.
    static constexpr auto memory = std::chrono::seconds(10);
    static constexpr std::size_t orders_max = 100'000;

    /// The first order that is remembered under one of these likenesses, unless it was for the same
    /// idempotency key, which is then a repetition of the same request. When there is none,
    /// remembers this one under all of them: null.
    std::optional<Met> meet(std::span<const std::string> likenesses, const Order& order,
                            Clock::time_point now);

    /// Remembers this one in the other's place, which came to nothing. Does nothing when somebody
    /// else has taken that place meanwhile: meet() again.
    void replace(const Met& other, const Order& order);

private:
    void forget_old(Clock::time_point now);

    std::mutex mutex_;
    std::unordered_map<std::string, Order> known_;
    std::deque<std::pair<Clock::time_point, std::string>> ends_;  ///< each, by when it is forgotten
};

}  // namespace daybook::api
