// Events as the v2 API shows them: they name the object they are about instead of showing it.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace daybook::sim {

class World;

/// The v2 form of the event with this number.
json::object thin_event(const World& world, std::size_t number);

/// On whose shelf events stand that only the v2 API knows.
constexpr std::string_view v2_events = "v2";

/// The number of the event whose v2 form has this id.
std::optional<std::size_t> thin_event_number(const World& world, std::string_view account,
                                             std::string_view id);

/// Appends one of those, made now; `event` has its type and what is special about it. It goes to
/// nobody by itself. Returns its number.
std::size_t append_v2_event(World& world, json::object event);

/// 2026-10-28T09:30:00.000Z, as the v2 API writes times.
std::string rfc3339(Seconds time);

}  // namespace daybook::sim
