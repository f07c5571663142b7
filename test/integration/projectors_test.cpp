// The projectors: any order gives one digest; rebuild, replay, takeover and poison keep it.
#include <test/integration/node.hpp>

#include <ledger/appender.hpp>
#include <ledger/log.hpp>
#include <ledger/pg/binary.hpp>
#include <projections/checkpoint.hpp>
#include <projections/diff.hpp>
#include <projections/layout.hpp>
#include <projections/prepare.hpp>
#include <projections/projectors.hpp>
#include <projections/rebuild.hpp>
#include <projections/replay.hpp>
#include <projections/verify.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <future>
#include <random>
#include <thread>

using namespace daybook;
using namespace daybook::projections;
using namespace daybook::test;
using namespace std::chrono_literals;

namespace {

std::vector<NewEvent> shuffled(std::vector<NewEvent> events, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto originals = events.size();
    for (std::size_t i = 0; i < originals / 4; ++i)
        events.push_back(events[random() % originals]);
    std::shuffle(events.begin(), events.end(), random);
    return events;
}

}  // namespace

TEST_CASE("the day in any order, with duplicates, gives one digest, live and rebuilt") {
    std::optional<Digests> expected;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        INFO("seed " << seed);
        const test::Database database;
        auto db = database.connect();
        {
            Node node(database);
            const auto events = seed == 0 ? test::day_events() : shuffled(test::day_events(), seed);
            // In pieces, so that entities grow and merge over several batches.
            for (std::size_t at = 0; at < events.size(); at += 20) {
                const auto end = std::min(events.size(), at + 20);
                append(node.appender(), {events.begin() + static_cast<std::ptrdiff_t>(at),
                                         events.begin() + static_cast<std::ptrdiff_t>(end)});
            }
            wait_until_current(db);
        }
        const auto live = live_digests(db);
        if (!expected) expected = live;
        CHECK(live == *expected);
        check_verified(database);
        rebuild(log_of(database), everything());
        CHECK(live_digests(db) == *expected);
        check_verified(database);
    }
}

TEST_CASE("a replay at a position has the digest that live had there, and live stays as it is") {
    const test::Database database;
    auto db = database.connect();
    const auto events = shuffled(test::day_events(), 7);
    const auto half = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2);
    Node node(database);
    append(node.appender(), {events.begin(), half});
    wait_until_current(db);
    const auto then = live_digests(db);
    const auto position = head_position(db, 0);
    append(node.appender(), {half, events.end()});
    wait_until_current(db);
    const auto now = live_digests(db);

    const auto log = log_of(database);
    for (const auto& folded : replay(log, std::to_string(position), "half", everything())) {
        CHECK(folded.position == position);
        CHECK(folded.digest.hex() == then.at(folded.projection->name));
    }
    CHECK(live_digests(db) == now);

    std::size_t rows = 0;
    const auto differences = diff(log, "half", "live", everything(), [&](const RowDifference& row) {
        ++rows;
        CHECK((row.before.empty() || row.after.empty() || row.before != row.after));
        CHECK(!row.events.empty());
    });
    CHECK(differences.size() == all_projections().size());
    CHECK(rows > 0);
    replay(log, std::to_string(head_position(db, 0)), "whole", everything());
    rows = 0;
    diff(log, "whole", "live", everything(), [&](const RowDifference&) { ++rows; });
    CHECK(rows == 0);

    // What somebody changes by hand is seen, though no checkpoint knows of it.
    CHECK(verify(log, everything(), "whole").ok());
    db.run(
        "UPDATE replay_whole.orders SET amount = amount + 1 WHERE order_id = (SELECT"
        " min(order_id) FROM replay_whole.orders)");
    const auto altered =
        diff(log, "whole", "live", everything(), [&](const RowDifference&) { ++rows; });
    CHECK(rows == 1);
    CHECK(std::ranges::count_if(altered, &ProjectionDifference::altered_a) == 1);
    CHECK_FALSE(verify(log, everything(), "whole").ok());
    CHECK_THROWS_AS(verify(log, everything(), "none"), std::invalid_argument);

    // Rules that had other columns.
    db.run("ALTER TABLE replay_half.prices DROP COLUMN package_size");
    db.run(
        "UPDATE ledger.projections SET version = 1 WHERE schema_name = 'replay_half'"
        " AND name = 'prices'");
    const auto older = diff(log, "half", "live", everything(), [](const RowDifference&) {});
    const auto prices = std::ranges::find(older, "prices", &ProjectionDifference::projection);
    CHECK((!prices->compared && !prices->readable_a && prices->readable_b && !prices->altered_a));
    const auto verified = verify(log, everything(), "half");
    CHECK(std::ranges::count_if(verified.projections, &VerifiedProjection::ok) == 11);

    replay(log, "1", "one", {find_projection("payouts")});
    CHECK(verify(log, {}, "one").projections.size() == 1);
    CHECK_THROWS_WITH(verify(log, everything(), "one"), Catch::Contains("does not hold"));

    CHECK(list_replays(log).size() == 3);
    CHECK_THROWS_AS(replay(log, "1", "half", everything()), std::invalid_argument);
    CHECK_THROWS_AS(replay(log, "1", "Half!", everything()), std::invalid_argument);
    CHECK_THROWS_AS(replay(log, "999999", "more", everything()), std::invalid_argument);
    for (const auto* time : {"yesterday", "2026/10/31", "10/11/2026", "Oct 31 2026", "2026-13-01",
                             "2026-10-31T12:00:00", "2999-01-01", "2999-01-01T00:00:00Z"}) {
        INFO(time);
        CHECK_THROWS_AS(replay(log, time, "more", everything()), std::invalid_argument);
    }
    CHECK(resolve_as_of(log, "2000-01-01") == 0);
    const auto recorded = db.run(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    CHECK(resolve_as_of(log, recorded.text(0, 0)) == head_position(db, 0));
    CHECK(drop_replay(log, "half"));
    CHECK_FALSE(drop_replay(log, "half"));
    CHECK(list_replays(log).size() == 2);
}

