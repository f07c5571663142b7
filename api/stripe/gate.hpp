// The way to Stripe: so many calls at once, so many a second, in the order of asking.
#pragma once

#include <api/asio.hpp>
#include <api/stripe/call.hpp>
#include <api/stripe/waiting.hpp>

#include <atomic>
#include <cstddef>
#include <expected>
#include <memory>
#include <utility>

namespace daybook::api::stripe {

/// Spreads calls over time: in any span of t seconds at most burst + rate * t of them.
class TokenBucket {
public:
    /// `rate` a second; 0 for no limit. `burst` is at least 1.
    TokenBucket(unsigned rate, unsigned burst);

    /// Takes a token if there is one.
    bool take(Clock::time_point now);
    /// When there will be one.
    [[nodiscard]] Clock::time_point next() const { return full_ - tolerance_; }

private:
    Clock::duration interval_{};   ///< between two tokens
    Clock::duration tolerance_{};  ///< what a burst may run ahead by
    Clock::time_point full_{};     ///< when the bucket would be full again
};

struct GateLimits {
    std::size_t at_once = 25;
    std::size_t waiting_max = 0;
    unsigned rate = 0;
    unsigned burst = 1;
};

/// One thread; outlives the passes that it gives out.
class Gate {
public:
    /// Keeps `in_flight` and `waiting` up to date; both outlive it.
    Gate(Executor executor, const GateLimits& limits, std::atomic<std::size_t>& in_flight,
         std::atomic<std::size_t>& waiting);

    /// A place among the calls in flight, until it is destroyed.
    class Pass {
    public:
        explicit Pass(Gate& gate) : gate_(&gate) {}
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (gate_ != nullptr) gate_->leave();
        }

    private:
        Gate* gate_;
    };

    /// Waits for its turn: Failure::busy when that is not before the deadline or too many wait
    /// already, Failure::stopping after close().
    Task<std::expected<Pass, Failure>> enter(Clock::time_point deadline);

    /// Nobody gets in any more.
    void close();

private:
    bool admit(Clock::time_point now);
    void admit_waiting();
    void pace();
    void leave();
    void note() const;

    const GateLimits limits_;
    std::atomic<std::size_t>& in_flight_gauge_;
    std::atomic<std::size_t>& waiting_gauge_;
    TokenBucket bucket_;
    Waiting waiting_;
    Timer next_token_;
    bool pacing_ = false;  ///< next_token_ is set
    std::size_t in_flight_ = 0;
    bool closed_ = false;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>();  ///< for the timer's callback
};

}  // namespace daybook::api::stripe
