// Customers, as other resources end them.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// Deletes a customer with its subscriptions; emits customer.deleted.
void remove_customer(const Scope& scope, std::string_view id);

}  // namespace daybook::sim