TEST_CASE(
    "a batch asks for its rows by their keys, also where Postgres knows nothing of a table yet") {
    const test::Database database;
    auto db = database.connect();
    prepare_tables(db, {database.service_conninfo(), 0, false, "one", true});
    const auto& group = *groups_of(everything()).front();
    // given a table that grew before anybody analyzed it
    db.run("ALTER TABLE app." + state_table(group) + " SET (autovacuum_enabled = false)");
    db.run("INSERT INTO app." + state_table(group) +
           " SELECT 0, 'pi_' || n, NULL, decode(repeat('00', 300), 'hex') FROM generate_series(1,"
           " 20000) AS n");
    // when a batch looks for a few hundred of its rows
    pg::ArrayBuilder keys(pg::oid::text);
    for (int n = 0; n < 400; ++n)
        keys.element(fmt::format("pi_{}", n * 100));
    pg::Params params;
    params.number(0).binary(keys.take_bytes(), pg::oid::text_array);
    const auto plan = db.run("EXPLAIN ANALYZE " + select_states_sql(group, live_schema), params);
    // then no other row is read
    std::string text;
    for (int line = 0; line < plan.rows(); ++line)
        text += fmt::format("{}\n", plan.text(line, 0));
    CHECK_THAT(text, Catch::Contains("key = wanted.key)") && !Catch::Contains("Removed by"));
}

TEST_CASE("a rebuild under load ends equal to live, and readers never miss a table") {
    const test::Database database;
    auto db = database.connect();
    Node node(database);
    append(node.appender(), test::day_events());
    wait_until_current(db);  // before that there is nothing to read
    std::atomic<bool> stop = false;
    std::atomic<int> reads = 0;
    std::atomic<int> failures = 0;
    std::thread reader([&] {
        auto own = database.connect_service();
        while (!stop) {
            try {
                own.run("SELECT count(*) FROM app.orders");
                ++reads;
            } catch (const pg::Error&) {
                ++failures;
            }
            std::this_thread::sleep_for(1ms);
        }
    });
    // A rebuild gives way to the rest, so on a slow machine it is done when the rest has had
    // enough.
    std::atomic<int> rounds_wanted = 0;
    std::thread writer([&] {
        for (int round = 0; !stop; ++round) {
            while (!stop && round >= rounds_wanted)
                std::this_thread::sleep_for(20ms);
            auto events = test::day_events();
            for (auto& event : events) {
                event.event_id += fmt::format("_{}", round);
                // Another order for every round, by another identity in the same bytes.
                for (const char* prefix :
                     {"\"pi_", "\"ch_", "\"cs_", "\"in_", "\"sub_", "\"re_", "\"order_id\": \""})
                    for (auto at = event.payload.find(prefix); at != std::string::npos;
                         at = event.payload.find(prefix, at + 4))
                        event.payload.insert(at + std::strlen(prefix), fmt::format("{}x", round));
            }
            append(node.appender(), events);
            // As fast as the machine can fold beside the rebuild, and no faster.
            const auto behind = [](const ProjectorStatus& lane) { return lane.lag > 1000; };
            do
                std::this_thread::sleep_for(20ms);
            while (!stop && std::ranges::any_of(node.projectors().status(), behind));
        }
    });
    for (int round = 0; round < 3; ++round) {
        rounds_wanted += 6;
        rebuild(log_of(database), everything());
    }
    stop = true;
    writer.join();
    reader.join();
    wait_until_current(db);
    CHECK(reads > 0);
    CHECK(failures == 0);
    check_verified(database);
}

