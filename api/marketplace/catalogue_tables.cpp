// Products, prices, coupons and promotion codes, as the projections have them.
#include <api/marketplace/json_reader.hpp>
#include <api/marketplace/table_reading.hpp>
#include <api/marketplace/tables.hpp>

#include <algorithm>

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

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const auto blank = std::min(text.find(' '), text.size());
        if (blank > 0) found.emplace_back(text.substr(0, blank));
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return found;
}

}  // namespace

std::map<std::string, Product> find_products(Context& context,
                                             const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    const auto rows = context.db.run(
        "SELECT product_id, active, default_price_id, metadata, seller FROM app.products "
        "WHERE log_id = $1 AND product_id = ANY($2::text[]) AND account_id = '' AND NOT deleted",
        read_from(context, "products").text(id_array(ids)));
    std::map<std::string, Product> found;
    for (int row = 0; row < rows.rows(); ++row) {
        auto& product = found[text_of(rows, row, 0)];
        product = {.id = text_of(rows, row, 0),
                   .active = rows.boolean(row, 1),
                   .seller = text_of(rows, row, 4),
                   .default_price = text_of(rows, row, 2),
                   .fee = fee_in_metadata(rows.text(row, 3))};
    }
    return found;
}

std::map<std::string, Price> find_prices(Context& context, const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    // While a rebuild adds package_size, sales go on with the tables that lack it.
    const auto rows = context.db.run(
        "SELECT price_id, product_id, active, currency, unit_amount, recurring_interval, "
        "recurring_interval_count, to_jsonb(p)->>'package_size' FROM app.prices p "
        "WHERE log_id = $1 AND price_id = ANY($2::text[]) AND account_id = '' AND NOT deleted",
        read_from(context, "prices").text(id_array(ids)));
    std::map<std::string, Price> found;
    for (int row = 0; row < rows.rows(); ++row) {
        auto& price = found[text_of(rows, row, 0)];
        price = {.id = text_of(rows, row, 0),
                 .product = text_of(rows, row, 1),
                 .active = rows.boolean(row, 2),
                 .currency = text_of(rows, row, 3),
                 .unit_amount = whole_number(rows.text(row, 4)),
                 .interval = text_of(rows, row, 5),
                 .interval_count = whole_number(rows.text(row, 6)).value_or(1),
                 .package_size = whole_number(rows.text(row, 7)).value_or(1)};
    }
    return found;
}

std::optional<PromotionCode> find_promotion_code(Context& context, const std::string& given) {
    const auto rows = context.db.run(
        "SELECT promotion_code_id, coupon_id, customer_id, minimum_amount_currency, active, "
        "first_time_transaction, extract(epoch FROM expires_at)::bigint, minimum_amount, "
        "max_redemptions FROM app.promotion_codes WHERE log_id = $1 "
        "AND account_id = '' AND (promotion_code_id = $2 OR upper(code) = upper($2)) "
        "ORDER BY active DESC, created_at DESC, promotion_code_id LIMIT 1",
        read_from(context, "promotion_codes").text(given));
    if (rows.rows() == 0) return std::nullopt;
    return PromotionCode{.id = text_of(rows, 0, 0),
                         .coupon = text_of(rows, 0, 1),
                         .customer = text_of(rows, 0, 2),
                         .minimum_currency = text_of(rows, 0, 3),
                         .active = rows.boolean(0, 4),
                         .first_time = rows.boolean(0, 5),
                         .expires_at = rows.number(0, 6),
                         .minimum_amount = whole_number(rows.text(0, 7)),
                         .max_redemptions = whole_number(rows.text(0, 8))};
}

std::optional<Coupon> find_coupon(Context& context, const std::string& id) {
    const auto rows = context.db.run(
        "SELECT coupon_id, currency, percent_off, amount_off, valid, "
        "extract(epoch FROM redeem_by)::bigint, max_redemptions, applies_to, metadata "
        "FROM app.coupons WHERE log_id = $1 AND coupon_id = $2 AND account_id = '' "
        "AND NOT deleted",
        read_from(context, "coupons").text(id));
    if (rows.rows() == 0) return std::nullopt;
    Coupon coupon{.id = text_of(rows, 0, 0),
                  .currency = text_of(rows, 0, 1),
                  .percent_off = text_of(rows, 0, 2),
                  .amount_off = rows.number(0, 3),
                  .valid = rows.boolean(0, 4),
                  .redeem_by = rows.number(0, 5),
                  .max_redemptions = whole_number(rows.text(0, 6)),
                  .products = {},
                  .products_known = rows.text(0, 7) != "null"};
    add_texts(coupon.products, rows.text(0, 7));
    // POST /coupons notes them beside.
    const auto noted = JsonReader(rows.text(0, 8)).text("/daybook_products");
    if (noted.empty()) return coupon;
    coupon.products_known = true;
    if (coupon.products.empty() && noted != all_products) coupon.products = words(noted);
    return coupon;
}

}  // namespace daybook::api
