// Coupons at work: whether one may be redeemed, and the discounts that come of it.
#pragma once

#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// Whether somebody asks for a reduction, or was promised it before: a promise holds even if the
/// coupon expired or was deleted meanwhile.
enum class Claim { asked, promised };

/// What {coupon | promotion_code | discount} stands for. Throws where Stripe would refuse it to
/// this customer; "" is nobody yet. Nothing is redeemed.
Reduction reduction_for(const Scope& scope, const json::object& given, std::string_view param,
                        std::string_view customer = "", Claim claim = Claim::asked);

/// The same of a list, such as the discounts parameter.
std::vector<Reduction> reductions_for(const Scope& scope, const json::array& given,
                                      std::string_view param, std::string_view customer = "",
                                      Claim claim = Claim::asked);

/// The reduction that a discount goes on making.
Reduction reduction_of(const Scope& scope, const json::object& discount);

/// Sets amount_off for sales in this currency; throws when the coupon does not know it.
void in_currency(const Scope& scope, Reduction& reduction, std::string_view currency);

/// To what a discount is tied; empty ids are null.
struct DiscountTarget {
    std::string customer;
    std::string subscription;
    std::string subscription_item;
    std::string invoice;
    std::string invoice_item;
    std::string checkout_session;
    Seconds start = 0;
    bool preview = false;  ///< nothing is counted as redeemed
};

/// Makes the discount and counts the redemption. Emits nothing.
json::object& redeem(const Scope& scope, const Reduction& reduction, const DiscountTarget& target);

/// Redeems each for the same target; their ids.
json::array redeem_all(const Scope& scope, const std::vector<Reduction>& reductions,
                       const DiscountTarget& target);

/// customer.discount.<verb> of a discount that is stored.
void tell_discount(const Scope& scope, std::string_view verb, std::string_view discount);

/// What is left to answer when this discount is deleted.
json::object deleted_discount(json::object discount);

/// Those of the discounts that hold at `time`.
std::vector<std::string> holding(const Scope& scope, const json::array& discounts, Seconds time);

/// Gives the customer this discount, or takes the one it has; {} takes it. Emits what happens.
void discount_customer(const Scope& scope, json::object& customer, const json::object& given);

}  // namespace daybook::sim
