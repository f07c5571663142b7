// The projectors of this node: one thread per group, following the log into schema app.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

struct ProjectorOptions {
    std::string conninfo;
    std::int32_t log_id = 0;
    bool livemode = false;
    std::string node;    ///< names this node in leases; unique per process
    bool listen = true;  ///< LISTEN for other nodes' appends; polling works without
};

/// `state`: "live" (this node folds it), "standby" (another node does), "rebuilding" (an older
/// version serves meanwhile), "degraded" (live, with events set aside), "stopped" (the database
/// is away; retrying).
struct ProjectorStatus {
    std::string name;
    int version = 0;
    std::string state;
    std::int64_t position = 0;
    std::int64_t lag = 0;      ///< events between its position and the head of the log
    std::uint64_t events = 0;  ///< folded since the start
    std::uint64_t batches = 0;
    std::uint64_t set_aside = 0;  ///< poisoned events since the start
};

/// Starts its threads on construction and joins them on destruction. Thread-safe.
class Projectors {
public:
    explicit Projectors(ProjectorOptions options);
    ~Projectors();

    /// The log has grown to this position; wakes the threads. Called by the appender.
    void wake(std::int64_t head);

    [[nodiscard]] std::vector<ProjectorStatus> status() const;

    /// How far the tables of this projection hold the log; 0 when there is none of this name. On a
    /// node that does not fold it, as of a moment ago.
    [[nodiscard]] std::int64_t position(std::string_view projection) const;

    /// Makes the projection's thread hurry, and calls `done` once its tables hold everything up to
    /// `position`: from that thread, or at once from here. Never after `deadline`, and never for a
    /// name that does not exist.
    void when_at(std::string_view projection, std::int64_t position,
                 std::chrono::steady_clock::time_point deadline, std::function<void()> done);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::projections
