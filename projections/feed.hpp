// The log as the projectors of one node follow it: read once, parsed once, shared by all.
#pragma once

#include <projections/event.hpp>

#include <ledger/arena.hpp>
#include <ledger/pg/connection.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace daybook::projections {

/// Consecutive events of the log, parsed. Immutable once shared.
struct Batch {
    std::int64_t after = 0;  ///< exclusive
    std::int64_t upto = 0;   ///< inclusive; events that no fold handles are left out
    Arena arena;             ///< owns what the events point to
    std::vector<Event> events;
};

struct FeedOptions {
    std::string conninfo;
    std::int32_t log_id = 0;
    bool livemode = false;
    std::vector<std::string_view> types;  ///< the types that any projection handles
    std::int64_t batch_events_max = 1000;
};

/// Thread-safe. There is no reader thread: the first projector that needs a batch reads and
/// parses it, and the others, which follow close behind, get the same one from a short memory.
class Feed {
public:
    explicit Feed(FeedOptions options);

    /// A batch that begins at or before `after` and ends behind it; null when the log has nothing
    /// there until `deadline` or until `interrupt`. Throws pg::Error when the log is out of reach.
    std::shared_ptr<const Batch> next(std::int64_t after,
                                      std::chrono::steady_clock::time_point deadline);

    /// The log reaches to here; wakes those who wait. Never lowers the head.
    void advance(std::int64_t head);
    [[nodiscard]] std::int64_t head() const;
    void interrupt();  ///< for ever: used to stop

private:
    std::shared_ptr<const Batch> read(std::int64_t after, std::int64_t upto);

    const FeedOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<const Batch>> recent_;
    std::int64_t head_ = 0;
    bool reading_ = false;
    bool interrupted_ = false;
    std::optional<pg::Connection> db_;  // of whoever set reading_
};

}  // namespace daybook::projections
