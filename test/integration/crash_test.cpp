// kill -9 of the service and of Postgres under load: what was acknowledged is there, once.
#include <test/integration/cluster.hpp>

#include <projections/verify.hpp>
#include <tools/bench/events.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <thread>

using namespace daybook;
using namespace std::chrono_literals;

namespace {

constexpr char secret[] = "whsec_crash_test_secret_0123456789";

/// Posts distinct events over a few connections, keeps what was acknowledged with 200, and sends
/// what was not again, as Stripe would.
class Load {
public:
    explicit Load(std::uint64_t seed) {
        for (std::uint64_t lane = 0; lane < 4; ++lane)
            threads_.emplace_back([this, seed, lane](const std::stop_token& stop) {
                bench::EventFactory factory(seed * 100 + lane, 2048);
                run(stop, factory);
            });
    }
    void point_at(std::uint16_t port) { port_ = port; }
    void stop() {
        for (auto& thread : threads_)
            thread.request_stop();
        threads_.clear();
    }
    std::set<std::string> acknowledged() const { return acknowledged_; }
    std::set<int> statuses() const { return statuses_; }

private:
    void run(const std::stop_token& stop, bench::EventFactory& factory) {
        while (!stop.stop_requested()) {
            const auto event = factory.next();
            for (bool kept = false; !kept && !stop.stop_requested();) {
                test::HttpClient client(port_);
                const auto answer = client.webhook("/webhooks/stripe", event.payload, secret);
                kept = answer.status == 200;
                const std::scoped_lock lock(mutex_);
                statuses_.insert(answer.status);
                if (kept) acknowledged_.insert(event.event_id);
                if (!kept) std::this_thread::sleep_for(5ms);
            }
        }
    }

    std::atomic<std::uint16_t> port_ = 1;
    std::mutex mutex_;
    std::set<std::string> acknowledged_;
    std::set<int> statuses_;
    std::vector<std::jthread> threads_;
};

test::Environment environment(const test::Database& database) {
    return {{"DATABASE_URL", database.conninfo()},
            {"STRIPE_WEBHOOK_SECRET", secret},
            {"STRIPE_CONNECT_WEBHOOK_SECRET", secret}};
}

void check_kept(const test::Database& database, const Load& load) {
    auto db = database.connect();
    const auto rows = db.run("SELECT event_id, count(*) FROM ledger.events GROUP BY 1");
    std::map<std::string, std::int64_t> kept;
    for (int row = 0; row < rows.rows(); ++row)
        kept.emplace(rows.text(row, 0), rows.number(row, 1));
    const auto acknowledged = load.acknowledged();
    CHECK(acknowledged.size() > 100);
    std::size_t wrong = 0;
    for (const auto& id : acknowledged)
        if (!kept.contains(id) || kept.at(id) != 1) ++wrong;
    CHECK(wrong == 0);
    const std::vector<const projections::Projection*> all(projections::all_projections().begin(),
                                                          projections::all_projections().end());
    const auto verified = projections::verify({database.service_conninfo(), 0, false}, all);
    CHECK(verified.log.ok());
    CHECK(verified.ok());
    for (int status : load.statuses())  // refused or cut off, but never taken and lost
        CHECK((status == 200 || status == 503 || status == 0));
}

void wait_until_current(const test::Database& database) {
    auto db = database.connect();
    for (int i = 0; i < 6000; ++i) {
        const auto row = db.run(
            "SELECT min(p.position) = max(h.position) FROM ledger.heads h"
            " JOIN ledger.projections p USING (log_id)"
            " WHERE schema_name = 'app'");
        if (row.boolean(0, 0)) return;
        std::this_thread::sleep_for(10ms);
    }
    FAIL("the projections do not reach the head");
}

}  // namespace

TEST_CASE("kill -9 of the service and of Postgres, ten times at random instants, loses nothing") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const test::Database database;
    Load load(seed);
    auto serve = std::make_unique<test::Serve>(environment(database));
    for (int round = 0; round < 10; ++round) {
        load.point_at(serve->port());
        std::this_thread::sleep_for(std::chrono::milliseconds(150 + random() % 500));
        if (round % 2 == 0) {
            serve->kill_hard();
            serve = std::make_unique<test::Serve>(environment(database));
        } else {
            test::crash_postgres();
        }
    }
    load.point_at(serve->port());
    std::this_thread::sleep_for(1500ms);
    load.stop();
    wait_until_current(database);
    check_kept(database, load);
    CHECK(serve->stop() == 0);
}

TEST_CASE(
    "an orderly restart of Postgres under load is survived without a restart of the service") {
    const test::Database database;
    Load load(std::random_device{}());
    test::Serve serve(environment(database));
    load.point_at(serve.port());
    for (int round = 0; round < 3; ++round) {
        std::this_thread::sleep_for(400ms);
        test::restart_postgres();
    }
    std::this_thread::sleep_for(1500ms);
    load.stop();
    wait_until_current(database);
    check_kept(database, load);
    CHECK(serve.stop() == 0);
}

TEST_CASE("two services on one database share the work, and one is enough when the other dies") {
    const test::Database database;
    Load load(std::random_device{}());
    auto first = std::make_unique<test::Serve>(environment(database));
    test::Serve second(environment(database));
    Load other(std::random_device{}());
    load.point_at(second.port());
    other.point_at(first->port());
    std::this_thread::sleep_for(1s);
    first->kill_hard();
    other.point_at(second.port());
    std::this_thread::sleep_for(1s);
    load.stop();
    other.stop();
    wait_until_current(database);  // the dead one's leases run out
    check_kept(database, load);
    check_kept(database, other);
}
