// The one writer of the log on this node: gathers events and commits them in groups.
#pragma once

#include <ledger/event.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace daybook {

/// What an append came to.
struct Appended {
    std::int64_t position = 0;  ///< where the event stands in the log
    /// It stood there before; nothing was added. Also true when this very append had lost the
    /// answer to its COMMIT and found its event in the log.
    bool duplicate = false;
};

enum class AppendFailure {
    queue_full,   ///< too much is waiting already; try again shortly
    unavailable,  ///< the database does not answer; nothing is known to be lost or kept
    stopping      ///< the service is shutting down
};

using AppendOutcome = std::expected<Appended, AppendFailure>;

struct AppenderLimits {
    std::size_t queue_events_max = 20'000;
    std::size_t queue_bytes_max = std::size_t{128} << 20;
    std::size_t batch_events_max = 1024;
    std::size_t batch_bytes_max = std::size_t{4} << 20;
    std::chrono::milliseconds wait_max{5000};  ///< then an event is answered with `unavailable`
    bool prepared_statements = true;           ///< off behind a pooler that does not keep them
};

/// Counters since the start, read from any thread.
struct AppenderStats {
    std::uint64_t events = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t commits = 0;
    std::uint64_t reconnects = 0;
    std::size_t queued = 0;
    std::int64_t head = 0;  ///< highest position this node has committed or seen
    bool connected = false;
};

/// Owns a thread and two connections. `submit` may be called from any thread; while the log is
/// quiet that thread sends its event itself, if it is small enough for a write that does not wait.
/// Whatever gathered while the previous transaction was in flight goes out as the next one
/// (group commit, no timers). `done` is called exactly once, on the appender's thread, and only
/// after the commit when it reports success. It must not block. A COMMIT whose answer was lost is
/// settled by taking the head lock and looking the event ids up, never by a blind retry.
class Appender {
public:
    using Done = std::function<void(AppendOutcome)>;

    Appender(std::string conninfo, std::int32_t log_id, AppenderLimits limits = {});
    /// Drains: what was accepted is committed, or answered with a failure after a short limit.
    ~Appender();

    /// Takes the event, or answers queue_full / unavailable / stopping at once through `done`
    /// (then on the caller's thread).
    void submit(NewEvent event, Done done);

    /// Called on the appender's thread after each commit with the new head. Set before traffic.
    void on_commit(std::function<void(std::int64_t head)> callback);

    [[nodiscard]] AppenderStats stats() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
