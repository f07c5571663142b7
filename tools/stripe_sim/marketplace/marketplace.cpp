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

}  // namespace

void check_plan(const Plan& plan) {
    check_range(plan.sellers, 1, people_max, "sellers");
    check_range(plan.buyers, 1, people_max, "buyers");
    check_range(plan.orders, 0, orders_max, "orders");
    check_range(plan.days, 1, days_max, "days");
}

Tally live(World& world, const Plan& plan) {
    check_plan(plan);
    Shop shop(world, plan.seed);
    People people(shop, plan);
    Orders orders(shop, people);
    const auto start = shop.now();
    people.open();
    std::int64_t number = 0;
    for (const auto offset : arrivals(shop.chance, plan)) {
        shop.live_until(start + offset);
        shop.later(0, [&orders, number] { orders.order(number); });
        ++number;
    }
    shop.live_until(start + plan.days * day);
    return shop.tally;
}

}  // namespace daybook::sim
