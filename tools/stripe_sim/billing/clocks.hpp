// Test clocks: the billing of some customers goes by a time of its own.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// The clock of a customer, subscription, invoice or schedule; "" is the world's own time.
std::string_view clock_of(const json::object& document);

/// What time it is there.
Seconds time_of(const Scope& scope, std::string_view clock);
inline Seconds time_for(const Scope& scope, const json::object& document) {
    return time_of(scope, clock_of(document));
}

/// Scope::begin(), created in the clock's time and with the clock as its test_clock.
json::object begin_at(const Scope& scope, std::string_view type, std::string_view prefix,
                      std::string_view clock);

/// Runs the task about `document` at a time of its clock, or now if that has passed.
void schedule_at(const Scope& scope, const json::object& document, Seconds when,
                 std::string_view kind);

}  // namespace daybook::sim
