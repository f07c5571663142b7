// Promotion codes and coupons: whether one applies, and what it takes off which lines.
#include <api/marketplace/sale_lines.hpp>
#include <api/time.hpp>
#include <ledger/currency.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace daybook::api {
namespace {

constexpr std::int64_t ten_thousandths = 1'000'000;  // of one percent, in a whole

/// "12.5" as 125,000 ten-thousandths of a percent; null for more digits than Stripe takes.
std::optional<std::int64_t> exact_percent(std::string_view text) {
    std::int64_t value = 0;
    int digits = -1;  // after the point; -1 before there is one
    for (const char c : text) {
        if (c == '.' && digits < 0) {
            digits = 0;
            continue;
        }
        if (c < '0' || c > '9' || digits == 4 || value > ten_thousandths) return std::nullopt;
        value = value * 10 + (c - '0');
        if (digits >= 0) ++digits;
    }
    if (text.empty()) return std::nullopt;
    return value * power_of_ten(4 - std::max(digits, 0));
}

/// Why the code cannot be used by this buyer now; empty when it can.
std::string unusable(const PromotionCode& code, Context& context, const Sale& sale,
                     std::int64_t now) {
    if (!code.active) return "is not active";
    if (code.expires_at > 0 && code.expires_at <= now) return "has expired";
    if (!code.customer.empty() && code.customer != sale.buyer.customer)
        return "is for another customer";
    if (code.first_time && has_bought(context, sale.buyer.user_id))
        return "is for the first purchase only";
    if (code.minimum_amount &&
        (code.minimum_currency != sale.currency || *code.minimum_amount > sale.subtotal()))
        return fmt::format("needs an order of at least {} {}", *code.minimum_amount,
                           code.minimum_currency);
    return {};
}

std::string unusable(const Coupon& coupon, const Sale& sale, std::int64_t now) {
    if (!coupon.valid) return "is no longer valid";
    if (coupon.redeem_by > 0 && coupon.redeem_by <= now) return "has expired";
    if (coupon.percent_off.empty() && coupon.currency != sale.currency)
        return fmt::format("takes off {}, but the order is in {}", coupon.currency, sale.currency);
    return {};
}

/// Takes what the coupon is worth off the lines it is for. False when it is for none.
bool take_off(const Coupon& coupon, Sale& sale) {
    std::vector<std::int64_t> eligible;
    for (const auto& line : sale.lines) {
        const bool counts =
            coupon.products.empty() ||
            std::ranges::find(coupon.products, line.product) != coupon.products.end();
        eligible.push_back(counts ? line.gross() : 0);
    }
    const auto sum = std::accumulate(eligible.begin(), eligible.end(), std::int64_t{0});
    if (sum == 0) return false;
    const auto percent = exact_percent(coupon.percent_off);
    const auto off =
        percent ? share(sum, *percent, ten_thousandths) : std::min(coupon.amount_off, sum);
    // Whole steps on every line, so that a line by itself can be refunded.
    const auto step = find_currency(sale.currency).value_or(Currency{}).step;
    for (auto& amount : eligible)
        amount /= step;
    const auto most = std::accumulate(eligible.begin(), eligible.end(), std::int64_t{0});
    const auto parts = apportion(std::min(share(off, 1, step), most), eligible);
    for (std::size_t i = 0; i < parts.size(); ++i)
        sale.lines[i].discount = parts[i] * step;
    return true;
}

void apply(Input& in, std::string_view field, Context& context, Pays pays, Sale& sale,
           const std::optional<PromotionCode>& code) {
    const auto now = unix_seconds(now_microseconds());
    const auto coupon = find_coupon(context, code ? code->coupon : sale.discount.coupon);
    if (!coupon) return in.refuse(field, "is not known here");
    auto reason = code ? unusable(*code, context, sale, now) : std::string();
    if (reason.empty()) reason = unusable(*coupon, sale, now);
    // The invoices of a subscription are Stripe's to compute, as is what a coupon takes off them.
    const bool invoiced = std::ranges::any_of(
        sale.lines, [](const SaleLine& line) { return !line.interval.empty(); });
    if (reason.empty() && !coupon->products_known && !invoiced)
        reason = fmt::format(
            "is for products that Stripe does not tell: set metadata[daybook_products] of the "
            "coupon {} to their ids, or to * for all",
            coupon->id);
    // A payment intent knows no coupons, so Stripe would not count this redemption.
    if (reason.empty() && pays == Pays::once &&
        (coupon->max_redemptions || (code && code->max_redemptions)))
        reason =
            "has a limited number of redemptions, which only POST /checkout/hosted and "
            "/checkout/subscription count";
    if (reason.empty() && !take_off(*coupon, sale)) reason = "is for none of the lines";
    if (!reason.empty()) in.refuse(field, reason);
}

}  // namespace

void read_discount(Input& in, Context& context, Pays pays, Sale& sale) {
    const auto given = in.text("promotion_code", {.bytes_max = 255});
    sale.discount.coupon = in.id("coupon");
    in.exclude("coupon", "promotion_code");
    if (!in.sound() || (given.empty() && sale.discount.coupon.empty())) return;
    if (given.empty()) return apply(in, "coupon", context, pays, sale, std::nullopt);
    const auto code = find_promotion_code(context, given);
    if (!code) return in.refuse("promotion_code", "is not known here");
    sale.discount.promotion_code = code->id;
    apply(in, "promotion_code", context, pays, sale, code);
}

}  // namespace daybook::api
