// Orders and what belongs to them, as the projections have them.
#include <api/catching_up.hpp>
#include <api/marketplace/json_reader.hpp>
#include <api/marketplace/table_reading.hpp>
#include <api/marketplace/tables.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

/// The connected account that the first event of the row `t` came from.
constexpr std::string_view account_sql =
    "(SELECT account FROM ledger.events e WHERE e.log_id = t.log_id"
    " AND e.position = (t.events->>0)::bigint)";

}  // namespace

std::optional<OrderRow> look_up_order(Context& context, const std::string& order_id) {
    const auto rows = context.db.run(
        fmt::format("SELECT status, currency, buyer_id, seller_account, product_id,"
                    " payment_intent_id, checkout_session_id, subscription_id, amount,"
                    " application_fee_amount, {} FROM app.orders t"
                    " WHERE log_id = $1 AND order_id = $2",
                    account_sql),
        read_from(context, "orders").text(order_id));
    if (rows.rows() == 0) return std::nullopt;
    return OrderRow{.id = order_id,
                    .status = text_of(rows, 0, 0),
                    .currency = text_of(rows, 0, 1),
                    .buyer = text_of(rows, 0, 2),
                    .seller = text_of(rows, 0, 3),
                    .account = text_of(rows, 0, 10),
                    .product = text_of(rows, 0, 4),
                    .payment_intent = text_of(rows, 0, 5),
                    .checkout_session = text_of(rows, 0, 6),
                    .subscription = text_of(rows, 0, 7),
                    .amount = rows.number(0, 8),
                    .application_fee = whole_number(rows.text(0, 9))};
}

std::optional<OrderRow> find_order(Context& context, const std::string& order_id) {
    if (auto order = look_up_order(context, order_id)) return order;
    require_caught_up(context, "orders");
    return look_up_order(context, order_id);
}

std::vector<OrderItem> find_items(Context& context, const std::string& order_id) {
    const auto rows = context.db.run(
        "SELECT item_no, quantity, amount FROM app.order_items "
        "WHERE log_id = $1 AND order_id = $2 ORDER BY item_no",
        read_from(context, "orders").text(order_id));
    std::vector<OrderItem> items;
    for (int row = 0; row < rows.rows(); ++row)
        items.push_back({.number = rows.number(row, 0),
                         .quantity = rows.number(row, 1),
                         .amount = rows.number(row, 2)});
    const auto refunds = context.db.run(
        "SELECT lines FROM app.refunds WHERE log_id = $1 AND order_id = $2 "
        "AND coalesce(status, '') NOT IN ('failed', 'canceled')",
        read_from(context, "orders").text(order_id));
    for (int row = 0; row < refunds.rows(); ++row)
        for (const auto& line : JsonReader(refunds.text(row, 0)).items("")) {
            const auto number = line.number("/item_no");
            const auto item = std::ranges::find(items, number, &OrderItem::number);
            if (item != items.end())
                item->quantity_refunded += line.number("/quantity").value_or(0);
        }
    return items;
}

std::optional<SubscriptionRow> find_subscription(Context& context, const std::string& id) {
    const auto rows = context.db.run(
        "SELECT status, currency, customer_id, seller_account, application_fee_percent, account_id "
        "FROM app.subscriptions WHERE log_id = $1 AND subscription_id = $2",
        read_from(context, "subscriptions").text(id));
    if (rows.rows() == 0) return std::nullopt;
    SubscriptionRow found{.id = id,
                          .status = text_of(rows, 0, 0),
                          .currency = text_of(rows, 0, 1),
                          .customer = text_of(rows, 0, 2),
                          .seller = text_of(rows, 0, 3),
                          .account = text_of(rows, 0, 5),
                          .fee_percent = text_of(rows, 0, 4),
                          .items = {}};
    const auto items = context.db.run(
        "SELECT item_id, price_id, quantity FROM app.subscription_items "
        "WHERE log_id = $1 AND subscription_id = $2 ORDER BY item_id",
        read_from(context, "subscriptions").text(id));
    for (int row = 0; row < items.rows(); ++row)
        found.items.push_back({.id = text_of(items, row, 0),
                               .price = text_of(items, row, 1),
                               .quantity = items.number(row, 2)});
    return found;
}

std::optional<DisputeRow> find_dispute(Context& context, const std::string& id) {
    const auto rows = context.db.run(
        fmt::format("SELECT t.status, t.order_id, o.seller_account, {} FROM app.disputes t"
                    " JOIN app.orders o USING (log_id, order_id)"
                    " WHERE t.log_id = $1 AND t.dispute_id = $2",
                    account_sql),
        read_from(context, "orders").text(id));
    if (rows.rows() == 0) return std::nullopt;
    return DisputeRow{.id = id,
                      .status = text_of(rows, 0, 0),
                      .order_id = text_of(rows, 0, 1),
                      .seller = text_of(rows, 0, 2),
                      .account = text_of(rows, 0, 3)};
}

std::vector<ChargeRow> find_charges(Context& context, ChargeKey key, const std::string& id) {
    const std::string column = key == ChargeKey::order            ? "order_id"
                               : key == ChargeKey::payment_intent ? "payment_intent_id"
                                                                  : "charge_id";
    const auto rows = context.db.run(
        fmt::format("SELECT charge_id, payment_intent_id, order_id, seller_account, currency,"
                    " amount_captured, amount_refunded, application_fee_amount, {}"
                    " FROM app.transactions t WHERE log_id = $1 AND kind = 'charge'"
                    " AND amount_captured > 0 AND {} = $2 ORDER BY created_at, charge_id",
                    account_sql, column),
        read_from(context, "orders").text(id));
    std::vector<ChargeRow> charges;
    for (int row = 0; row < rows.rows(); ++row)
        charges.push_back({.id = text_of(rows, row, 0),
                           .payment_intent = text_of(rows, row, 1),
                           .order_id = text_of(rows, row, 2),
                           .seller = text_of(rows, row, 3),
                           .account = text_of(rows, row, 8),
                           .currency = text_of(rows, row, 4),
                           .captured = rows.number(row, 5),
                           .refunded = rows.number(row, 6),
                           .application_fee = rows.number(row, 7)});
    return charges;
}

}  // namespace daybook::api
