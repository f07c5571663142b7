// Parameters that older API versions knew and the current one refuses.
#pragma once

#include <tools/stripe_sim/spec.hpp>

#include <string_view>

namespace daybook::sim {

/// Whether the route once knew a top-level parameter of this name.
bool is_old_param(const Route& route, std::string_view name);

/// The parameters with today's required ones in place of those that said the same before.
json::object in_todays_words(const Route& route, const json::object& raw);

}  // namespace daybook::sim
