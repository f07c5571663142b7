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

/// Batches that follow each other without a gap.
using Batches = std::vector<std::shared_ptr<const Batch>>;

struct FeedOptions {
    std::string conninfo;
    std::int32_t log_id = 0;
    bool livemode = false;
    std::vector<std::string_view> types;  ///< the types that any projection handles
    std::int64_t batch_positions_max = 1000;
};

/// Thread-safe. There is no reader thread: the projector that finds events which nobody has read
/// yet reads and parses them, and the others, which follow close behind, get the same ones from a
/// short memory. One that hurries makes small batches; the others take several of them at once.
class Feed {
public:
    using Clock = std::chrono::steady_clock;

    explicit Feed(FeedOptions options);

    /// What follows `after`, up to about batch_positions_max positions; the first batch may begin
    /// before it. Empty when the log has nothing there until `deadline` or until `interrupt`.
    /// Throws pg::Error when the log is out of reach.
    Batches next(std::int64_t after, Clock::time_point deadline);

    /// The log reaches to here; wakes those who wait. Never lowers the head.
    void advance(std::int64_t head);
    [[nodiscard]] std::int64_t head() const;
    /// Reads anew what it remembers: the log may be another since, after a failover.
    void forget();
    void interrupt();  ///< for ever: used to stop

private:
    [[nodiscard]] std::int64_t known_upto() const;
    [[nodiscard]] bool knows(std::int64_t after) const;
    [[nodiscard]] Batches known(std::int64_t after) const;
    void remember(const std::shared_ptr<const Batch>& batch);
    std::shared_ptr<const Batch> read_unlocked(std::unique_lock<std::mutex>& lock,
                                               std::int64_t after);
    [[nodiscard]] std::shared_ptr<const Batch> read(std::int64_t after, std::int64_t upto);

    const FeedOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<const Batch>> recent_;  ///< without gaps
    Clock::time_point remembered_at_;
    std::int64_t head_ = 0;
    bool reading_ = false;
    bool interrupted_ = false;
    std::optional<pg::Connection> db_;  // of whoever set reading_
};

}  // namespace daybook::projections
