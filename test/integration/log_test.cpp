// The log: group commit, duplicates, gaps, two nodes, lost answers, and an outage.
#include <test/integration/cluster.hpp>

#include <ledger/appender.hpp>
#include <ledger/log.hpp>
#include <ledger/sha256.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace daybook;
using namespace std::chrono_literals;

namespace {

NewEvent event(const std::string& id) {
    NewEvent made;
    made.event_id = id;
    made.type = "charge.succeeded";
    made.occurred_at = 1'700'000'000'000'000;
    made.payload = fmt::format(R"({{"id":"{}","type":"charge.succeeded"}})", id);
    return made;
}

/// Collects outcomes from the appender's thread.
class Outcomes {
public:
    Appender::Done expect(std::string id) {
        const std::scoped_lock lock(mutex_);
        ++open_;
        return [this, id = std::move(id)](AppendOutcome outcome) {
            const std::scoped_lock inner(mutex_);
            --open_;
            all_.emplace(id, outcome);
            changed_.notify_all();
        };
    }
    const std::multimap<std::string, AppendOutcome>& all() {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, 30s, [this] { return open_ == 0; }));
        return all_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t open_ = 0;
    std::multimap<std::string, AppendOutcome> all_;
};

void submit(Appender& appender, Outcomes& outcomes, const std::string& id) {
    appender.submit(event(id), outcomes.expect(id));
}

/// Groups that fill quickly, so that mostly two are under way.
AppenderLimits small_groups() {
    AppenderLimits limits;
    limits.batch_events_max = 8;
    return limits;
}

/// Every acknowledged id is in the log once, at the position that was reported.
void check_acknowledged(pg::Connection& db, Outcomes& outcomes) {
    for (const auto& [id, outcome] : outcomes.all()) {
        if (!outcome) continue;
        const auto found = find_event(db, 0, id);
        REQUIRE(found);
        CHECK(found->position == outcome->position);
        CHECK(found->payload == event(id).payload);
        CHECK(found->payload_sha256 == sha256(found->payload));
    }
}

void check_gapless(pg::Connection& db) {
    const auto row = db.run(
        "SELECT count(*), coalesce(max(position), 0),"
        " (SELECT position FROM ledger.heads) FROM ledger.events");
    CHECK(row.number(0, 0) == row.number(0, 1));
    CHECK(row.number(0, 1) == row.number(0, 2));
}

}  // namespace

TEST_CASE("events are appended once each, in order, and duplicates name their original") {
    const test::Database database;
    auto db = database.connect();
    Outcomes outcomes;
    {
        Appender appender(database.service_conninfo(), 0);
        for (int round = 0; round < 3; ++round)
            for (int i = 0; i < 200; ++i)
                submit(appender, outcomes, fmt::format("evt_{}", i));
        outcomes.all();
        CHECK(appender.stats().events == 200);
        CHECK(appender.stats().duplicates == 400);
        CHECK(appender.stats().commits < 600);
    }
    check_gapless(db);
    check_acknowledged(db, outcomes);
    CHECK(head_position(db, 0) == 200);
}

TEST_CASE("text that Postgres cannot hold does not take its neighbours down") {
    const test::Database database;
    auto db = database.connect();
    Outcomes outcomes;
    Appender appender(database.service_conninfo(), 0);
    auto odd = event("evt_odd");
    odd.type = std::string("strange\0type", 12);
    odd.payload = "{\"a\":\"\\u0000\"}";
    appender.submit(odd, outcomes.expect("odd"));
    submit(appender, outcomes, "evt_plain");
    for (const auto& [id, outcome] : outcomes.all())
        CHECK(outcome.has_value());
    CHECK(find_event(db, 0, "evt_odd")->payload == odd.payload);
    check_gapless(db);
}

