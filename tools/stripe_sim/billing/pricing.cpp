// Discounts, then taxes, line by line.
#include <tools/stripe_sim/billing/pricing.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/money.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace daybook::sim {
namespace {

constexpr std::size_t decimals_max = 12;
constexpr std::int64_t digits_max = 100'000'000'000'000'000;
constexpr std::int64_t amount_max = 99'999'999'999;
constexpr std::int64_t quantity_max = 10'000'000;

Decimal parsed(std::string_view given) {
    Decimal decimal;
    const bool negative = given.starts_with('-');
    if (negative) given.remove_prefix(1);
    std::size_t decimals = 0;
    bool after_point = false;
    for (const char c : given) {
        if (c == '.') {
            after_point = true;
            continue;
        }
        if (after_point && ++decimals > decimals_max) break;
        if (decimal.digits >= digits_max)
            throw invalid(fmt::format("Invalid decimal: {}", given)).unexecuted();
        decimal.digits = decimal.digits * 10 + (c - '0');
        if (after_point) decimal.scale *= 10;
    }
    if (negative) decimal.digits = -decimal.digits;
    return decimal;
}

// --- reductions -------------------------------------------------------------------------------

bool applies_to(const Reduction& reduction, const PricedLine& line) {
    if (!line.discountable || line.amount <= 0) return false;
    return reduction.products.empty() ||
           std::ranges::find(reduction.products, line.product) != reduction.products.end();
}

/// Takes the reduction off the lines that it applies to, in proportion to what is left of them.
void reduce(const std::vector<PricedLine*>& lines, const Reduction& reduction) {
    std::int64_t whole = 0;
    for (const auto* line : lines)
        if (applies_to(reduction, *line)) whole += line->amount - line->discount();
    if (whole == 0) return;
    const auto& percent = reduction.coupon->at("percent_off");
    const auto off =
        percent.is_null() ? std::min(reduction.amount_off, whole) : percent_of(whole, percent);
    std::int64_t seen = 0;
    std::int64_t taken = 0;
    for (auto* line : lines) {
        if (!applies_to(reduction, *line)) continue;
        seen += line->amount - line->discount();
        const auto up_to_here = share(off, seen, whole);
        line->discounts.push_back({reduction.discount, up_to_here - taken});
        taken = up_to_here;
    }
}

// --- taxes ------------------------------------------------------------------------------------

std::int64_t tax_of(std::int64_t net, const json::object& rate) {
    const auto percent = decimal_of(rate.at("percentage"));
    if (!flag(rate, "inclusive")) return share(net, percent.digits, percent.scale * 100);
    return share(net, percent.digits, percent.scale * 100 + percent.digits);
}

void add_tax(PricedLine& line) {
    const auto net = line.amount - line.discount();
    for (const auto* rate : line.tax_rates) {
        const auto tax = tax_of(net, *rate);
        line.taxes.push_back({rate, tax, flag(*rate, "inclusive") ? net - tax : net});
    }
}

void sum_up(Totals& totals, const PricedLine& line) {
    totals.subtotal += line.amount;
    totals.discount += line.discount();
    totals.exclusive_tax += line.exclusive_tax();
    totals.inclusive_tax += line.inclusive_tax();
    totals.total += line.total();
    for (const auto& part : line.discounts) {
        const auto same =
            std::ranges::find(totals.discounts, part.discount, &DiscountAmount::discount);
        if (same == totals.discounts.end())
            totals.discounts.push_back(part);
        else
            same->amount += part.amount;
    }
    for (const auto& part : line.taxes) {
        const auto same = std::ranges::find(totals.taxes, part.rate, &TaxAmount::rate);
        if (same == totals.taxes.end()) {
            totals.taxes.push_back(part);
            continue;
        }
        same->amount += part.amount;
        same->taxable += part.taxable;
    }
}

// --- prices -----------------------------------------------------------------------------------

/// The amounts of a price in a currency: the price itself, or one of its currency_options.
const json::object& amounts_in(const Scope& scope, const json::object& price,
                               std::string_view currency) {
    if (text(price, "currency") == currency) return price;
    const auto& other = object(noted(scope, price), "currency_options");
    if (const auto* found = other.if_contains(currency)) return found->as_object();
    throw invalid(
        fmt::format("The price specified only supports `{}`. This doesn't match the "
                    "expected currency: `{}`.",
                    text(price, "currency"), currency));
}

std::int64_t times(std::int64_t quantity, const json::object& amounts, std::string_view name) {
    const auto precise = fmt::format("{}_decimal", name);
    const auto* decimal = at(amounts, precise);
    if (!decimal) return quantity * integer(amounts, name);
    const auto unit = decimal_of(*decimal);
    return share(quantity, unit.digits, unit.scale);
}

std::int64_t bound_of(const json::object& tier) {
    return integer(tier, "up_to", std::numeric_limits<std::int64_t>::max());
}

std::int64_t tiered(const json::array& tiers, std::string_view mode, std::int64_t quantity) {
    std::int64_t sum = 0;
    std::int64_t below = 0;
    for (const auto& each : tiers) {
        const auto& tier = each.as_object();
        const auto bound = bound_of(tier);
        const bool last = quantity <= bound;
        const auto here = mode == "volume" ? quantity : std::min(quantity, bound) - below;
        if (mode != "volume" || last)
            sum += times(here, tier, "unit_amount") + times(1, tier, "flat_amount");
        if (last) break;
        below = bound;
    }
    return sum;
}

}  // namespace

