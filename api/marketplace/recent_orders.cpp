// A map with an end to each entry, and a queue of those ends.
#include <api/marketplace/recent_orders.hpp>

namespace daybook::api {

std::string RecentOrders::meet(const std::string& likeness, const std::string& order_id,
                               const std::string& idempotency_key, Clock::time_point now) {
    const std::scoped_lock lock(mutex_);
    forget_old(now);
    const auto found = known_.find(likeness);
    if (found != known_.end() && found->second.idempotency_key != idempotency_key)
        return found->second.order_id;
    if (found != known_.end()) return {};
    known_.emplace(likeness, Known{order_id, idempotency_key, now + memory});
    order_.emplace_back(now + memory, likeness);
    return {};
}

void RecentOrders::forget_old(Clock::time_point now) {
    while (!order_.empty() && (order_.front().first <= now || order_.size() > orders_max)) {
        known_.erase(order_.front().second);
        order_.pop_front();
    }
}

}  // namespace daybook::api
