// The orders that this process took in the last seconds, before any projection can know them.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

namespace daybook::api {

/// Tells a second click from a second purchase while the first is still under way. Thread-safe.
class RecentOrders {
public:
    using Clock = std::chrono::steady_clock;

    /// How long an order is remembered: long enough for it to be projected.
    static constexpr auto memory = std::chrono::seconds(10);
    static constexpr std::size_t orders_max = 100'000;

    /// The order id that `likeness` was remembered with, unless it was for the same idempotency
    /// key, which is then a repetition of the same request. Otherwise remembers this one and gives
    /// an empty text.
    std::string meet(const std::string& likeness, const std::string& order_id,
                     const std::string& idempotency_key, Clock::time_point now);

private:
    struct Known {
        std::string order_id;
        std::string idempotency_key;
        Clock::time_point until;
    };
    void forget_old(Clock::time_point now);

    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
    std::deque<std::pair<Clock::time_point, std::string>> order_;  ///< by when they are forgotten
};

}  // namespace daybook::api
