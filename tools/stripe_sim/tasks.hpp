// What is to happen later, in virtual time.
#pragma once

#include <tools/stripe_sim/clock.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace daybook::sim {

/// Named by kind and object, so that it can be saved; the kind's function is registered by name.
struct ScheduledTask {
    std::string kind;     ///< "charge.settle"
    std::string account;  ///< "" is the platform
    std::string id;       ///< of the object that it is about
};

/// In order of time, then of scheduling.
class Tasks {
public:
    void schedule(Seconds at, ScheduledTask task) {
        waiting_.emplace(std::pair(at, ++last_), std::move(task));
    }

    /// When the next one is due.
    [[nodiscard]] std::optional<Seconds> next() const {
        if (waiting_.empty()) return std::nullopt;
        return waiting_.begin()->first.first;
    }

    /// Takes out the next one. There is one.
    ScheduledTask take() { return waiting_.extract(waiting_.begin()).mapped(); }

    /// The number of the one that was scheduled last, and away with those that were after it.
    [[nodiscard]] std::uint64_t last() const { return last_; }
    void drop_after(std::uint64_t number) {
        if (number == last_) return;
        std::erase_if(waiting_, [number](const auto& task) { return task.first.second > number; });
    }

    [[nodiscard]] const auto& all() const { return waiting_; }

private:
    std::map<std::pair<Seconds, std::uint64_t>, ScheduledTask> waiting_;
    std::uint64_t last_ = 0;
};

}  // namespace daybook::sim
