// What the platform keeps of a sale: pure arithmetic in integers, the same on every replay.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

/// A percentage and a fixed part.
struct FeeRate {
    std::int64_t basis_points = 0;  ///< 0 to 10,000
    std::int64_t fixed = 0;         ///< in minor units of the sale's currency, 0 or more

    bool operator==(const FeeRate&) const = default;
};

/// A percentage that a seller reaches by revenue.
struct FeeTier {
    std::string name;
    std::int64_t revenue_from = 0;  ///< in whole units (dollars, yen) of the sale's currency
    std::int64_t basis_points = 0;
};

/// What a configuration says: one rate for all, or tiers that take the place of its percentage.
struct FeePolicy {
    FeeRate base;
    std::vector<FeeTier> tiers;  ///< ascending by revenue_from, the first from 0; may be empty
};

/// The rate that applies, and where it comes from.
struct ChosenRate {
    FeeRate rate;
    std::string_view source = "default";  ///< product, seller, tier or default
    std::string_view tier;                ///< its name, when that is the source
};

/// A rate of the product's own comes first, then one of the seller's, then the tier of the seller's
/// lifetime revenue, then the rate for all. `revenue` is in minor units of the sale's currency,
/// which has `exponent` digits after the point. Views point into `policy`.
ChosenRate choose_rate(const FeePolicy& policy, const std::optional<FeeRate>& product,
                       const std::optional<FeeRate>& seller, std::int64_t revenue, int exponent);

/// Lines that share a rate, summed up.
struct FeePart {
    std::int64_t amount = 0;  ///< 0 or more
    FeeRate rate;
};

/// fee + seller is the sum of the parts' amounts, and neither is negative.
struct Split {
    std::int64_t fee = 0;
    std::int64_t seller = 0;

    bool operator==(const Split&) const = default;
};

/// Of each part its percentage and its fixed part, half-up on the minor unit, or on `step` minor
/// units where a currency charges in such steps, of which the sum of the parts must then be a
/// multiple. Of no part more than there is: a part of 0 owes nothing.
Split split_sale(std::span<const FeePart> parts, std::int64_t step = 1);

/// `total` in proportion to `weights`, by largest remainder (the first of equals), so that the sum
/// of the result is `total`. Weights are 0 or more; when all are 0 the first gets everything.
std::vector<std::int64_t> apportion(std::int64_t total, std::span<const std::int64_t> weights);

/// "12.5" as 1250. Null unless it is a decimal number from 0 to 100 with at most two digits after
/// the point.
std::optional<std::int64_t> basis_points_of(std::string_view percent);

/// 1250 as "12.5"; 1000 as "10".
std::string percent_of(std::int64_t basis_points);

/// "starter:0:15,standard:10000:10": names, revenue in whole units, percent. Null when it is
/// malformed, out of order, or does not begin at 0.
std::optional<std::vector<FeeTier>> parse_fee_tiers(std::string_view text);

}  // namespace daybook
