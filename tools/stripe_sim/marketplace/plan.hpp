// What a made-up marketplace is to look like.
#pragma once

#include <cstdint>

namespace daybook::sim {

struct Plan {
    std::int64_t sellers = 20;
    std::int64_t buyers = 200;
    std::int64_t orders = 1000;
    std::int64_t days = 30;  ///< virtual
    std::uint64_t seed = 1;  ///< of what people do; ids come from the world's
};

/// How often things happen, in one of 10,000. docs/simulator.md has them as a table.
namespace rates {

// Of sellers.
constexpr int stuck = 800;           ///< never finish their onboarding
constexpr int account_closed = 200;  ///< payouts fail until they name another bank account
constexpr int paid_weekly = 2500;    ///< the others daily
constexpr int german = 1200;
constexpr int british = 800;

// Of orders.
constexpr int by_session = 1500;       ///< through a hosted Checkout Session
constexpr int by_subscription = 300;   ///< with renewals
constexpr int keeps_card = 3500;       ///< of buyers: pay with a stored card
constexpr int declined = 500;          ///< at the first attempt
constexpr int tries_again = 7500;      ///< of those, within minutes
constexpr int challenged = 800;        ///< 3D Secure
constexpr int challenge_failed = 600;  ///< of those
constexpr int session_left = 2000;     ///< sessions that the buyer leaves to expire

// Of paid orders.
constexpr int refunded = 500;
constexpr int refunded_partly = 3500;  ///< of those
constexpr int disputed = 40;
constexpr int inquiry = 2000;            ///< of those: the bank asks first
constexpr int inquiry_escalated = 3000;  ///< of those
constexpr int contested = 6000;          ///< of chargebacks
constexpr int won = 4500;                ///< of contested ones

// Of subscriptions.
constexpr int weekly = 5000;         ///< the others monthly
constexpr int card_goes_bad = 1000;  ///< the next renewal fails
constexpr int card_replaced = 7000;  ///< of those, some days later
constexpr int cancelled = 2500;      ///< within eight weeks

}  // namespace rates

}  // namespace daybook::sim
