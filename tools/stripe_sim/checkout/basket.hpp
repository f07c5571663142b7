// What a checkout session sells: line items and what they come to.
#pragma once

#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

struct Basket {
    json::array items;      ///< item documents
    json::array tax_rates;  ///< of each item, a list of txr_...
};

/// Line items of the line_items parameter, not priced yet. Throws Stripe's refusals; their prices
/// must fit the mode and share one currency.
Basket make_basket(const Scope& scope, const json::array& given, std::string_view mode);

/// Computes the sums of the session and of each item, with the session's discounts and shipping.
/// Recurring items of a trial cost nothing today.
void price_basket(const Scope& scope, json::object& session, Basket& basket, bool trial);

/// The session's own.
Basket basket_of(const Scope& scope, const json::object& session);
void keep_basket(const Scope& scope, const json::object& session, const Basket& basket);

/// Adds items[] and add_invoice_items[] of the subscription that the basket starts.
void add_subscription_items(const Basket& basket, json::object& params);

}  // namespace daybook::sim
