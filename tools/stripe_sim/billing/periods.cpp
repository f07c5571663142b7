// Months and years by the calendar, days and weeks by the clock.
#include <tools/stripe_sim/billing/periods.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/error.hpp>

#include <fmt/format.h>

#include <chrono>

namespace daybook::sim {
namespace {

Seconds months_later(Seconds from, std::int64_t months) {
    using namespace std::chrono;
    const sys_seconds time{seconds(from)};
    const auto midnight_of = floor<days>(time);
    const year_month_day date(midnight_of);
    const auto month_then =
        year_month(date.year(), date.month()) + std::chrono::months(static_cast<int>(months));
    const year_month_day_last last(month_then.year(), month_day_last(month_then.month()));
    const auto day_then = std::min(date.day(), last.day());
    const sys_days then(year_month_day(month_then.year(), month_then.month(), day_then));
    return (then.time_since_epoch() + (time - midnight_of)).count();
}

/// About how long one interval is; never longer than it.
Seconds shortest(Interval interval) {
    const Seconds unit = interval.unit == "day"     ? day
                         : interval.unit == "week"  ? 7 * day
                         : interval.unit == "month" ? 28 * day
                                                    : 365 * day;
    return unit * interval.count;
}

/// The greatest n with anchor + n intervals not after `time`.
std::int64_t intervals_between(Seconds anchor, Interval interval, Seconds time) {
    invariant(interval.count > 0);
    // The guess is too far from the anchor by what the shortest interval misses; walk back.
    auto count = (time - anchor) / shortest(interval) + (time >= anchor ? 1 : -1);
    while (later_by(anchor, interval, count) > time)
        --count;
    while (later_by(anchor, interval, count + 1) <= time)
        ++count;
    return count;
}

}  // namespace

Seconds later_by(Seconds from, Interval interval, std::int64_t times) {
    const auto total = interval.count * times;
    if (interval.unit == "day") return from + total * day;
    if (interval.unit == "week") return from + total * 7 * day;
    return months_later(from, interval.unit == "month" ? total : total * 12);
}

Seconds period_end(Seconds anchor, Interval interval, Seconds time) {
    return later_by(anchor, interval, intervals_between(anchor, interval, time) + 1);
}

Seconds period_start(Seconds anchor, Interval interval, Seconds time) {
    return later_by(anchor, interval, intervals_between(anchor, interval, time));
}

Seconds checked_time(Seconds given, std::string_view param) {
    constexpr Seconds first = 946'684'800;   // 2000
    constexpr Seconds last = 4'102'444'800;  // 2100
    if (given >= first && given < last) return given;
    throw invalid(fmt::format("Invalid timestamp: {} is not a time of this century.", given))
        .code("parameter_invalid_integer")
        .param(param);
}

void check_interval(const json::object& recurring, std::string_view param) {
    const auto interval = interval_of(recurring);
    const std::int64_t most = interval.unit == "day"     ? 3 * 365
                              : interval.unit == "week"  ? 3 * 52
                              : interval.unit == "month" ? 3 * 12
                                                         : 3;
    if (interval.count >= 1 && interval.count <= most) return;
    throw invalid("Invalid interval_count: must be positive, and at most three years.")
        .code("parameter_invalid_integer")
        .param(fmt::format("{}[interval_count]", param));
}

Interval interval_of(const json::object& recurring) {
    return {text(recurring, "interval"), integer(recurring, "interval_count", 1)};
}

}  // namespace daybook::sim
