// Folding the log again from position 1, beside the live tables, and swapping.
#pragma once

#include <projections/digest.hpp>
#include <projections/projection.hpp>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace daybook::projections {

/// Where a long fold stands. `stage` is "fold", "write", "catch up" or "swap".
struct Progress {
    std::string_view stage;
    std::int64_t done = 0;   ///< positions (fold, catch up) or rows (write)
    std::int64_t total = 0;  ///< the same unit; 0 when unknown
};
/// Called a few times a second from any one of the threads, never from two at once. What it throws
/// ends the work, which leaves nothing but a shadow for the next one to clear, and comes out of it.
using OnProgress = std::function<void(const Progress&)>;

struct LogOptions {
    std::string conninfo;
    std::int32_t log_id = 0;
    bool livemode = false;
};

/// What a fold came to.
struct Folded {
    const Projection* projection = nullptr;
    std::int64_t position = 0;
    Digest digest;
    std::int64_t rows = 0;
    std::int64_t set_aside = 0;  ///< events it could not fold
};

/// Thrown when another process rebuilds the same projection now.
class RebuildRunning : public std::runtime_error {
public:
    explicit RebuildRunning(std::string_view projection);
};

/// Folds these projections, and those that share states with them, from one scan of the log into
/// fresh tables, catches up with what came meanwhile, and swaps each group in one short
/// transaction. Readers keep reading the old tables until then; a swap waits at most 50 ms for its
/// locks at a time (300 ms where that is never enough), for an hour in all. Threads that fold and
/// write give way to everybody else's. Throws pg::Error, RebuildRunning.
std::vector<Folded> rebuild(const LogOptions& log, std::vector<const Projection*> projections,
                            const OnProgress& progress = {});

}  // namespace daybook::projections
