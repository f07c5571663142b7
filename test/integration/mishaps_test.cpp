// What goes wrong around the projectors: failovers, lost leases, odd events, two of a kind at once.
#include <test/integration/node.hpp>

#include <ledger/log.hpp>
#include <projections/checkpoint.hpp>
#include <projections/rebuild.hpp>
#include <projections/replay.hpp>

#include <fmt/format.h>
#include <boost/algorithm/string/replace.hpp>

#include <random>

using namespace daybook;
using namespace daybook::projections;
using namespace daybook::test;
using namespace std::chrono_literals;

namespace {

/// The same day again, of other buyers: other events of other objects.
std::vector<NewEvent> other_day() {
    auto events = test::day_events();
    for (auto& event : events) {
        event.event_id += "_2";
        for (const std::string prefix : {"\"pi_", "\"ch_", "\"cs_", "\"in_", "\"sub_", "\"re_"})
            boost::algorithm::replace_all(event.payload, prefix, prefix + "2x");
    }
    return events;
}

/// What Stripe's metadata may hold: 500 characters of four bytes.
std::string long_text() {
    std::mt19937_64 random(1);
    std::string text;
    for (int i = 0; i < 500; ++i) {
        text += "\xF0\x9F";
        text += static_cast<char>(0x80 + random() % 64);
        text += static_cast<char>(0x80 + random() % 64);
    }
    return text;
}

NewEvent payment_with(std::string_view created, std::string_view user, std::string_view product) {
    NewEvent event;
    event.event_id = "evt_odd";
    event.type = "payment_intent.succeeded";
    event.occurred_at = 1'792'000'000'000'000;
    event.payload = fmt::format(
        R"({{"id":"evt_odd","object":"event","type":"payment_intent.succeeded",)"
        R"("created":1792000000,"livemode":false,"data":{{"object":{{"id":"pi_odd",)"
        R"("object":"payment_intent","amount":100,"amount_received":100,"status":"succeeded",)"
        R"("created":{},"currency":"usd","metadata":{{"order_id":"o_odd","user_id":"{}",)"
        R"("product_id":"{}"}}}}}}}})",
        created, user, product);
    return event;
}

}  // namespace

TEST_CASE("what no column and no key can hold is left out, and stops nothing") {
    const auto odd = GENERATE(payment_with("1792000000", long_text(), long_text()),
                              payment_with("9300000000000", "u", "p"));
    const test::Database database;
    auto db = database.connect();
    Node node(database);
    append(node.appender(), {odd});
    append(node.appender(), test::day_events());
    wait_until_current(db);
    CHECK(db.run("SELECT 1 FROM app.orders WHERE order_id = 'o_odd' AND amount = 100").rows() == 1);
    rebuild(log_of(database), {find_projection("orders"), find_projection("entitlements")});
    check_verified(database);
}

TEST_CASE("a node that knew of positions that a failover took back misses no later event") {
    const test::Database database;
    auto db = database.connect();
    Node node(database);
    append(node.appender(), test::day_events());
    wait_until_current(db);
    // What an asynchronous standby did not get before it was promoted.
    node.projectors().wake(head_position(db, 0) + 500);
    std::this_thread::sleep_for(2s);
    append(node.appender(), other_day());
    wait_until_current(db);
    check_verified(database);
}

TEST_CASE("a failover that takes positions back hides none of those that are given anew") {
    const test::Database database;
    {
        auto db = database.connect();
        folded_day(database, db);
    }
    database.remember();
    const auto events = other_day();
    Node node(database);
    {
        auto db = database.connect();
        append(node.appender(), {events.begin(), events.begin() + 50});
        wait_until_current(db);
    }
    database.fail_over();
    auto db = database.connect();
    {
        Appender appender(database.service_conninfo(), 0);
        append(appender, {events.begin() + 50, events.begin() + 100});
    }
    wait_until_current(db);
    check_verified(database);
}

