// How far a long fold is: a bar with a rate on a terminal, now and then a line otherwise.
#pragma once

#include <projections/rebuild.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace daybook::tools {

/// Thrown by ProgressBar::show() after SIGINT or SIGTERM, so that the work undoes what it began.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted: what was not finished is undone") {}
};

/// Writes to stderr, so that stdout stays for results. Calls come one at a time (OnProgress). As
/// long as it lives the first SIGINT or SIGTERM ends the work, the second one the process.
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
