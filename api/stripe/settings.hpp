// What the service is told about its Stripe account, from the configuration.
#pragma once

#include <ledger/fee.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace daybook::api {

struct StripeSettings {
    std::string base = "https://api.stripe.com";
    std::string secret_key;  ///< empty: no Stripe to act on. Goes to Stripe and nowhere else
    std::string publishable_key;
    std::string api_version = "2026-10-28.endive";
    std::string proxy;               ///< for `base`; may hold a password; empty: none
    std::size_t in_flight_max = 25;  ///< calls at once
    unsigned rate = 80;              ///< calls a second; 0: no limit
    bool simulated = false;          ///< `base` is the simulator of this process

    std::string display_name;         ///< that buyers see; empty: Stripe's own for the account
    std::string connect_refresh_url;  ///< where onboarding leads when its link has expired
    std::string connect_return_url;
    std::string success_url;  ///< where Checkout leads
    std::string cancel_url;

    std::int64_t fee_basis_points = 0;  ///< the platform's share of a sale, 0 to 10,000
    std::int64_t fee_fixed = 0;         ///< on top, in minor units of the sale's currency
    std::vector<FeeTier> fee_tiers;     ///< in place of that share, by a seller's revenue
    /// Whether a refund takes back what the seller and the platform got, unless it says otherwise.
    bool refund_reverses_transfer = true;
    bool refund_returns_fee = true;

    [[nodiscard]] bool configured() const { return !secret_key.empty(); }
};

}  // namespace daybook::api