TEST_CASE("verify beside a rebuild sees the tables of one moment") {
    const test::Database database;
    auto db = database.connect();
    Node node(database);
    append(node.appender(), test::day_events());
    wait_until_current(db);
    auto holder = database.connect();
    holder.run("BEGIN");
    holder.run("LOCK TABLE app.orders IN ACCESS EXCLUSIVE MODE");  // stands for a long verify
    auto verified =
        std::async(std::launch::async, [&] { return verify(log_of(database), everything()); });
    wait_for("verify to be under way", [&] {
        return db.run("SELECT 1 FROM pg_locks WHERE mode = 'AccessShareLock' AND NOT granted")
                   .rows() > 0;
    });
    append(node.appender(), other_day());
    auto rebuilt = std::async(std::launch::async, [&] {
        return rebuild(log_of(database), {find_projection("subscriptions")});
    });
    std::this_thread::sleep_for(2s);
    holder.run("COMMIT");
    for (const auto& projection : verified.get().projections) {
        INFO(projection.name);
        CHECK(projection.ok());
    }
    rebuilt.get();
    wait_until_current(db);
    check_verified(database);
}

TEST_CASE("of two replays of one name at a time the later is refused, and the first is whole") {
    const test::Database database;
    auto db = database.connect();
    folded_day(database, db);
    std::string refusal;
    replay(log_of(database), "300", "october", everything(), [&](const Progress& now) {
        if (now.stage != "write" || !refusal.empty()) return;
        try {
            replay(log_of(database), "200", "october", everything());
        } catch (const std::invalid_argument& error) {
            refusal = error.what();
        }
    });
    CHECK_THAT(refusal, Catch::Contains("right now"));
    replay(log_of(database), "300", "reference", everything());
    const auto rows_of = [&db](std::string_view schema, std::string_view table) {
        return db.run(fmt::format("SELECT count(*) FROM {}.{}", schema, table)).number(0, 0);
    };
    for (const auto* projection : everything())
        for (const auto& table : projection->tables)
            CHECK(rows_of("replay_october", table.name) == rows_of("replay_reference", table.name));
}

TEST_CASE("a rebuild that lost its lease swaps in nothing of its successor's") {
    const test::Database database;
    auto db = database.connect();
    folded_day(database, db);  // nobody folds from here on, as after an upgrade of the rules
    auto holder = database.connect_service();
    holder.run("BEGIN");
    holder.run("SELECT count(*) FROM app.subscriptions");
    const std::vector<const Projection*> one = {find_projection("subscriptions")};
    auto first = std::async(std::launch::async, [&] { return rebuild(log_of(database), one); });
    wait_for("the swap to wait", [&] {
        return db.run("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted")
                   .rows() > 0;
    });
    // What a pause of its machine does: the lease is not renewed, and runs out.
    wait_for("its renewal to end", [&] {
        return db.run(
                     "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                     " current_database() AND query LIKE 'UPDATE ledger.projections SET"
                     " lease_until%'")
                   .rows() > 0;
    });
    {
        Appender appender(database.service_conninfo(), 0);
        append(appender, other_day());
    }
    std::atomic<bool> built = false;
    std::future<std::vector<Folded>> second;
    wait_for("a successor that is about to swap", [&] {
        if (!second.valid() || (second.wait_for(0s) == std::future_status::ready && !built))
            second = std::async(std::launch::async, [&] {
                return rebuild(log_of(database), one, [&](const Progress& now) {
                    if (now.stage == "swap" && !built.exchange(true))
                        std::this_thread::sleep_for(2s);
                });
            });
        std::this_thread::sleep_for(100ms);
        return built.load();
    });
    holder.run("COMMIT");
    CHECK_THROWS_AS(first.get(), LostLease);
    CHECK_NOTHROW(second.get());
    Node node(database);
    wait_until_current(db);
    check_verified(database);
}
