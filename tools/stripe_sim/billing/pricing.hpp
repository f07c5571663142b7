// What a sale comes to: prices times quantities, less discounts, plus tax; in integers throughout.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// An exact decimal number, such as a percentage: digits / scale.
struct Decimal {
    std::int64_t digits = 0;
    std::int64_t scale = 1;
};

/// From a number or a text; 12.5 and "12.5" are the same. Throws StripeError 400 for more digits
/// than amounts have.
Decimal decimal_of(const json::value& value);

/// `percent` of `amount`, rounded to the nearest unit.
std::int64_t percent_of(std::int64_t amount, const json::value& percent);

/// Throws StripeError 400 unless it is a percentage from 0 to 100.
void check_percent(const json::value& percent, std::string_view param);

/// Throws StripeError 400 for amounts beyond what can be billed, and for negative ones unless
/// `negative` is allowed.
void check_amount(std::int64_t amount, std::string_view param, bool negative = false);

/// The price that {price | plan | price_data, ...} names; price_data makes one, and product_data in
/// it a product. Throws Stripe's refusals, naming `param`. Code may add "ordered": true for what
/// was ordered while it was for sale, which may be over.
const json::object& price_for(const Scope& scope, const json::object& item, std::string_view param);

/// Quantity times the unit amount, by tiers and packages too, in one of the price's currencies.
/// Throws when the price has no such currency.
std::int64_t price_amount(const Scope& scope, const json::object& price, std::int64_t quantity,
                          std::string_view currency);

/// A coupon about to be applied.
struct Reduction {
    const json::object* coupon = nullptr;
    std::string discount;         ///< the discount it is applied by, or "" while there is none
    std::string promotion_code;   ///< promo_..., or ""
    std::int64_t amount_off = 0;  ///< in the currency of the sale; 0 when by percentage
    std::vector<std::string> products;  ///< to which it is limited; none is all
};

struct DiscountAmount {
    std::string discount;
    std::int64_t amount = 0;
};

struct TaxAmount {
    const json::object* rate = nullptr;
    std::int64_t amount = 0;
    std::int64_t taxable = 0;
};

struct PricedLine {
    std::int64_t amount = 0;  ///< before discounts and exclusive taxes
    std::string product;
    bool discountable = true;
    std::vector<const json::object*> tax_rates;
    std::vector<Reduction> reductions;  ///< its own, which come before those of the whole sale

    // What price_lines() finds.
    std::vector<DiscountAmount> discounts;
    std::vector<TaxAmount> taxes;

    [[nodiscard]] std::int64_t discount() const;
    /// What is added to the amount; inclusive taxes are in it already.
    [[nodiscard]] std::int64_t exclusive_tax() const;
    [[nodiscard]] std::int64_t inclusive_tax() const;
    [[nodiscard]] std::int64_t total() const { return amount - discount() + exclusive_tax(); }
};

struct Totals {
    std::int64_t subtotal = 0;
    std::int64_t discount = 0;
    std::int64_t exclusive_tax = 0;
    std::int64_t inclusive_tax = 0;
    std::int64_t total = 0;  ///< subtotal - discount + exclusive_tax
    std::vector<DiscountAmount> discounts;
    std::vector<TaxAmount> taxes;
};

/// Applies each line's reductions, then the sale's in order, then the taxes. A reduction of the
/// whole is spread over the lines in proportion, so that no unit is lost.
Totals price_lines(std::vector<PricedLine>& lines, const std::vector<Reduction>& reductions);

}  // namespace daybook::sim
