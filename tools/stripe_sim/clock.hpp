// Virtual time: it stands still until it is moved, or walks beside the wall clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace daybook::sim {

/// Seconds since 1970, as Stripe counts.
using Seconds = std::int64_t;

constexpr Seconds minute = 60;
constexpr Seconds hour = 60 * minute;
constexpr Seconds day = 24 * hour;

/// The midnight (UTC) that `time` follows or is.
constexpr Seconds midnight(Seconds time) {
    return time - time % day;
}

class Clock {
public:
    enum class Mode { wall, frozen };

    Clock(Mode mode, Seconds start) : mode_(mode), now_(start) {}

    /// The same for a whole request and a whole task: it moves between them alone.
    [[nodiscard]] Seconds now() const { return now_; }
    [[nodiscard]] Mode mode() const { return mode_; }

    /// What the wall clock allows by now; in frozen mode, now().
    [[nodiscard]] Seconds target() const {
        if (mode_ == Mode::frozen) return now_;
        const auto passed = Steady::now() - since_;
        return at_since_ + std::chrono::duration_cast<std::chrono::seconds>(passed).count();
    }

    /// Stands at a saved time; a wall clock that has passed it since is caught up with.
    void resume_at(Seconds time) {
        at_since_ = std::max(time, target());
        since_ = second_began();
        now_ = time;
    }

    /// Never backwards.
    void move_to(Seconds time) {
        if (time > now_) now_ = time;
    }

    /// A jump: the wall clock walks on from there.
    void jump_to(Seconds time) {
        move_to(time);
        since_ = second_began();
        at_since_ = now_;
    }

private:
    using Steady = std::chrono::steady_clock;

    /// Its seconds begin where the wall clock's do, so that both never differ by a fraction.
    static Steady::time_point second_began() {
        const auto wall = std::chrono::system_clock::now().time_since_epoch();
        return Steady::now() -
               std::chrono::duration_cast<Steady::duration>(wall % std::chrono::seconds(1));
    }

    Mode mode_;
    Seconds now_;
    Seconds at_since_ = now_;
    Steady::time_point since_ = second_began();
};

}  // namespace daybook::sim
