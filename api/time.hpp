// Points in time as people and Stripe write them: Unix seconds or RFC 3339.
#pragma once

#include <ledger/event.hpp>

#include <optional>
#include <string_view>

namespace daybook::api {

/// RFC 3339 with a T or a space between date and time, to the microsecond (further digits are cut);
/// the offset is Z, +hh:mm or +hh, as Postgres writes it too. Null for anything else.
std::optional<Microseconds> parse_rfc3339(std::string_view text);

/// Unix seconds in decimal, or RFC 3339.
std::optional<Microseconds> parse_time(std::string_view text);

/// Whole seconds since the epoch, rounded down also before it.
std::int64_t unix_seconds(Microseconds time);

Microseconds now_microseconds();

}  // namespace daybook::api
