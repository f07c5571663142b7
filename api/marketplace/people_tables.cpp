// Sellers and buyers, as the projections have them.
#include <api/marketplace/json_reader.hpp>
#include <api/marketplace/table_reading.hpp>
#include <api/marketplace/tables.hpp>

#include <algorithm>

namespace daybook::api {

void add_texts(std::vector<std::string>& texts, std::string_view json) {
    for (const auto& item : JsonReader(json).items(""))
        texts.push_back(item.text(""));
}

std::optional<FeeRate> fee_in_metadata(std::string_view json) {
    const JsonReader metadata(json);
    constexpr std::int64_t whole = 10'000;
    const auto points = whole_number(metadata.text("/daybook_fee_basis_points"));
    const auto fixed = whole_number(metadata.text("/daybook_fee_fixed")).value_or(0);
    if (!points || *points < 0 || *points > whole || fixed < 0) return std::nullopt;
    return FeeRate{*points, fixed};
}

std::optional<Seller> find_seller(Context& context, const std::string& account) {
    const auto rows = context.db.run(
        "SELECT readiness, transfers_status, card_payments_status, payouts_enabled, currently_due, "
        "past_due, metadata FROM app.accounts WHERE log_id = $1 AND account_id = $2",
        read_from(context, "accounts").text(account));
    if (rows.rows() == 0) return std::nullopt;
    const JsonReader metadata(rows.text(0, 6));
    Seller seller{.id = account,
                  .readiness = text_of(rows, 0, 0),
                  .transfers = text_of(rows, 0, 1),
                  .card_payments = text_of(rows, 0, 2),
                  .payouts_enabled = rows.boolean(0, 3),
                  .missing = {},
                  .on_behalf_of = metadata.text("/daybook_on_behalf_of") == "true",
                  .fee = fee_in_metadata(rows.text(0, 6))};
    add_texts(seller.missing, rows.text(0, 5));
    add_texts(seller.missing, rows.text(0, 4));  // what is past due is among it
    std::ranges::sort(seller.missing);
    seller.missing.erase(std::ranges::unique(seller.missing).begin(), seller.missing.end());
    return seller;
}

std::int64_t lifetime_revenue(Context& context, const std::string& account,
                              const std::string& currency) {
    const auto rows = context.db.run(
        "SELECT coalesce(sum(captured - refunded), 0)::bigint FROM app.seller_revenue "
        "WHERE log_id = $1 AND seller_account = $2 AND currency = $3",
        read_from(context, "seller_revenue").text(account).text(currency));
    return rows.number(0, 0);
}

std::string customer_of_user(Context& context, const std::string& user_id) {
    const auto rows = context.db.run(
        "SELECT customer_id FROM app.customers WHERE log_id = $1 AND user_id = $2 "
        "AND account_id = '' AND NOT deleted ORDER BY created_at DESC, customer_id DESC LIMIT 1",
        read_from(context, "customers").text(user_id));
    return rows.rows() == 0 ? std::string() : text_of(rows, 0, 0);
}

bool has_bought(Context& context, const std::string& user_id) {
    return context.db
               .run(
                   "SELECT FROM app.orders WHERE log_id = $1 AND buyer_id = $2 "
                   "AND paid_at IS NOT NULL LIMIT 1",
                   read_from(context, "orders").text(user_id))
               .rows() > 0;
}

}  // namespace daybook::api
