#include <test/day.hpp>
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace daybook;        // NOLINT(google-build-using-namespace)
using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

LogRow row_of(const NewEvent& event, std::int64_t position, Microseconds occurred_at) {
    LogRow row;
    row.position = position;
    row.event_id = event.event_id;
    row.type = event.type;
    row.account = event.account;
    row.occurred_at = occurred_at;
    row.payload = event.payload;
    return row;
}

}  // namespace

TEST_CASE("a marketplace's day gives the same rows in any order of arrival, with any duplicates") {
    const auto day = day_events();
    // Once with the times of the day, and once as if all had happened within ten seconds.
    const bool squeezed = GENERATE(false, true);
    std::vector<LogRow> in_order;
    for (const auto& event : day) {
        const auto position = static_cast<std::int64_t>(in_order.size()) + 1;
        const auto seconds = position * 10 / static_cast<std::int64_t>(day.size());
        in_order.push_back(
            row_of(event, position, squeezed ? seconds * 1'000'000 : event.occurred_at));
    }
    for (const auto* projection : projections::all_projections()) {
        MemoryFold expected(*projection);
        for (const auto& row : in_order)
            expected.apply(row);
        const auto rows = expected.rows();
        CHECK(rows.size() > 0);
        constexpr std::uint64_t rounds = 25;
        for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
            std::mt19937_64 random(seed);
            auto shuffled = in_order;
            for (const auto& row : in_order)
                if (random() % 3 == 0) shuffled.push_back(row);
            std::shuffle(shuffled.begin(), shuffled.end(), random);
            MemoryFold fold(*projection);
            for (const auto& row : shuffled)
                fold.apply(row);
            INFO("projection " << projection->name << ", seed " << seed << ", squeezed "
                               << squeezed);
            REQUIRE(fold.rows() == rows);
        }
    }
}
