// When orders come: all days alike, more of them by day than by night.
#include <tools/stripe_sim/marketplace/marketplace.hpp>

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/marketplace/orders.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace daybook::sim {
namespace {

constexpr std::int64_t orders_max = 10'000'000;
constexpr std::int64_t people_max = 1'000'000;
constexpr std::int64_t days_max = 3'650;

void check_range(std::int64_t given, std::int64_t low, std::int64_t high, std::string_view param) {
    if (given < low || given > high)
        throw invalid(fmt::format("{} must be from {} to {}.", param, low, high)).param(param);
}

/// Offsets from the start, in order. The evening's hours have twice the orders of the night's.
std::vector<Seconds> arrivals(Chance& chance, const Plan& plan) {
    std::vector<Seconds> times(static_cast<std::size_t>(plan.orders));
    for (auto& time : times) {
        time = chance.between(0, plan.days * day - 1);
        if (time % day < 8 * hour && chance.in(5'000)) time += 10 * hour;
    }
    std::ranges::sort(times);
    return times;
}

const Plan& checked(const Plan& plan) {
    check_range(plan.sellers, 1, people_max, "sellers");
    check_range(plan.buyers, 1, people_max, "buyers");
    check_range(plan.orders, 0, orders_max, "orders");
    check_range(plan.days, 1, days_max, "days");
    return plan;
}

}  // namespace

Marketplace::Marketplace(World& world, const Plan& plan)
    : shop_(world, checked(plan)),
      people_(shop_),
      orders_(shop_, people_),
      start_(shop_.now()),
      arrivals_(arrivals(shop_.chance, plan)) {
    people_.open();
}

bool Marketplace::go_on() {
    if (next_ == arrivals_.size()) {
        shop_.live_until(start_ + shop_.plan.days * day);
        return false;
    }
    shop_.live_until(start_ + arrivals_[next_]);
    shop_.later(0, [this, number = next_] { orders_.order(static_cast<std::int64_t>(number)); });
    ++next_;
    return true;
}

Tally live(World& world, const Plan& plan) {
    Marketplace market(world, plan);
    while (market.go_on()) {
    }
    return market.tally();
}

Plan tiny_market() {
    return {.sellers = 10,
            .buyers = 14,
            .orders = 60,
            .days = 12,
            .seed = 71,
            .rates = {.stuck = 3000,
                      .stuck_leaves = 9000,
                      .account_closed = 6500,
                      .account_named = 3000,
                      .paid_weekly = 1000,
                      .document_asked = 3000,
                      .document_shown = 3000,
                      .german = 1000,
                      .british = 1000,
                      .japanese = 4500,
                      .by_session = 4500,
                      .by_subscription = 2500,
                      .held = 1000,
                      .declined = 1500,
                      .challenged = 1000,
                      .challenge_failed = 3000,
                      .session_left = 1500,
                      .camel_case = 800,
                      .anonymous = 800,
                      .refund_bounces = 1500,
                      .refunded = 5000,
                      .refunded_partly = 5000,
                      .disputed = 3000,
                      .inquiry = 2000,
                      .contested = 8000,
                      .won = 5000,
                      .weekly = 10'000,
                      .card_goes_bad = 4000},
            .haste = 12};
}

}  // namespace daybook::sim
