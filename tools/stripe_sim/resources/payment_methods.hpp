// Payment methods as things that customers have.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// Gives a payment method to a customer; emits payment_method.attached. Does nothing when it is his
/// already. Throws when it is somebody else's, or a card that its bank would not let be stored.
void attach_method(const Scope& scope, json::object& method, std::string_view customer);

/// Takes it from its customer for good; emits payment_method.detached.
void detach_method(const Scope& scope, json::object& method);

/// Throws unless the payment method is the customer's.
void check_attached(const Scope& scope, std::string_view method, std::string_view customer,
                    std::string_view param);

}  // namespace daybook::sim