TEST_CASE("a reader that holds the tables makes a swap wait, and no reader behind it for long") {
    const test::Database database;
    auto db = database.connect();
    Node node(database);
    append(node.appender(), test::day_events());
    wait_until_current(db);
    const auto expected = live_digests(db);
    auto holder = database.connect_service();
    holder.run("BEGIN");
    holder.run("SELECT count(*) FROM app.orders");
    auto rebuilt =
        std::async(std::launch::async, [&] { return rebuild(log_of(database), everything()); });
    auto own = database.connect_service();
    // Whoever queues behind a swap that waits is let through when it gives up, again and again.
    const auto swap_waits = [&] {
        return db.run("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted")
                   .rows() > 0;
    };
    for (int times = 0; times < 3; ++times) {
        wait_for("the swap to wait", swap_waits);
        CHECK(own.run("SELECT count(*) FROM app.orders").rows() == 1);
        CHECK(rebuilt.wait_for(0s) == std::future_status::timeout);
    }
    holder.run("COMMIT");
    CHECK(rebuilt.get().size() == all_projections().size());
    wait_until_current(db);
    CHECK(live_digests(db) == expected);
}

TEST_CASE("when a node dies, another takes its projections over and counts nothing twice") {
    const test::Database database;
    auto db = database.connect();
    const auto events = shuffled(test::day_events(), 11);
    const auto half = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2);
    {
        Node first(database, "first");
        append(first.appender(), {events.begin(), half});
        wait_until_current(db);
    }
    // As if it had died without a word: the lease is still there.
    db.run("UPDATE ledger.projections SET lease_owner = 'dead', lease_until = now() + '3s'");
    Node second(database, "second");
    append(second.appender(), {half, events.end()});
    wait_until_current(db);
    CHECK(db.run("SELECT DISTINCT lease_owner FROM ledger.projections").text(0, 0) == "second");
    check_verified(database);
}

TEST_CASE("an event that cannot be folded is set aside, the rest goes on, and it is visible") {
    const test::Database database;
    auto db = database.connect();
    auto events = test::day_events();
    NewEvent poison;
    poison.event_id = "evt_poison";
    poison.type = "charge.succeeded";
    poison.occurred_at = 1'792'000'000'000'000;
    poison.payload =
        R"({"id":"evt_poison","object":"event","type":"charge.succeeded","created":1792000000,)"
        R"("livemode":false,"data":{"object":{"id":"ch_x","object":"charge","amount":"many",)"
        R"("currency":"usd"}}})";
    events.insert(events.begin() + 3, poison);
    Node node(database);
    append(node.appender(), events);
    wait_until_current(db);
    const auto rows = db.run(
        "SELECT projection, event_id, error FROM ledger.exceptions WHERE"
        " schema_name = 'app' ORDER BY projection");
    REQUIRE(rows.rows() >= 1);
    CHECK(rows.text(0, 1) == "evt_poison");
    CHECK_FALSE(rows.text(0, 2).empty());
    const auto status = node.projectors().status();
    CHECK(std::ranges::any_of(status, [](const auto& s) { return s.state == "degraded"; }));
    check_verified(database);
    rebuild(log_of(database), everything());
    CHECK(db.run("SELECT 1 FROM ledger.exceptions WHERE schema_name = 'app'").rows() ==
          rows.rows());
}

TEST_CASE("events of the other livemode are in the log and not in the tables") {
    const test::Database database;
    auto db = database.connect();
    auto events = test::day_events();
    for (auto& event : events)
        event.livemode = true;
    Node node(database);
    append(node.appender(), events);
    wait_until_current(db);
    CHECK(head_position(db, 0) == static_cast<std::int64_t>(events.size()));
    CHECK(db.run("SELECT 1 FROM app.orders").rows() == 0);
}

TEST_CASE("who is rebuilt while nothing happens has its projectors back without an event") {
    const test::Database database;
    auto db = database.connect();
    Node node(database, "only");
    append(node.appender(), test::day_events());
    wait_until_current(db);
    rebuild(log_of(database), everything());
    wait_for("the leases", [&] {
        return db.run(
                     "SELECT 1 FROM ledger.projections WHERE schema_name = 'app'"
                     " AND lease_owner IS DISTINCT FROM 'only'")
                   .rows() == 0;
    });
    CHECK(std::ranges::all_of(node.projectors().status(),
                              [](const auto& lane) { return lane.state == "live"; }));
}
