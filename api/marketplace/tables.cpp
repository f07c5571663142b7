// The SQL behind the marketplace's reads, all in one place.
#include <api/marketplace/tables.hpp>

#include <api/marketplace/json_reader.hpp>

#include <algorithm>
#include <charconv>

namespace daybook::api {
namespace {

/// An array literal of ids, which have nothing that would need quoting.
std::string id_array(const std::vector<std::string>& ids) {
    std::string array = "{";
    for (const auto& id : ids) {
        if (array.size() > 1) array += ',';
        array.append("\"").append(id).append("\"");
    }
    return array + '}';
}

pg::Params of_log(const Context& context) {
    pg::Params params;
    params.number(context.node.log_id);
    return params;
}

std::string text_of(const pg::Result& rows, int row, int column) {
    return std::string(rows.text(row, column));
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failure != std::errc() || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// A rate that the metadata of an account or a product set; what is no rate is none.
std::optional<FeeRate> fee_of(const JsonReader& metadata) {
    constexpr std::int64_t whole = 10'000;
    const auto points = number_of(metadata.text("/daybook_fee_basis_points"));
    const auto fixed = number_of(metadata.text("/daybook_fee_fixed")).value_or(0);
    if (!points || *points < 0 || *points > whole || fixed < 0) return std::nullopt;
    return FeeRate{*points, fixed};
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const auto blank = std::min(text.find(' '), text.size());
        if (blank > 0) found.emplace_back(text.substr(0, blank));
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return found;
}

void add_texts(std::vector<std::string>& texts, std::string_view json) {
    for (const auto& item : JsonReader(json).items(""))
        texts.push_back(item.text(""));
}

}  // namespace

std::map<std::string, Product> find_products(Context& context,
                                             const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    const auto rows = context.db.run(
        "SELECT product_id, active, default_price_id, metadata, seller FROM app.products "
        "WHERE log_id = $1 AND product_id = ANY($2::text[]) AND account_id = '' AND NOT deleted",
        of_log(context).text(id_array(ids)));
    std::map<std::string, Product> found;
    for (int row = 0; row < rows.rows(); ++row) {
        const JsonReader metadata(rows.text(row, 3));
        auto& product = found[text_of(rows, row, 0)];
        product = {.id = text_of(rows, row, 0),
                   .active = rows.boolean(row, 1),
                   .seller = text_of(rows, row, 4),
                   .default_price = text_of(rows, row, 2),
                   .fee = fee_of(metadata)};
    }
    return found;
}

std::map<std::string, Price> find_prices(Context& context, const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    const auto rows = context.db.run(
        "SELECT price_id, product_id, active, currency, unit_amount, recurring_interval, "
        "recurring_interval_count FROM app.prices "
        "WHERE log_id = $1 AND price_id = ANY($2::text[]) AND account_id = '' AND NOT deleted",
        of_log(context).text(id_array(ids)));
    std::map<std::string, Price> found;
    for (int row = 0; row < rows.rows(); ++row) {
        auto& price = found[text_of(rows, row, 0)];
        price = {.id = text_of(rows, row, 0),
                 .product = text_of(rows, row, 1),
                 .active = rows.boolean(row, 2),
                 .currency = text_of(rows, row, 3),
                 .unit_amount = number_of(rows.text(row, 4)),
                 .interval = text_of(rows, row, 5),
                 .interval_count = number_of(rows.text(row, 6)).value_or(1)};
    }
    return found;
}

std::optional<Seller> find_seller(Context& context, const std::string& account) {
    const auto rows = context.db.run(
        "SELECT readiness, transfers_status, card_payments_status, payouts_enabled, currently_due, "
        "past_due, metadata FROM app.accounts WHERE log_id = $1 AND account_id = $2",
        of_log(context).text(account));
    if (rows.rows() == 0) return std::nullopt;
    const JsonReader metadata(rows.text(0, 6));
    Seller seller{.id = account,
                  .readiness = text_of(rows, 0, 0),
                  .transfers = text_of(rows, 0, 1),
                  .card_payments = text_of(rows, 0, 2),
                  .payouts_enabled = rows.boolean(0, 3),
                  .missing = {},
                  .on_behalf_of = metadata.text("/daybook_on_behalf_of") == "true",
                  .fee = fee_of(metadata)};
    add_texts(seller.missing, rows.text(0, 5));
    add_texts(seller.missing, rows.text(0, 4));
    return seller;
}

std::int64_t lifetime_revenue(Context& context, const std::string& account,
                              const std::string& currency) {
    const auto rows = context.db.run(
        "SELECT coalesce(sum(captured - refunded), 0)::bigint FROM app.seller_revenue "
        "WHERE log_id = $1 AND seller_account = $2 AND currency = $3",
        of_log(context).text(account).text(currency));
    return rows.number(0, 0);
}

std::string customer_of_user(Context& context, const std::string& user_id) {
    const auto rows = context.db.run(
        "SELECT customer_id FROM app.customers WHERE log_id = $1 AND user_id = $2 "
        "AND account_id = '' AND NOT deleted ORDER BY created_at DESC, customer_id DESC LIMIT 1",
        of_log(context).text(user_id));
    return rows.rows() == 0 ? std::string() : text_of(rows, 0, 0);
}

std::optional<PromotionCode> find_promotion_code(Context& context, const std::string& given) {
    const auto rows = context.db.run(
        "SELECT promotion_code_id, coupon_id, customer_id, minimum_amount_currency, active, "
        "first_time_transaction, extract(epoch FROM expires_at)::bigint, minimum_amount, "
        "max_redemptions FROM app.promotion_codes WHERE log_id = $1 "
        "AND account_id = '' AND (promotion_code_id = $2 OR upper(code) = upper($2)) "
        "ORDER BY active DESC, created_at DESC, promotion_code_id LIMIT 1",
        of_log(context).text(given));
    if (rows.rows() == 0) return std::nullopt;
    return PromotionCode{.id = text_of(rows, 0, 0),
                         .coupon = text_of(rows, 0, 1),
                         .customer = text_of(rows, 0, 2),
                         .minimum_currency = text_of(rows, 0, 3),
                         .active = rows.boolean(0, 4),
                         .first_time = rows.boolean(0, 5),
                         .expires_at = rows.number(0, 6),
                         .minimum_amount = number_of(rows.text(0, 7)),
                         .max_redemptions = number_of(rows.text(0, 8))};
}

std::optional<Coupon> find_coupon(Context& context, const std::string& id) {
    const auto rows = context.db.run(
        "SELECT coupon_id, currency, percent_off, amount_off, valid, "
        "extract(epoch FROM redeem_by)::bigint, max_redemptions, applies_to, metadata "
        "FROM app.coupons WHERE log_id = $1 AND coupon_id = $2 AND account_id = '' "
        "AND NOT deleted",
        of_log(context).text(id));
    if (rows.rows() == 0) return std::nullopt;
    Coupon coupon{.id = text_of(rows, 0, 0),
                  .currency = text_of(rows, 0, 1),
                  .percent_off = text_of(rows, 0, 2),
                  .amount_off = rows.number(0, 3),
                  .valid = rows.boolean(0, 4),
                  .redeem_by = rows.number(0, 5),
                  .max_redemptions = number_of(rows.text(0, 6)),
                  .products = {}};
    add_texts(coupon.products, rows.text(0, 7));
    // Stripe tells it only to who asks; POST /coupons notes it beside.
    if (coupon.products.empty())
        coupon.products = words(JsonReader(rows.text(0, 8)).text("/daybook_products"));
    return coupon;
}

bool has_bought(Context& context, const std::string& user_id) {
    return context.db
               .run(
                   "SELECT FROM app.orders WHERE log_id = $1 AND buyer_id = $2 "
                   "AND paid_at IS NOT NULL LIMIT 1",
                   of_log(context).text(user_id))
               .rows() > 0;
}

std::optional<OrderRow> find_order(Context& context, const std::string& order_id) {
    const auto rows = context.db.run(
        "SELECT status, currency, buyer_id, seller_account, product_id, payment_intent_id, "
        "checkout_session_id, subscription_id, amount, application_fee_amount FROM app.orders "
        "WHERE log_id = $1 AND order_id = $2",
        of_log(context).text(order_id));
    if (rows.rows() == 0) return std::nullopt;
    return OrderRow{.id = order_id,
                    .status = text_of(rows, 0, 0),
                    .currency = text_of(rows, 0, 1),
                    .buyer = text_of(rows, 0, 2),
                    .seller = text_of(rows, 0, 3),
                    .product = text_of(rows, 0, 4),
                    .payment_intent = text_of(rows, 0, 5),
                    .checkout_session = text_of(rows, 0, 6),
                    .subscription = text_of(rows, 0, 7),
                    .amount = rows.number(0, 8),
                    .application_fee = number_of(rows.text(0, 9))};
}

std::string find_equal_order(Context& context, const OrderRow& like, std::int64_t seconds) {
    const auto rows = context.db.run(
        "SELECT order_id FROM app.orders WHERE log_id = $1 AND buyer_id = $2 AND amount = $3 "
        "AND currency = $4 AND coalesce(seller_account, '') = $5 "
        "AND created_at > now() - $6::bigint * interval '1 s' "
        "AND status NOT IN ('canceled', 'failed') ORDER BY created_at DESC LIMIT 1",
        of_log(context)
            .text(like.buyer)
            .number(like.amount)
            .text(like.currency)
            .text(like.seller)
            .number(seconds));
    return rows.rows() == 0 ? std::string() : text_of(rows, 0, 0);
}

std::vector<OrderItem> find_items(Context& context, const std::string& order_id) {
    const auto rows = context.db.run(
        "SELECT item_no, quantity, amount FROM app.order_items "
        "WHERE log_id = $1 AND order_id = $2 ORDER BY item_no",
        of_log(context).text(order_id));
    std::vector<OrderItem> items;
    for (int row = 0; row < rows.rows(); ++row)
        items.push_back({rows.number(row, 0), rows.number(row, 1), rows.number(row, 2)});
    return items;
}

std::optional<SubscriptionRow> find_subscription(Context& context, const std::string& id) {
    const auto rows = context.db.run(
        "SELECT status, currency, customer_id, seller_account FROM app.subscriptions "
        "WHERE log_id = $1 AND subscription_id = $2",
        of_log(context).text(id));
    if (rows.rows() == 0) return std::nullopt;
    return SubscriptionRow{.id = id,
                           .status = text_of(rows, 0, 0),
                           .currency = text_of(rows, 0, 1),
                           .customer = text_of(rows, 0, 2),
                           .seller = text_of(rows, 0, 3)};
}

std::optional<DisputeRow> find_dispute(Context& context, const std::string& id) {
    const auto rows = context.db.run(
        "SELECT d.status, d.order_id, o.seller_account FROM app.disputes d "
        "JOIN app.orders o USING (log_id, order_id) WHERE d.log_id = $1 AND d.dispute_id = $2",
        of_log(context).text(id));
    if (rows.rows() == 0) return std::nullopt;
    return DisputeRow{.id = id,
                      .status = text_of(rows, 0, 0),
                      .order_id = text_of(rows, 0, 1),
                      .seller = text_of(rows, 0, 2)};
}

std::vector<ChargeRow> find_charges(Context& context, ChargeKey key, const std::string& id) {
    const std::string column = key == ChargeKey::order            ? "order_id"
                               : key == ChargeKey::payment_intent ? "payment_intent_id"
                                                                  : "charge_id";
    const auto rows = context.db.run(
        "SELECT charge_id, payment_intent_id, order_id, seller_account, currency, amount_captured, "
        "amount_refunded, application_fee_amount FROM app.transactions WHERE log_id = $1 AND kind "
        "= 'charge' "
        "AND amount_captured > 0 AND " +
            column + " = $2 ORDER BY created_at, charge_id",
        of_log(context).text(id));
    std::vector<ChargeRow> charges;
    for (int row = 0; row < rows.rows(); ++row)
        charges.push_back({.id = text_of(rows, row, 0),
                           .payment_intent = text_of(rows, row, 1),
                           .order_id = text_of(rows, row, 2),
                           .seller = text_of(rows, row, 3),
                           .currency = text_of(rows, row, 4),
                           .captured = rows.number(row, 5),
                           .refunded = rows.number(row, 6),
                           .application_fee = rows.number(row, 7)});
    return charges;
}

}  // namespace daybook::api
