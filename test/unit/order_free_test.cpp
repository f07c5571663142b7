// A whole day of events, shuffled, duplicated and in batches, gives the same rows.
#include <test/day.hpp>
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
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

using Resting = projections::Resting;
using RestingRows = std::map<std::string, Resting, std::less<>>;

/// Folds a batch as the service does: what is missing is loaded, then the batch is folded anew.
void fold_over(projections::Fold& fold, const std::vector<projections::Event>& batch,
               RestingRows& source) {
    for (;;) {
        for (const auto& event : batch)
            fold.apply(event);
        auto missing = fold.take_missing();
        if (missing.empty()) break;
        for (auto& key : missing) {
            const auto found = source.find(key);
            fold.load(key, found == source.end() ? Resting() : found->second);
        }
        fold.revert();
    }
    fold.each_touched([&](const projections::Fold::Change& change) {
        source.insert_or_assign(std::string(change.key), change.after);
    });
}

/// Table and bytes of every row, sorted.
using Rows = std::vector<std::pair<std::size_t, std::string>>;

void take_rows(projections::RowSink& sink, Rows& rows) {
    for (const auto& [table, row] : sink.entries())
        rows.emplace_back(table, row.bytes());
    std::ranges::sort(rows);
}

}  // namespace

TEST_CASE("small batches over a source give the same rows as one fold in memory") {
    const auto day = day_events();
    Arena arena;
    projections::stripe::Codec codec;
    std::vector<projections::Event> events(day.size());
    for (std::size_t index = 0; index < day.size(); ++index)
        codec.read(row_of(day[index], static_cast<std::int64_t>(index) + 1, day[index].occurred_at),
                   arena, events[index]);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        std::mt19937_64 random(seed);
        std::shuffle(events.begin(), events.end(), random);
        for (const auto* projection : projections::all_projections()) {
            const auto memory = projection->fold();
            const auto live = projection->fold();
            live->over_source();
            RestingRows source;
            std::vector<projections::Event> batch;
            for (std::size_t index = 0; index < events.size(); ++index) {
                const auto& event = events[index];
                if (std::ranges::find(projection->types, event.type) != projection->types.end()) {
                    memory->apply(event);
                    batch.push_back(event);
                }
                if (random() % 5 != 0 && index + 1 < events.size()) continue;
                fold_over(*live, std::exchange(batch, {}), source);
                live->settle(random() % 2 == 0 ? 0 : 1000);
            }
            Rows expected;
            memory->drain([&](std::string_view, const Resting&, projections::RowSink& sink) {
                take_rows(sink, expected);
            });
            Rows rows;
            for (const auto& [key, resting] : source) {
                projections::RowSink sink;
                live->derive(key, resting, sink);
                take_rows(sink, rows);
            }
            INFO("projection " << projection->name << ", seed " << seed);
            REQUIRE(rows == expected);
        }
    }
}

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
