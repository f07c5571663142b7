// Objects written without becoming values first, which would copy them.
#pragma once

#include <tools/stripe_sim/json.hpp>

namespace daybook::sim {

void append_compact(std::string& out, const json::object& object);
void append_pretty(std::string& out, const json::object& object);

}  // namespace daybook::sim
