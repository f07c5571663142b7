// Amounts in minor units: which are allowed, what processing costs, and shares of them.
#pragma once

#include <ledger/currency.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::sim {

/// Digits after the point: 0 for jpy, 3 for bhd, 2 for nearly all.
int exponent_of(std::string_view currency);

/// "usd" from "USD"; throws StripeError 400 unless Stripe charges in it.
std::string checked_currency(std::string_view given);

/// Throws StripeError 400 unless the amount may be charged: amount_too_small, amount_too_large, or
/// digits that its currency does not have.
void check_charge_amount(std::int64_t amount, std::string_view currency,
                         std::string_view param = "amount");

/// Whether Stripe does not charge so little.
bool is_too_small(std::int64_t amount, std::string_view currency);

/// What Stripe keeps of a card charge: 2.9 % and a fixed part, 1.5 % more for foreign cards.
std::int64_t processing_fee(std::int64_t amount, std::string_view currency, bool foreign);

using daybook::share;

/// "$10.00 usd" as Stripe's messages write amounts.
std::string shown_amount(std::int64_t amount, std::string_view currency);

}  // namespace daybook::sim
