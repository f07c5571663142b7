// Cards stored with customers in the older way, as sources.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// Stores the card of a token (tok_visa, tok_...) with a customer, whose default it becomes if he
/// has none; emits customer.source.created.
json::object& add_source(const Scope& scope, json::object& customer, std::string_view token);

}  // namespace daybook::sim
