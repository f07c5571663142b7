// So many threads at work at a time, and no more.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace daybook::projections {

/// Thread-safe. In place of std::counting_semaphore, whose acquire() in libstdc++ 12 may sleep on
/// although there is a turn: it waits for a change from the count that it saw before it tried, and
/// a count that went down and up again meanwhile looks like no change.
class Turns {
public:
    using Clock = std::chrono::steady_clock;

    explicit Turns(int at_once) : free_(at_once) {}

private:
    friend class Turn;
    std::mutex mutex_;
    std::condition_variable freed_;
    int free_;
};

/// Has a turn as long as it lives.
class Turn {
public:
    /// Goes on without a turn when `patience` is over, so that what hangs holds up nobody for ever.
    explicit Turn(Turns& turns, Turns::Clock::duration patience = std::chrono::hours(1))
        : turns_(turns) {
        std::unique_lock lock(turns.mutex_);
        turns.freed_.wait_for(lock, patience, [&turns] { return turns.free_ > 0; });
        --turns.free_;
    }
    ~Turn() {
        {
            const std::scoped_lock lock(turns_.mutex_);
            ++turns_.free_;
        }
        turns_.freed_.notify_one();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    Turns& turns_;
};

}  // namespace daybook::projections
