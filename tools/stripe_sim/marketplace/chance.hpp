// Chance from a seed, the same on every machine.
#pragma once

#include <cstdint>
#include <random>

namespace daybook::sim {

class Chance {
public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    /// Even over [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }

    /// True in so many of 10,000 cases.
    bool in(int of_10000) { return between(0, 9'999) < of_10000; }

    /// One of `count`, the first ones more often: half of all falls on the first quarter.
    std::size_t favourite(std::size_t count) {
        const auto even = between(0, static_cast<std::int64_t>(count) - 1);
        const auto other = between(0, static_cast<std::int64_t>(count) - 1);
        return static_cast<std::size_t>(even * other / static_cast<std::int64_t>(count));
    }

private:
    std::mt19937_64 random_;  // the standard fixes its sequence; no distribution is used
};

}  // namespace daybook::sim
