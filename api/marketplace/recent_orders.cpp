// A map with an end to each entry, and a queue of those ends.
#include <api/marketplace/recent_orders.hpp>

namespace daybook::api {

std::optional<RecentOrders::Met> RecentOrders::meet(std::span<const std::string> likenesses,
                                                    const Order& order, Clock::time_point now) {
    const std::scoped_lock lock(mutex_);
    forget_old(now);
    for (const auto& likeness : likenesses) {
        const auto found = known_.find(likeness);
        if (found != known_.end() && found->second.idempotency_key != order.idempotency_key)
            return Met{likeness, found->second};
    }
    for (const auto& likeness : likenesses)
        if (known_.try_emplace(likeness, order).second) ends_.emplace_back(now + memory, likeness);
    return std::nullopt;
}

void RecentOrders::replace(const Met& other, const Order& order) {
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(other.likeness);
    if (found != known_.end() && found->second == other.order) found->second = order;
}

void RecentOrders::forget_old(Clock::time_point now) {
    while (!ends_.empty() && (ends_.front().first <= now || ends_.size() > orders_max)) {
        known_.erase(ends_.front().second);
        ends_.pop_front();
    }
}

}  // namespace daybook::api
