// The items of subscriptions: what is billed per period, and the lines that they become.
#pragma once

#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>
#include <vector>

namespace daybook::sim {

/// A new item of {price | price_data, quantity, ...} without periods; not stored. Throws unless the
/// price recurs and has the currency; "" takes any.
json::object begin_subscription_item(const Scope& scope, const json::object& params,
                                     std::string_view param, std::string_view currency);

/// Gives an item another price.
void reprice(const Scope& scope, json::object& item, const json::object& price);

/// Copies quantity, metadata, discounts and tax rates of the parameters into an item.
void apply_to_item(const Scope& scope, json::object& item, const json::object& params,
                   std::string_view customer);

/// Sets the period that contains `time`, by the anchor and the price's interval.
void set_period(json::object& item, Seconds anchor, Seconds time);

/// The stored items, oldest first.
std::vector<json::object> items_of(const Scope& scope, const json::object& subscription);

/// The item with this id, or null.
const json::object* with_id(const std::vector<json::object>& items, std::string_view id);

/// Stores the items, new or changed, and shows them in the subscription.
void put_items(const Scope& scope, json::object& subscription,
               const std::vector<json::object>& items);

/// Removes an item, if it is still there.
void drop_item(const Scope& scope, json::object& subscription, std::string_view item);

/// What an item costs per period, before discounts.
std::int64_t item_amount(const Scope& scope, const json::object& item, std::string_view currency);

/// What it costs after the percentages of the item's and the subscription's discounts.
std::int64_t discounted_amount(const Scope& scope, const json::object& subscription,
                               const json::object& item);

/// The item's line for its current period, of `amount`.
InvoiceLine line_of(const Scope& scope, const json::object& subscription, const json::object& item,
                    std::int64_t amount, std::string_view description = "");

/// The end of the period that ends first; 0 without items.
Seconds first_period_end(const std::vector<json::object>& items);

}  // namespace daybook::sim
