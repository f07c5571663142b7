// A node of the test's own: an appender and projectors, and how its tables are judged.
#pragma once

#include <test/day.hpp>
#include <test/integration/cluster.hpp>

#include <ledger/appender.hpp>
#include <projections/projectors.hpp>
#include <projections/verify.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace daybook::test {

using projections::all_projections;
using projections::LogOptions;
using projections::Projection;
using projections::Projectors;

using Digests = std::map<std::string, std::string>;

/// Appends one after the other in groups, as webhooks come, and waits for the last commit.
inline void append(Appender& appender, const std::vector<NewEvent>& events) {
    std::atomic<std::size_t> open = events.size();
    std::promise<void> done;
    for (const auto& event : events)
        appender.submit(event, [&](AppendOutcome outcome) {
            if (!outcome) std::abort();
            if (--open == 0) done.set_value();
        });
    if (!events.empty()) done.get_future().wait();
}

class Node {
public:
    explicit Node(const Database& database, std::string name = "one", bool livemode = false)
        : projectors_({database.service_conninfo(), 0, livemode, std::move(name), true}),
          appender_(database.service_conninfo(), 0) {
        appender_.on_commit([this](std::int64_t head) { projectors_.wake(head); });
    }
    Appender& appender() { return appender_; }
    Projectors& projectors() { return projectors_; }

private:
    Projectors projectors_;
    Appender appender_;  // first to go: it calls the projectors
};

inline void wait_for(const std::string& what, const std::function<bool()>& holds,
                     std::chrono::seconds limit = std::chrono::seconds(30)) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) FAIL("waited in vain for " << what);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

inline Digests live_digests(pg::Connection& db) {
    const auto rows = db.run(
        "SELECT name, encode(digest, 'hex') FROM ledger.projections WHERE"
        " schema_name = 'app'");
    Digests digests;
    for (int row = 0; row < rows.rows(); ++row)
        digests.emplace(rows.text(row, 0), rows.text(row, 1));
    return digests;
}

inline void wait_until_current(pg::Connection& db) {
    wait_for("the projectors", [&] {
        const auto row = db.run(
            "SELECT count(*) FROM ledger.projections p JOIN ledger.heads h"
            " USING (log_id) WHERE schema_name = 'app'"
            " AND p.position = h.position AND p.version > 0");
        return row.number(0, 0) == static_cast<std::int64_t>(all_projections().size());
    });
}

inline std::vector<const Projection*> everything() {
    return {all_projections().begin(), all_projections().end()};
}

inline LogOptions log_of(const Database& database) {
    return {database.service_conninfo(), 0, false};
}

inline void check_verified(const Database& database) {
    const auto verified = projections::verify(log_of(database), everything());
    CHECK(verified.log.ok());
    for (const auto& projection : verified.projections) {
        INFO(projection.name);
        CHECK(projection.stored == projection.tables);
        CHECK(projection.tables == projection.refolded);
    }
}

/// What a node made of the day before it ended.
inline Digests folded_day(const Database& database, pg::Connection& db) {
    Node node(database);
    append(node.appender(), day_events());
    wait_until_current(db);
    return live_digests(db);
}

}  // namespace daybook::test
