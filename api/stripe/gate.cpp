// Admission in order, and the token bucket as one moment in time (the generic cell rate algorithm).
#include <api/stripe/gate.hpp>

#include <algorithm>

namespace daybook::api::stripe {

TokenBucket::TokenBucket(unsigned rate, unsigned burst) {
    if (rate == 0) return;
    interval_ = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate;
    tolerance_ = interval_ * (std::max(burst, 1U) - 1);
}

bool TokenBucket::take(Clock::time_point now) {
    if (interval_.count() == 0) return true;
    if (now < next()) return false;
    full_ = std::max(full_, now) + interval_;
    return true;
}

Gate::Gate(Executor executor, const GateLimits& limits, std::atomic<std::size_t>& in_flight,
           std::atomic<std::size_t>& waiting)
    : limits_(limits),
      in_flight_gauge_(in_flight),
      waiting_gauge_(waiting),
      bucket_(limits.rate, limits.burst),
      waiting_(executor),
      next_token_(executor) {}

void Gate::note() const {
    in_flight_gauge_.store(in_flight_, std::memory_order_relaxed);
    waiting_gauge_.store(waiting_.size(), std::memory_order_relaxed);
}

bool Gate::admit(Clock::time_point now) {
    if (in_flight_ >= limits_.at_once || !bucket_.take(now)) return false;
    ++in_flight_;
    return true;
}

Task<std::expected<Gate::Pass, Failure>> Gate::enter(Clock::time_point deadline) {
    if (closed_) co_return std::unexpected(Failure::stopping);
    if (waiting_.size() == 0 && admit(Clock::now())) {
        note();
        co_return Pass(*this);
    }
    if (waiting_.size() >= limits_.waiting_max) co_return std::unexpected(Failure::busy);
    pace();
    const bool called = co_await waiting_.until(deadline);
    note();
    if (called) co_return Pass(*this);
    co_return std::unexpected(closed_ ? Failure::stopping : Failure::busy);
}

void Gate::admit_waiting() {
    const auto now = Clock::now();
    while (waiting_.size() > 0 && admit(now))
        waiting_.call_one();
    if (waiting_.size() > 0) pace();
    note();
}

/// Those that wait for a token, not for a place, are let in by a timer.
void Gate::pace() {
    if (pacing_ || closed_ || in_flight_ >= limits_.at_once) return;
    pacing_ = true;
    next_token_.expires_at(bucket_.next());
    next_token_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
        if (error || alive.expired()) return;
        pacing_ = false;
        admit_waiting();
    });
}

void Gate::leave() {
    --in_flight_;
    admit_waiting();
}

void Gate::close() {
    closed_ = true;
    next_token_.cancel();
    waiting_.dismiss_all();
    note();
}

}  // namespace daybook::api::stripe
