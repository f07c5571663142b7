// Tells how far a long fold has come, not too often.
#pragma once

#include <projections/rebuild.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace daybook::projections {

/// Calls through at most five times a second. Thread-safe.
class Ticker {
public:
    Ticker(const OnProgress& progress, std::string_view stage, std::int64_t total)
        : progress_(progress), stage_(stage), total_(total) {}
    void add(std::int64_t done) {
        if (!progress_) return;
        const std::scoped_lock lock(mutex_);
        done_ += done;
        const auto now = std::chrono::steady_clock::now();
        if (done_ != total_ && now - told_ < told_every) return;
        told_ = now;
        progress_({stage_, done_, total_});
    }

private:
    static constexpr auto told_every = std::chrono::milliseconds(200);

    const OnProgress& progress_;
    const std::string_view stage_;
    const std::int64_t total_;
    std::mutex mutex_;
    std::int64_t done_ = 0;
    std::chrono::steady_clock::time_point told_;
};

}  // namespace daybook::projections
