// How far a long fold is: a bar with a rate on a terminal, now and then a line otherwise.
#pragma once

#include <projections/rebuild.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace daybook::tools {

/// Writes to stderr, so that stdout stays for results. Calls come one at a time (OnProgress).
class ProgressBar {
public:
    ProgressBar();
    /// Leaves the terminal on a fresh line.
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void show(const projections::Progress& progress);
    /// To hand to a fold; must not outlive this.
    projections::OnProgress callback() {
        return [this](const projections::Progress& progress) { show(progress); };
    }

private:
    using Clock = std::chrono::steady_clock;

    bool terminal_;
    bool drawn_ = false;
    std::string stage_;
    Clock::time_point stage_begin_;
    Clock::time_point last_line_;
};

}  // namespace daybook::tools
