// What customers use of things that are metered, as meter events tell, and what a period comes to.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace daybook::sim {

/// What somebody reports.
struct MeterEvent {
    std::string event_name;
    std::string identifier;  ///< "" makes one up
    json::object payload;
    Seconds at = 0;
};

/// Why a report does not count; `meter` is "" where there is none of that name.
struct MeterRefusal {
    std::string meter;
    std::string code;  ///< meter_event_no_customer_defined, ...
    std::string message;
};

/// Whether events of this type tell of reports that did not count; they are thin, always.
bool is_meter_error(std::string_view event_type);

/// The active meter of this event, or null.
const json::object* meter_of(const Scope& scope, std::string_view event_name);

/// Counts it, and gives it the identifier that it lacks. Returns why it does not count, if so.
std::optional<MeterRefusal> report_usage(const Scope& scope, MeterEvent& event);

/// What the customer used from `from` until before `to`, by the meter's formula.
std::int64_t usage_of(const Scope& scope, const json::object& meter, std::string_view customer,
                      Seconds from, Seconds to);

/// A metered item of a subscription with what was used since it was last billed as its quantity,
/// and that time as its period. From now on it is billed until `until`. Any other item as it is.
json::object bill_usage(const Scope& scope, const json::object& subscription,
                        const json::object& item, Seconds until);

}  // namespace daybook::sim
