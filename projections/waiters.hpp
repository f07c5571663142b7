// Who waits for a projection to reach a position, and until when.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace daybook::projections {

/// Not thread-safe; its owner locks.
class Waiters {
public:
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void()>;

    void add(std::int64_t position, Clock::time_point deadline, Done done) {
        waiting_.push_back({position, deadline, std::move(done)});
    }

    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    /// Whether somebody waits for more than `position`, yet for no more than the log has.
    [[nodiscard]] bool want_more(std::int64_t position, std::int64_t head) const {
        for (const auto& waiter : waiting_)
            if (waiter.position > position && waiter.position <= head) return true;
        return false;
    }

    /// Those who need not wait any longer; forgets those whose time is over.
    [[nodiscard]] std::vector<Done> reached(std::int64_t position) {
        std::vector<Done> done;
        const auto now = Clock::now();
        std::erase_if(waiting_, [&](Waiter& waiter) {
            const bool there = waiter.position <= position;
            if (there) done.push_back(std::move(waiter.done));
            return there || waiter.deadline < now;
        });
        return done;
    }

private:
    struct Waiter {
        std::int64_t position;
        Clock::time_point deadline;
        Done done;
    };
    std::vector<Waiter> waiting_;
};

}  // namespace daybook::projections