TEST_CASE("two nodes append to one log at once, without a gap and without a double") {
    const test::Database database;
    auto db = database.connect();
    Outcomes outcomes;
    {
        Appender one(database.service_conninfo(), 0, small_groups());
        Appender two(database.service_conninfo(), 0, small_groups());
        std::thread other([&] {
            for (int i = 0; i < 2000; ++i)
                submit(two, outcomes, fmt::format("evt_{}", i % 2 ? i : i + 10'000));
        });
        for (int i = 0; i < 2000; ++i)
            submit(one, outcomes, fmt::format("evt_{}", i));
        other.join();
        outcomes.all();
    }
    check_gapless(db);
    check_acknowledged(db, outcomes);
    CHECK(head_position(db, 0) == 3000);  // 1,000 ids were sent to both
}

TEST_CASE("when connections die in the middle, what was acknowledged is there once") {
    const test::Database database;
    auto db = database.connect();
    Outcomes outcomes;
    {
        auto limits = small_groups();
        limits.wait_max = 60s;  // longer than the outages, however slow the machine
        Appender appender(database.service_conninfo(), 0, limits);
        submit(appender, outcomes, "evt_first");
        outcomes.all();  // connected
        std::thread saboteur([&] {
            for (int i = 0; i < 20; ++i) {
                std::this_thread::sleep_for(15ms);
                db.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
                    " pg_backend_pid() AND datname = current_database()");
            }
        });
        for (int i = 0; i < 4000; ++i) {
            submit(appender, outcomes, fmt::format("evt_{}", i));
            if (i % 10 == 0) std::this_thread::sleep_for(1ms);
        }
        saboteur.join();
        outcomes.all();
        CHECK(appender.stats().reconnects > 0);
    }
    check_gapless(db);
    check_acknowledged(db, outcomes);
    for (const auto& [id, outcome] : outcomes.all())
        CHECK(outcome.has_value());  // each outage was shorter than an event may wait
}

TEST_CASE("a database that is away is answered with unavailable, not with silence") {
    AppenderLimits limits;
    limits.wait_max = 300ms;
    Outcomes outcomes;
    Appender appender("host=/nonexistent dbname=daybook", 0, limits);
    submit(appender, outcomes, "evt_early");
    std::this_thread::sleep_for(700ms);
    submit(appender, outcomes, "evt_late");
    for (const auto& [id, outcome] : outcomes.all()) {
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error() == AppendFailure::unavailable);
    }
}

TEST_CASE("a full queue is refused at once") {
    const test::Database database;
    auto db = database.connect();
    AppenderLimits limits;
    limits.queue_events_max = 10;
    Outcomes outcomes;
    {
        pg::Transaction lock(db);
        db.run("SELECT 1 FROM ledger.heads FOR UPDATE");  // no append can go on
        Appender appender(database.service_conninfo(), 0, limits);
        for (int i = 0; i < 100; ++i)
            submit(appender, outcomes, fmt::format("evt_{}", i));
        lock.commit();
        const auto& all = outcomes.all();
        const auto refused = std::count_if(all.begin(), all.end(), [](const auto& outcome) {
            return !outcome.second && outcome.second.error() == AppendFailure::queue_full;
        });
        CHECK(refused >= 60);
        CHECK(refused < 100);
    }
    check_gapless(db);
    check_acknowledged(db, outcomes);
}

TEST_CASE("positions and times of recording grow together, so a time names a position") {
    const test::Database database;
    auto db = database.connect();
    Outcomes outcomes;
    Appender appender(database.service_conninfo(), 0);
    std::vector<Microseconds> times;
    for (int i = 0; i < 5; ++i) {
        submit(appender, outcomes, fmt::format("evt_{}", i));
        outcomes.all();
        times.push_back(find_event(db, 0, fmt::format("evt_{}", i))->recorded_at);
        std::this_thread::sleep_for(2ms);
    }
    CHECK(position_at(db, 0, times[0] - 1) == 0);
    for (std::size_t i = 0; i < times.size(); ++i)
        CHECK(position_at(db, 0, times[i]) == static_cast<std::int64_t>(i) + 1);
    std::vector<std::int64_t> scanned;
    scan(db, 0, {1, 4, {}, {}}, [&](const LogRow& row) { scanned.push_back(row.position); });
    CHECK(scanned == std::vector<std::int64_t>{2, 3, 4});
}

TEST_CASE("what Postgres refuses at the commit is not acknowledged, nor are its neighbours lost") {
    const test::Database database;
    auto db = database.connect();
    db.script(
        "CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'not at the end'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse_late AFTER INSERT ON ledger.events"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.event_id LIKE '%late%')"
        " EXECUTE FUNCTION refuse_late()");
    Outcomes outcomes;
    Appender appender(database.service_conninfo(), 0);
    submit(appender, outcomes, "evt_late_alone");
    outcomes.all();
    for (int i = 0; i < 40; ++i)
        submit(appender, outcomes, fmt::format("evt_{}{}", i % 10 == 7 ? "late_" : "", i));
    for (const auto& [id, outcome] : outcomes.all()) {
        CHECK(outcome.has_value() == !id.starts_with("evt_late"));
        CHECK(find_event(db, 0, id).has_value() == outcome.has_value());
    }
    check_gapless(db);
}

TEST_CASE("who freezes inside a transaction does not keep the log locked") {
    const test::Database database;
    auto db = database.connect();
    pg::Connection frozen(database.service_conninfo(), std::chrono::seconds(1));
    frozen.run("BEGIN");
    frozen.run("UPDATE ledger.heads SET position = position WHERE log_id = 0");
    Outcomes outcomes;
    Appender appender(database.service_conninfo(), 0);
    submit(appender, outcomes, "evt_behind");
    CHECK(outcomes.all().begin()->second.has_value());
    try {
        frozen.run("COMMIT");
        FAIL("it had no transaction any more");
    } catch (const pg::Error& error) {
        CHECK(error.connection_lost());
    }
}
