// What a made-up marketplace is to look like.
#pragma once

#include <tools/stripe_sim/clock.hpp>

#include <cstdint>

namespace daybook::sim {

/// How often things happen, in one of 10,000. docs/simulator.md has them as a table.
struct Rates {
    // Of sellers.
    int stuck = 800;            ///< never finish their onboarding
    int stuck_leaves = 3000;    ///< of those
    int account_closed = 200;   ///< payouts fail until they name another bank account
    int account_named = 7000;   ///< of those, some days after the failure
    int paid_weekly = 2500;     ///< the others daily
    int document_asked = 300;   ///< some time after their onboarding
    int document_shown = 6000;  ///< of those, in time; the others are stopped
    int german = 1200;
    int british = 800;
    int japanese = 300;

    // Of orders.
    int by_session = 1500;       ///< through a hosted Checkout Session
    int by_subscription = 300;   ///< with renewals
    int held = 200;              ///< of the others: authorised, and captured by shipment
    int keeps_card = 3500;       ///< of buyers: pay with a stored card
    int declined = 500;          ///< at the first attempt
    int tries_again = 7500;      ///< of those, within minutes
    int challenged = 800;        ///< 3D Secure
    int challenge_failed = 600;  ///< of those
    int session_left = 2000;     ///< sessions that the buyer leaves to expire
    int camel_case = 200;        ///< carry orderId, userId, productId instead
    int anonymous = 50;          ///< carry no metadata at all
    int refund_bounces = 100;    ///< of new cards: their bank would send a refund back

    // Of paid orders.
    int refunded = 500;
    int refunded_partly = 3500;  ///< of those
    int disputed = 40;
    int inquiry = 2000;            ///< of those: the bank asks first
    int inquiry_escalated = 3000;  ///< of those
    int contested = 6000;          ///< of chargebacks
    int won = 4500;                ///< of contested ones

    // Of subscriptions.
    int weekly = 5000;         ///< the others monthly
    int card_goes_bad = 1000;  ///< the next renewal fails
    int card_replaced = 7000;  ///< of those, some days later
    int cancelled = 2500;      ///< within eight weeks
};

struct Plan {
    std::int64_t sellers = 20;
    std::int64_t buyers = 200;
    std::int64_t orders = 1000;
    std::int64_t days = 30;  ///< virtual
    std::uint64_t seed = 1;  ///< of what people do; ids come from the world's
    Rates rates = {};
    std::int64_t haste = 1;  ///< refunds, disputes and the like come so many times sooner
};

/// A market with few people in which everything happens within days: the quickstart's. From its
/// start, its last day has something of each kind that docs/quickstart.md lists.
Plan tiny_market();
constexpr Seconds tiny_market_start = 1'794'096'000;  // 2026-11-08

}  // namespace daybook::sim
