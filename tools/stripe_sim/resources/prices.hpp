// Prices, as other resources make them.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// Makes a price of the parameters of POST /v1/prices and emits price.created; a recurring one is
/// also a plan of the same id. Throws Stripe's refusals.
json::object& make_price(const Scope& scope, const json::object& params, std::string_view id = "");

/// The old face of a recurring price.
const json::object& plan_of(const Scope& scope, const json::object& price);

/// Makes a product of the parameters of POST /v1/products and emits product.created.
json::object& make_product(const Scope& scope, const json::object& params);

}  // namespace daybook::sim
