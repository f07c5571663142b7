// Billing periods: calendar arithmetic that keeps to the day of the anchor.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstdint>
#include <string_view>

namespace daybook::sim {

struct Interval {
    std::string_view unit;  ///< day, week, month, year
    std::int64_t count = 1;
};

/// `times` intervals after `from`. A day that a month lacks becomes its last; the 31st of January
/// and one month give the 28th of February, and two give the 31st of March.
Seconds later_by(Seconds from, Interval interval, std::int64_t times);

/// The first anchor + n intervals that is after `time`; n may be negative.
Seconds period_end(Seconds anchor, Interval interval, Seconds time);

/// The last anchor + n intervals that is not after `time`.
Seconds period_start(Seconds anchor, Interval interval, Seconds time);

/// The time that a parameter gives; throws StripeError 400 unless it is of this century.
Seconds checked_time(Seconds given, std::string_view param);

/// Throws StripeError 400 unless intervals of this length are allowed: at most three years.
void check_interval(const json::object& recurring, std::string_view param);

/// Of a price's `recurring`, or of a plan or anything else with interval and interval_count.
Interval interval_of(const json::object& recurring);

}  // namespace daybook::sim
