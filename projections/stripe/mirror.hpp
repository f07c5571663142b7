// Objects that are mirrored field by field: which fields, where they stand, and what they are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::projections::stripe {

/// How a field is read, and by that what its column is.
enum class Read {
    text,      ///< a string; anything else is NULL
    id,        ///< an id, or the object in its place
    integer,   ///< an integer or null; anything else cannot be read
    decimal,   ///< a number or a string with one, as text: "12.5"
    boolean,   ///< true, or false for everything else
    time,      ///< Unix seconds
    json,      ///< whatever is there, as JSON
    metadata,  ///< names and texts, as JSON; changes of it name single entries
    user,      ///< who, by the marketplace's metadata: user_id or userId
    seller     ///< whose, by its metadata: seller, account_id, seller_id or sellerId
};

struct MirrorField {
    const char* column;
    std::string_view path;  ///< "recurring.interval"; behind a bar an older path: "a.b|c"
    Read read = Read::text;
};

using Metadata = std::vector<std::pair<std::string_view, std::string_view>>;  ///< sorted by name

/// One version of an object: its fields in the order of its shape, null where there is nothing.
struct Mirror {
    using Values = std::vector<std::optional<std::string_view>>;

    std::string_view name;  ///< what the object calls itself: "customer"
    std::string_view id;
    std::int64_t created = 0;
    Values values;
    std::optional<Values> before;  ///< what previous_attributes take it back to
};

// clang-format off
inline constexpr auto customer_fields = std::to_array<MirrorField>({
    {"email", "email"},
    {"name", "name"},
    {"user_id", "metadata", Read::user},
    {"description", "description"},
    {"currency", "currency"},
    {"balance", "balance", Read::integer},
    {"delinquent", "delinquent", Read::boolean},
    {"default_payment_method_id", "invoice_settings.default_payment_method", Read::id},
    {"metadata", "metadata", Read::metadata}});

inline constexpr auto product_fields = std::to_array<MirrorField>({
    {"name", "name"},
    {"active", "active", Read::boolean},
    {"seller", "metadata", Read::seller},
    {"description", "description"},
    {"default_price_id", "default_price", Read::id},
    {"statement_descriptor", "statement_descriptor"},
    {"tax_code", "tax_code", Read::id},
    {"unit_label", "unit_label"},
    {"url", "url"},
    {"images", "images", Read::json},
    {"metadata", "metadata", Read::metadata}});

inline constexpr auto price_fields = std::to_array<MirrorField>({
    {"product_id", "product", Read::id},
    {"active", "active", Read::boolean},
    {"currency", "currency"},
    {"unit_amount", "unit_amount", Read::integer},
    {"unit_amount_decimal", "unit_amount_decimal", Read::decimal},
    {"type", "type"},
    {"recurring_interval", "recurring.interval"},
    {"recurring_interval_count", "recurring.interval_count", Read::integer},
    {"usage_type", "recurring.usage_type"},
    {"billing_scheme", "billing_scheme"},
    {"package_size", "transform_quantity.divide_by", Read::integer},
    {"tax_behavior", "tax_behavior"},
    {"lookup_key", "lookup_key"},
    {"nickname", "nickname"},
    {"metadata", "metadata", Read::metadata}});

inline constexpr auto coupon_fields = std::to_array<MirrorField>({
    {"name", "name"},
    {"valid", "valid", Read::boolean},
    {"percent_off", "percent_off", Read::decimal},
    {"amount_off", "amount_off", Read::integer},
    {"currency", "currency"},
    {"duration", "duration"},
    {"duration_in_months", "duration_in_months", Read::integer},
    {"max_redemptions", "max_redemptions", Read::integer},
    {"times_redeemed", "times_redeemed", Read::integer},
    {"redeem_by", "redeem_by", Read::time},
    {"seller", "metadata", Read::seller},
    {"applies_to", "applies_to.products", Read::json},
    {"metadata", "metadata", Read::metadata}});

inline constexpr auto promotion_code_fields = std::to_array<MirrorField>({
    {"code", "code"},
    {"active", "active", Read::boolean},
    {"coupon_id", "promotion.coupon|coupon", Read::id},
    {"customer_id", "customer", Read::id},
    {"max_redemptions", "max_redemptions", Read::integer},
    {"times_redeemed", "times_redeemed", Read::integer},
    {"expires_at", "expires_at", Read::time},
    {"minimum_amount", "restrictions.minimum_amount", Read::integer},
    {"minimum_amount_currency", "restrictions.minimum_amount_currency"},
    {"first_time_transaction", "restrictions.first_time_transaction", Read::boolean},
    {"metadata", "metadata", Read::metadata}});
// clang-format on

/// The fields of objects that call themselves so; none for objects that are not mirrored.
constexpr std::span<const MirrorField> mirror_fields(std::string_view name) {
    if (name == "customer") return customer_fields;
    if (name == "product") return product_fields;
    if (name == "price") return price_fields;
    if (name == "coupon") return coupon_fields;
    if (name == "promotion_code") return promotion_code_fields;
    return {};
}

}  // namespace daybook::projections::stripe
