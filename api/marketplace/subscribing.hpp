// What subscriptions by Checkout and by the Payment Element have in common.
#pragma once

#include <api/form.hpp>
#include <api/marketplace/sale.hpp>

#include <cstdint>
#include <string_view>

namespace daybook::api {

/// Decides the fee again, as Stripe will take it: it splits the invoices of a subscription by
/// percentage alone, so there is no fixed part, and lines of different rates share one percentage,
/// weighted by their amounts. Call it after settle_fee().
void settle_by_percentage(Sale& sale);

/// The part of each invoice that goes to the seller, in basis points.
std::int64_t seller_share(const Sale& sale);

/// transfer_data and on_behalf_of below `name` (empty: at the top); nothing for a sale of the
/// platform's own.
void add_subscription_share(Form& form, std::string_view name, const Sale& sale);

}  // namespace daybook::api
