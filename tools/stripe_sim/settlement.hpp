// Which currency an account's money arrives in, and what it becomes on the way.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::sim {

/// The rate of a day, in millionths: major units of `to` for one of `from`. It wanders a little
/// from day to day, the same way in every run.
std::int64_t rate_millionths(std::string_view from, std::string_view to, Seconds at);

/// How a posting settles.
struct Settlement {
    std::string currency;
    std::int64_t millionths = 0;   ///< 0: not converted
    std::int64_t numerator = 1;    ///< minor units of `currency` ...
    std::int64_t denominator = 1;  ///< ... for so many of the posting's

    [[nodiscard]] std::int64_t converted(std::int64_t amount) const;
    /// exchange_rate: the decimal itself, or null.
    [[nodiscard]] json::value rate() const;
};

/// The platform holds every currency. A connected account holds its default one and those that it
/// has an external account for; the rest becomes its default.
Settlement settlement_of(const Scope& scope, const Posting& posting);

/// The currency of a country's accounts, or "" for a country where Stripe has none.
std::string_view currency_of_country(std::string_view country);

}  // namespace daybook::sim
