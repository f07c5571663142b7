// Tables that other rules made, or another mode: who builds them anew, and who leaves them alone.
#include <test/integration/node.hpp>

#include <ledger/log.hpp>
#include <projections/rebuild.hpp>

#include <catch2/catch.hpp>

#include <future>
#include <optional>
#include <thread>

using namespace daybook;
using namespace daybook::projections;
using namespace daybook::test;
using namespace std::chrono_literals;

TEST_CASE("a node that is rebuilding stops when it is told to, and the next one rebuilds") {
    const test::Database database;
    auto db = database.connect();
    std::optional<Node> node(std::in_place, database);
    append(node->appender(), test::day_events());
    wait_until_current(db);
    const auto expected = live_digests(db);
    node.reset();

    // given tables of an older version, and a reader that keeps them from being replaced
    db.run("UPDATE ledger.projections SET version = 0");
    auto holder = database.connect_service();
    holder.run("BEGIN");
    holder.run("SELECT count(*) FROM app.orders");
    node.emplace(database);
    wait_for("the swap to wait", [&] {
        return db.run("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted")
                   .rows() > 0;
    });
    // when the node is told to stop
    auto stopped = std::async(std::launch::async, [&] { node.reset(); });
    // then it does, though the reader goes on
    CHECK(stopped.wait_for(30s) == std::future_status::ready);
    holder.run("COMMIT");
    stopped.get();

    node.emplace(database);
    wait_until_current(db);
    wait_for("the tables of this version", [&] {
        return db.run("SELECT 1 FROM ledger.projections WHERE version = 0").rows() == 0;
    });
    CHECK(live_digests(db) == expected);
}

TEST_CASE("a swap to new rules frees the tables of a node that has the old ones") {
    // all of them, or one of two that share their states
    const std::string older = GENERATE("true", "name = 'entitlements'", "name = 'orders'");
    INFO(older);
    const test::Database database;
    auto db = database.connect();
    const auto expected = folded_day(database, db);
    // given a node of older rules, which goes on renewing its leases
    db.run(
        "UPDATE ledger.projections SET lease_owner = 'old', lease_until = now() + '1 hour'"
        " WHERE name IN ('orders', 'entitlements') OR " +
        older);
    db.run("UPDATE ledger.projections SET version = 0 WHERE " + older);
    // when one of these rules joins it
    Node node(database, "new");
    // then this one folds, once it has put its tables in the place of the others
    wait_for("the leases", [&] {
        return db.run(
                     "SELECT 1 FROM ledger.projections WHERE schema_name = 'app'"
                     " AND lease_owner IS DISTINCT FROM 'new'")
                   .rows() == 0;
    });
    wait_until_current(db);
    CHECK(live_digests(db) == expected);
}

TEST_CASE(
    "tables of live money are not taken over for test money, nor by a shell without the mode") {
    const test::Database database;
    auto db = database.connect();
    auto events = test::day_events();
    for (auto& event : events)
        event.livemode = true;
    Node live(database, "live", true);
    append(live.appender(), events);
    wait_until_current(db);
    const auto expected = live_digests(db);

    // when a node for test money joins in, and somebody rebuilds from a shell
    {
        Node test(database, "test", false);
        std::this_thread::sleep_for(1500ms);
        const auto rebuilt =
            test::run_daybook({"rebuild", "--all"}, {{"DATABASE_URL", database.conninfo()}});
        INFO(rebuilt.err);
        CHECK(rebuilt.exit_code == 0);
        CHECK(test::run_daybook({"verify"}, {{"DATABASE_URL", database.conninfo()}}).exit_code ==
              0);
    }
    // then the tables are what they were
    wait_until_current(db);
    CHECK(live_digests(db) == expected);
    CHECK(db.run("SELECT 1 FROM ledger.projections WHERE NOT livemode").rows() == 0);
}

TEST_CASE(
    "projections that share states are rebuilt together, and take the place of those that kept"
    " their own") {
    const test::Database database;
    auto db = database.connect();
    const auto expected = folded_day(database, db);
    // What an older build left, each at a position and a fence of its own.
    db.run("ALTER TABLE app.purchases_state RENAME TO orders_state");
    database.connect_service().run("CREATE TABLE app.entitlements_state (LIKE app.orders_state)");
    db.run("UPDATE ledger.projections SET version = 5 WHERE name = 'orders'");
    db.run(
        "UPDATE ledger.projections SET version = 5, position = 1, fence = fence + 7,"
        " digest = sha256('old') WHERE name = 'entitlements'");
    const Node node(database);
    wait_until_current(db);
    CHECK(live_digests(db) == expected);
    CHECK(
        db.run("SELECT 1 FROM pg_tables WHERE schemaname = 'app' AND tablename IN ('orders_state',"
               " 'entitlements_state')")
            .rows() == 0);

    const auto rebuilt = rebuild(log_of(database), {find_projection("orders")});
    REQUIRE(rebuilt.size() == 2);
    CHECK(rebuilt[0].projection == find_projection("orders"));
    CHECK(rebuilt[1].projection == find_projection("entitlements"));
    for (const auto& folded : rebuilt)
        CHECK(folded.digest.hex() == expected.at(folded.projection->name));
    check_verified(database);
}

TEST_CASE("tables of an older version are rebuilt at the start while they go on serving") {
    const test::Database database;
    auto db = database.connect();
    const auto expected = folded_day(database, db);
    db.run("UPDATE ledger.projections SET version = 0, digest = sha256('old')");
    db.run("UPDATE app.orders SET status = 'old rules'");
    const Node node(database);
    wait_until_current(db);
    CHECK(live_digests(db) == expected);
    CHECK(db.run("SELECT 1 FROM app.orders WHERE status = 'old rules'").rows() == 0);
    check_verified(database);
}
