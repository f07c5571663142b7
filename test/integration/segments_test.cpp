// Segments: what is sealed reads as the rows do, and nothing depends on it.
#include <test/integration/cluster.hpp>

#include <ledger/appender.hpp>
#include <ledger/sealer.hpp>
#include <ledger/segments.hpp>
#include <projections/verify.hpp>
#include <tools/bench/events.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <random>
#include <thread>

using namespace daybook;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t events = 6'000;

/// A log of orders and what is paid for them, among it what is odd: events of accounts and of live
/// mode, a payload of a megabyte, bytes that are no text.
void fill(const test::Database& database) {
    Appender appender(database.service_conninfo(), 0);
    bench::EventFactory factory(7, 900);
    std::atomic<std::int64_t> open = events;
    for (std::int64_t i = 1; i <= events; ++i) {
        auto event = factory.next();
        if (i % 5 == 0) event.account = "acct_" + std::to_string(i % 3);
        if (i % 7 == 0) event.livemode = true;
        if (i == 2'500) event.payload.append(std::size_t{1} << 20, ' ');
        if (i == 2'501) event.payload = "no JSON: \xff\x00\xfe";
        appender.submit(std::move(event), [&](const AppendOutcome& outcome) {
            if (outcome) --open;
        });
    }
    while (open > 0)
        std::this_thread::sleep_for(1ms);
}

void seal_all(const test::Database& database) {
    auto reading = database.connect_service();
    auto writing = database.connect_service();
    while (events - sealed_upto(writing, 0) >= segment_events_max)
        seal(reading, writing, 0, events);
}

std::string text_of(const LogRow& row) {
    return std::to_string(row.position) + '|' + std::string(row.event_id) + '|' +
           std::string(row.type) + '|' + std::string(row.account) + '|' +
           std::to_string(row.livemode) + '|' + std::to_string(row.occurred_at) + '|' +
           std::string(row.payload);
}

std::vector<std::string> rows_of(const test::Database& database, const LogRange& range) {
    auto db = database.connect_service();
    std::vector<std::string> rows;
    scan(db, 0, range, [&](const LogRow& row) { rows.push_back(text_of(row)); });
    return rows;
}

projections::Verified verified(const test::Database& database) {
    std::vector<const projections::Projection*> all(projections::all_projections().begin(),
                                                    projections::all_projections().end());
    return projections::verify({database.service_conninfo(), 0, false}, all);
}

}  // namespace

TEST_CASE("what is sealed reads as the rows do") {
    const test::Database database;
    fill(database);
    const std::string_view types[] = {"charge.succeeded", "payment_intent.created"};
    const LogRange whole{0, events, {}, {}};
    const LogRange some{0, events, false, types};
    const auto rows = rows_of(database, whole);
    const auto chosen = rows_of(database, some);
    REQUIRE(rows.size() == events);
    REQUIRE(chosen.size() > 1'000);
    REQUIRE(chosen.size() < events);

    seal_all(database);

    auto db = database.connect_service();
    const auto sealed = sealed_upto(db, 0);
    CHECK(events - sealed < segment_events_max);
    std::vector<std::string> copied;
    CHECK(scan_sealed(db, 0, whole, [&](const LogRow& row) { copied.push_back(text_of(row)); }) ==
          sealed);
    CHECK(copied == std::vector(rows.begin(), rows.begin() + sealed));
    CHECK(rows_of(database, whole) == rows);
    CHECK(rows_of(database, some) == chosen);
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 20; ++i) {
        const auto after = static_cast<std::int64_t>(random() % 2'000);
        const auto upto = events - static_cast<std::int64_t>(random() % 2'000);
        CHECK(rows_of(database, {after, upto, {}, {}}) ==
              std::vector(rows.begin() + after, rows.begin() + upto));
    }
    CHECK(verified(database).ok());
    CHECK(verified(database).log.segments.segments > 5);
}

TEST_CASE("where segments are damaged, altered or missing the rows are read, and verify says so") {
    const test::Database database;
    fill(database);
    const LogRange whole{0, events, {}, {}};
    const auto rows = rows_of(database, whole);
    seal_all(database);
    auto owner = database.connect();
    const auto third = "(SELECT after FROM ledger.segments ORDER BY after OFFSET 2 LIMIT 1)";
    const auto change = [&](const std::string& sql) { owner.run(sql + " WHERE after = " + third); };

    SECTION("damaged") {
        // In the head of the frame, which says how much there is, and behind it.
        for (const int place : {0, 4, 7, 9, 400}) {
            INFO("byte " << place);
            const auto flip = fmt::format(
                "UPDATE ledger.segments SET events = set_byte(events, {0}, 255 - get_byte(events,"
                " {0}))",
                place);
            change(flip);
            CHECK(rows_of(database, whole) == rows);
            CHECK(verified(database).log.segments.altered == 1);
            CHECK_FALSE(verified(database).ok());
            if (place < 400) change(flip);
        }
        CHECK(test::run_daybook({"verify"}, {{"DATABASE_URL", database.conninfo()}}).exit_code ==
              1);
    }
    SECTION("another's") {
        const auto another = GENERATE("min(after)", "max(after)");
        change(
            fmt::format("UPDATE ledger.segments SET events = (SELECT events FROM ledger.segments"
                        " WHERE after = (SELECT {} FROM ledger.segments))",
                        another));
        CHECK(rows_of(database, whole) == rows);
        CHECK(verified(database).log.segments.altered == 1);
        const auto told = test::run_daybook({"verify"}, {{"DATABASE_URL", database.conninfo()}});
        CHECK(told.exit_code == 1);
        CHECK(told.out.contains("1 of"));
    }
    SECTION("missing") {
        change("DELETE FROM ledger.segments");
        CHECK(rows_of(database, whole) == rows);
        CHECK(verified(database).ok());
    }
    // What the documents tell the owner to do.
    owner.run("TRUNCATE ledger.segments");
    CHECK(rows_of(database, whole) == rows);
    seal_all(database);
    CHECK(rows_of(database, whole) == rows);
    CHECK(verified(database).ok());
}

TEST_CASE("several nodes that seal at once leave one chain of segments") {
    const test::Database database;
    fill(database);
    std::vector<std::future<void>> nodes;
    for (int i = 0; i < 3; ++i)
        nodes.push_back(std::async(std::launch::async, [&] { seal_all(database); }));
    for (auto& node : nodes)
        node.get();
    auto db = database.connect();
    CHECK(db.run("SELECT count(*) FROM (SELECT after, lag(upto, 1, 0::bigint) OVER (ORDER BY after)"
                 " AS before FROM ledger.segments) AS chain WHERE after <> before")
              .number(0, 0) == 0);
    CHECK(verified(database).ok());
}

TEST_CASE("a log with a gap is not sealed") {
    const test::Database database;
    auto owner = database.connect();
    owner.run(
        "INSERT INTO ledger.events (log_id, position, event_id, source, type, livemode, "
        "occurred_at,"
        " recorded_at, payload, payload_sha256) SELECT 0, n, 'evt_' || n, 'webhook', 'x', false,"
        " now(), now(), '{}', sha256('{}') FROM generate_series(1, 3000) n WHERE n <> 1200");
    auto reading = database.connect_service();
    auto writing = database.connect_service();
    CHECK_THROWS_WITH(seal(reading, writing, 0, 3000), Catch::Contains("position 1200 is missing"));
    CHECK(sealed_upto(owner, 0) == 0);
}

TEST_CASE("a calm log is sealed by the service itself") {
    const test::Database database;
    fill(database);
    const Sealer sealer(database.service_conninfo(), 0);
    auto db = database.connect();
    for (int i = 0; i < 300 && events - sealed_upto(db, 0) >= segment_events_max; ++i)
        std::this_thread::sleep_for(100ms);
    CHECK(events - sealed_upto(db, 0) < segment_events_max);
}
