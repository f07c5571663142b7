// What the marketplace reads of the projections: products, prices, sellers, buyers, orders.
#pragma once

#include <api/context.hpp>
#include <ledger/fee.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

// Every function reads the live tables of the service's log, takes ids that Input::id() let
// through, and throws pg::Error. Money is in minor units.

struct Product {
    std::string id;
    bool active = false;
    std::string seller;  ///< acct_…; empty: the platform's own, or nobody said
    std::string default_price;
    std::optional<FeeRate> fee;  ///< of its own
};

struct Price {
    std::string id;
    std::string product;
    bool active = false;
    std::string currency;
    std::optional<std::int64_t> unit_amount;  ///< none: tiers, or the buyer decides
    std::string interval;                     ///< day, week, month, year; empty: paid once
    std::int64_t interval_count = 1;
    std::int64_t package_size = 1;  ///< how many units the amount is for
};

std::map<std::string, Product> find_products(Context& context, const std::vector<std::string>& ids);
std::map<std::string, Price> find_prices(Context& context, const std::vector<std::string>& ids);

struct Seller {
    std::string id;
    std::string readiness;                 ///< as GET /connect/accounts/{id} has it
    std::string transfers, card_payments;  ///< the capabilities' status; empty: not requested
    bool payouts_enabled = false;
    std::vector<std::string> missing;  ///< what is due, in Stripe's words
    bool on_behalf_of = false;         ///< charges name it as the merchant
    std::optional<FeeRate> fee;        ///< of its own
};

std::optional<Seller> find_seller(Context& context, const std::string& account);

/// What the seller sold so far in this currency, less refunds.
std::int64_t lifetime_revenue(Context& context, const std::string& account,
                              const std::string& currency);

/// The newest customer whose metadata name this user; empty when there is none.
std::string customer_of_user(Context& context, const std::string& user_id);

struct PromotionCode {
    std::string id, coupon, customer, minimum_currency;
    bool active = false, first_time = false;
    std::int64_t expires_at = 0;  ///< Unix seconds; 0: never
    std::optional<std::int64_t> minimum_amount, max_redemptions;
};

/// By its id or by what the buyer types, without regard to case; the active one of several.
std::optional<PromotionCode> find_promotion_code(Context& context, const std::string& given);

struct Coupon {
    std::string id, currency, percent_off;  ///< a decimal number; empty: an amount is off
    std::int64_t amount_off = 0;
    bool valid = false;
    std::int64_t redeem_by = 0;  ///< Unix seconds; 0: no end
    std::optional<std::int64_t> max_redemptions;
    std::vector<std::string> products;  ///< empty: all
    bool products_known = false;        ///< Stripe tells them only to who asks
};

std::optional<Coupon> find_coupon(Context& context, const std::string& id);

/// What metadata[daybook_products] of a coupon says in place of ids when it is for everything.
inline constexpr std::string_view all_products = "*";

/// Whether this user has an order that was ever paid.
bool has_bought(Context& context, const std::string& user_id);

// Where a row has an account, it is the connected account that the object is on, as direct charges
// are; empty: the platform.

struct OrderRow {
    std::string id, status, currency, buyer, seller, account, product;
    std::string payment_intent, checkout_session, subscription;
    std::int64_t amount = 0;
    std::optional<std::int64_t> application_fee;
};

/// What the tables have; null too when they are behind.
std::optional<OrderRow> look_up_order(Context& context, const std::string& order_id);

/// Null is certain, for who places an order of an id that is not there: throws
/// Refused(projection_behind) when the tables lack it and do not hold the whole log either.
std::optional<OrderRow> find_order(Context& context, const std::string& order_id);

/// One line of an order.
struct OrderItem {
    std::int64_t number = 0;
    std::int64_t quantity = 0;
    std::int64_t amount = 0;
    std::int64_t quantity_refunded = 0;
};

std::vector<OrderItem> find_items(Context& context, const std::string& order_id);

/// A charge that took money.
struct ChargeRow {
    std::string id, payment_intent, order_id, seller, account, currency;
    std::int64_t captured = 0;
    std::int64_t refunded = 0;
    std::int64_t application_fee = 0;
    [[nodiscard]] std::int64_t left() const { return captured - refunded; }
};

struct SubscriptionItem {
    std::string id, price;
    std::int64_t quantity = 1;
};

struct SubscriptionRow {
    std::string id, status, currency, customer, seller, account;
    std::string fee_percent;  ///< application_fee_percent; empty: none
    std::vector<SubscriptionItem> items;
};

std::optional<SubscriptionRow> find_subscription(Context& context, const std::string& id);

struct DisputeRow {
    std::string id, status, order_id, seller, account;
};

std::optional<DisputeRow> find_dispute(Context& context, const std::string& id);

enum class ChargeKey { order, payment_intent, charge };
std::vector<ChargeRow> find_charges(Context& context, ChargeKey key, const std::string& id);

}  // namespace daybook::api
