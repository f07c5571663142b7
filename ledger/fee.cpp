// The arithmetic of fees, and how rates and tiers are written in a configuration.
#include <ledger/fee.hpp>

#include <ledger/currency.hpp>
#include <ledger/invariant.hpp>
#include <ledger/whole_number.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace daybook {
namespace {

constexpr std::int64_t whole = 10'000;  // basis points

std::optional<std::int64_t> unsigned_number(std::string_view text) {
    return text.starts_with('-') ? std::nullopt : whole_number(text);
}

/// The tier of a revenue; the first begins at 0, so there is one.
const FeeTier& tier_of(const FeePolicy& policy, std::int64_t revenue, int exponent) {
    const auto units = std::max<std::int64_t>(revenue, 0) / power_of_ten(exponent);
    const auto above = std::ranges::upper_bound(policy.tiers, units, {}, &FeeTier::revenue_from);
    invariant(above != policy.tiers.begin());
    return *std::prev(above);
}

/// Percentage and fixed part together, rounded once.
std::int64_t owed(const FeePart& part, std::int64_t step) {
    __extension__ using Wide = __int128;
    const Wide exact = static_cast<Wide>(part.amount) * part.rate.basis_points +
                       static_cast<Wide>(part.rate.fixed) * whole;
    const Wide unit = static_cast<Wide>(step) * whole;  // even, so a half is exact
    return static_cast<std::int64_t>((exact + unit / 2) / unit * step);
}

std::optional<FeeTier> parse_tier(std::string_view text) {
    const auto first = text.find(':');
    const auto second = text.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
    const auto name = text.substr(0, first);
    const auto revenue = unsigned_number(text.substr(first + 1, second - first - 1));
    const auto rate = basis_points_of(text.substr(second + 1));
    if (name.empty() || !revenue || !rate) return std::nullopt;
    return FeeTier{std::string(name), *revenue, *rate};
}

}  // namespace

ChosenRate choose_rate(const FeePolicy& policy, const std::optional<FeeRate>& product,
                       const std::optional<FeeRate>& seller, std::int64_t revenue, int exponent) {
    if (product) return {*product, "product", {}};
    if (seller) return {*seller, "seller", {}};
    if (policy.tiers.empty()) return {policy.base, "default", {}};
    const auto& tier = tier_of(policy, revenue, exponent);
    return {{tier.basis_points, policy.base.fixed}, "tier", tier.name};
}

Split split_sale(std::span<const FeePart> parts, std::int64_t step) {
    Split split;
    std::int64_t total = 0;
    for (const auto& part : parts) {
        invariant(part.amount >= 0 && part.rate.fixed >= 0);
        invariant(part.rate.basis_points >= 0 && part.rate.basis_points <= whole);
        total += part.amount;
        // Capped part by part: a fixed fee never reaches into what another rate left to the seller.
        split.fee += std::min(owed(part, step), part.amount);
    }
    invariant(total % step == 0);
    split.fee = share(split.fee, 1, step) * step;  // a part may be capped between two steps
    split.seller = total - split.fee;
    return split;
}

std::vector<std::int64_t> apportion(std::int64_t total, std::span<const std::int64_t> weights) {
    __extension__ using Wide = unsigned __int128;
    std::vector<std::int64_t> parts(weights.size(), 0);
    if (weights.empty()) return parts;
    Wide sum = 0;
    for (const auto weight : weights)
        sum += static_cast<std::uint64_t>(weight);
    if (sum == 0) {
        parts.front() = total;
        return parts;
    }
    std::vector<Wide> remainders(weights.size());
    std::int64_t left = total;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Wide exact = static_cast<Wide>(static_cast<std::uint64_t>(total)) *
                           static_cast<std::uint64_t>(weights[i]);
        parts[i] = static_cast<std::int64_t>(exact / sum);
        remainders[i] = exact % sum;
        left -= parts[i];
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
    });
    for (std::size_t i = 0; left > 0; ++i, --left)
        ++parts[order[i]];
    return parts;
}

std::optional<std::int64_t> basis_points_of(std::string_view percent) {
    constexpr std::size_t digits_max = 2;
    const auto point = percent.find('.');
    const auto units = unsigned_number(percent.substr(0, point));
    if (!units || *units > 100) return std::nullopt;
    std::int64_t hundredths = 0;
    if (point != std::string_view::npos) {
        const auto digits = percent.substr(point + 1);
        const auto given = unsigned_number(digits);
        if (!given || digits.size() > digits_max) return std::nullopt;
        hundredths = digits.size() == 1 ? *given * 10 : *given;
    }
    const auto points = *units * 100 + hundredths;
    return points <= whole ? std::optional(points) : std::nullopt;
}

std::string percent_of(std::int64_t basis_points) {
    auto text = decimal_amount(basis_points, 2);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::optional<std::vector<FeeTier>> parse_fee_tiers(std::string_view text) {
    std::vector<FeeTier> tiers;
    for (;;) {
        const auto comma = text.find(',');
        auto tier = parse_tier(text.substr(0, comma));
        if (!tier) return std::nullopt;
        const auto least = tiers.empty() ? 0 : tiers.back().revenue_from + 1;
        if (tiers.empty() ? tier->revenue_from != 0 : tier->revenue_from < least)
            return std::nullopt;
        tiers.push_back(std::move(*tier));
        if (comma == std::string_view::npos) return tiers;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace daybook
