// A place where coroutines wait until they are called, in order, or until a deadline.
#pragma once

#include <api/asio.hpp>

#include <cstddef>
#include <list>

namespace daybook::api::stripe {

/// One thread; outlives those that wait in it.
class Waiting {
public:
    explicit Waiting(Executor executor) : executor_(executor) {}
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    /// True when called; false at the deadline, or when dismissed.
    Task<bool> until(Clock::time_point deadline);

    /// Calls the one that has waited longest, if any. It runs later, not within this.
    void call_one();
    /// Sends all away: for them until() is false.
    void dismiss_all();

    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

private:
    class Place;

    Executor executor_;
    std::list<Place*> waiting_;
};

}  // namespace daybook::api::stripe