Decimal decimal_of(const json::value& value) {
    if (const auto* whole = value.if_int64()) return {*whole, 1};
    if (const auto* whole = value.if_uint64()) return {static_cast<std::int64_t>(*whole), 1};
    if (const auto* written = value.if_string()) return parsed(*written);
    invariant(value.is_double());
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.get_double(),
                                   std::chars_format::fixed);
    return parsed({digits.data(), end.ptr});
}

void check_percent(const json::value& percent, std::string_view param) {
    const auto value = percent.to_number<double>();
    if (value >= 0 && value <= 100) return;
    throw invalid(fmt::format("Invalid {}: must be between 0 and 100.", param)).param(param);
}

void check_amount(std::int64_t amount, std::string_view param, bool negative) {
    if ((amount >= 0 || negative) && amount <= amount_max && amount >= -amount_max) return;
    throw invalid(amount < 0 && !negative ? "Invalid non-negative integer" : "Invalid integer")
        .code("parameter_invalid_integer")
        .param(param);
}

std::int64_t percent_of(std::int64_t amount, const json::value& percent) {
    const auto exact = decimal_of(percent);
    return share(amount, exact.digits, exact.scale * 100);
}

std::int64_t price_amount(const Scope& scope, const json::object& price, std::int64_t quantity,
                          std::string_view currency) {
    if (quantity < 0 || quantity > quantity_max)
        throw invalid("Invalid non-negative integer")
            .code("parameter_invalid_integer")
            .param("quantity");
    const auto& amounts = amounts_in(scope, price, currency);
    if (const auto divide = integer(price, "transform_quantity.divide_by"); divide > 0)
        quantity = text(price, "transform_quantity.round") == "up"
                       ? (quantity + divide - 1) / divide
                       : quantity / divide;
    if (text(price, "billing_scheme") == "tiered") {
        const auto& own = array(amounts, "tiers");
        return tiered(own.empty() ? array(noted(scope, price), "tiers") : own,
                      text(price, "tiers_mode"), quantity);
    }
    return times(quantity, amounts, "unit_amount");
}

std::int64_t PricedLine::discount() const {
    std::int64_t sum = 0;
    for (const auto& part : discounts)
        sum += part.amount;
    return sum;
}

std::int64_t PricedLine::exclusive_tax() const {
    std::int64_t sum = 0;
    for (const auto& part : taxes)
        if (!flag(*part.rate, "inclusive")) sum += part.amount;
    return sum;
}

std::int64_t PricedLine::inclusive_tax() const {
    std::int64_t sum = 0;
    for (const auto& part : taxes)
        if (flag(*part.rate, "inclusive")) sum += part.amount;
    return sum;
}

Totals price_lines(std::vector<PricedLine>& lines, const std::vector<Reduction>& reductions) {
    std::vector<PricedLine*> all;
    for (auto& line : lines) {
        all.push_back(&line);
        for (const auto& reduction : line.reductions)
            reduce({&line}, reduction);
    }
    for (const auto& reduction : reductions)
        reduce(all, reduction);
    Totals totals;
    for (auto& line : lines) {
        add_tax(line);
        sum_up(totals, line);
    }
    return totals;
}

}  // namespace daybook::sim
