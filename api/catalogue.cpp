// GET /products, /prices, /coupons, /promotion-codes, and each by its {id}
#include <api/handlers.hpp>
#include <api/list.hpp>

#include <boost/algorithm/string/case_conv.hpp>

#include <vector>

namespace daybook::api {
namespace {

constexpr std::string_view types[] = {"timestamptz", "text", "text"};
constexpr Filter account_filter = {"account", "account_id = "};
constexpr Filter active_filter = {"active", "active = ", Value::boolean};
constexpr Filter deleted_filter = {"deleted", "deleted = ", Value::boolean};
constexpr Filter after_filter = {"created_after", "created_at >= ", Value::time};
constexpr Filter before_filter = {"created_before", "created_at < ", Value::time};

// --- products ----------------------------------------------------------------------------------

constexpr std::string_view product_key[] = {"created_at", "product_id", "account_id"};
constexpr Filter product_filters[] = {
    {"seller", "seller = "}, active_filter, account_filter,
    deleted_filter,          after_filter,  before_filter,
};
constexpr ListShape products = {.table = "products",
                                .key = product_key,
                                .types = types,
                                .filters = product_filters,
                                .account = "seller"};
constexpr RecordShape product = {
    .table = "products", .id = "product_id", .account = "seller", .per_account = true};

// --- prices ------------------------------------------------------------------------------------

constexpr std::string_view price_key[] = {"created_at", "price_id", "account_id"};
constexpr Filter price_filters[] = {
    {"product_id", "product_id = "},
    {"lookup_key", "lookup_key = "},
    {"currency", "currency = "},
    {"type", "type = "},
    active_filter,
    account_filter,
    deleted_filter,
    after_filter,
    before_filter,
};
constexpr ListShape prices = {.table = "prices",
                              .key = price_key,
                              .types = types,
                              .filters = price_filters,
                              .account = "account_id"};
constexpr RecordShape price = {
    .table = "prices", .id = "price_id", .account = "account_id", .per_account = true};

// --- coupons -----------------------------------------------------------------------------------

constexpr std::string_view coupon_key[] = {"created_at", "coupon_id", "account_id"};
constexpr Filter coupon_filters[] = {
    {"seller", "seller = "},
    {"valid", "valid = ", Value::boolean},
    account_filter,
    deleted_filter,
    after_filter,
    before_filter,
};
constexpr ListShape coupons = {.table = "coupons",
                               .key = coupon_key,
                               .types = types,
                               .filters = coupon_filters,
                               .account = "account_id"};
constexpr RecordShape coupon = {
    .table = "coupons", .id = "coupon_id", .account = "account_id", .per_account = true};

// --- promotion codes ---------------------------------------------------------------------------

constexpr std::string_view promotion_code_key[] = {"created_at", "promotion_code_id", "account_id"};
constexpr Filter promotion_code_filters[] = {
    {"coupon_id", "coupon_id = "},
    {"customer_id", "customer_id = "},
    active_filter,
    account_filter,
    deleted_filter,
    after_filter,
    before_filter,
};
constexpr std::string_view promotion_code_further[] = {"replay", "after", "code"};
constexpr ListShape promotion_codes = {.table = "promotion_codes",
                                       .key = promotion_code_key,
                                       .types = types,
                                       .filters = promotion_code_filters,
                                       .account = "account_id",
                                       .further = promotion_code_further};
constexpr RecordShape promotion_code = {.table = "promotion_codes",
                                        .id = "promotion_code_id",
                                        .account = "account_id",
                                        .per_account = true};

}  // namespace

Response get_products(const Request& request, Context& context) {
    return list(request, context, products);
}
Response get_product(const Request& request, Context& context) {
    return record(request, context, product);
}

Response get_prices(const Request& request, Context& context) {
    return list(request, context, prices);
}
Response get_price(const Request& request, Context& context) {
    return record(request, context, price);
}

Response get_coupons(const Request& request, Context& context) {
    return list(request, context, coupons);
}
Response get_coupon(const Request& request, Context& context) {
    return record(request, context, coupon);
}

Response get_promotion_codes(const Request& request, Context& context) {
    std::vector<Condition> conditions;
    if (const auto* code = request.parameter("code"))  // buyers type it in any case
        conditions.push_back({"upper(t.code) = ", boost::to_upper_copy(*code)});
    return list(request, context, promotion_codes, std::move(conditions));
}
Response get_promotion_code(const Request& request, Context& context) {
    return record(request, context, promotion_code);
}

}  // namespace daybook::api
