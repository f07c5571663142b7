// What the dispatcher gets round to: every action without an outcome, however many others have
// none.
#include <api/actions/actions.hpp>
#include <test/integration/node.hpp>
#include <test/integration/outliving_stripe.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <ctime>

using namespace daybook;
using namespace daybook::test;

namespace {

/// A node that has clients no more, and begins to dispatch with the first action.
struct Dispatcher {
    Database database;
    Stripe stripe{free_port()};
    Node node{database};
    api::QueryPool queries{database.service_conninfo()};
    pg::Connection db = database.connect();

    [[nodiscard]] api::ActionServices services() {
        return {.appender = node.appender(),
                .queries = queries,
                .stripe = {.base = stripe.url(), .secret_key = secret_key},
                .dispatches = [] { return true; }};
    }
    [[nodiscard]] std::int64_t logged(const std::string& type) {
        return db.run("SELECT count(*) FROM ledger.events WHERE type = $1", pg::Params().text(type))
            .number(0, 0);
    }
};

/// The record of a call that a client of the gateway asked for `ago` seconds before now.
NewEvent requested(std::string id, std::int64_t ago, std::string path, std::string body) {
    api::Plan plan;
    plan.id = std::move(id);
    plan.kind = "gateway";
    plan.method = "POST";
    plan.path = path;
    plan.requested_at = std::time(nullptr) - ago;
    plan.steps.push_back({.path = std::move(path), .body = std::move(body)});
    return api::requested_event(plan);
}

}  // namespace

TEST_CASE("an action that lost its driver is found behind a thousand that nothing settles") {
    Dispatcher world;
    // given calls that cannot be repeated, for the log has no card numbers, and leave no trace
    std::vector<NewEvent> events;
    for (int number = 0; number < 1001; ++number)
        events.push_back(requested(fmt::format("act_stuck_{}", number), 7200 + number,
                                   fmt::format("/v1/customers/cus_{}/sources", number),
                                   "card[number]=4242424242424242"));
    // and a younger one that can
    events.push_back(requested("act_lost", 60, "/v1/customers", "name=Ada"));
    append(world.node.appender(), events);
    wait_until_current(world.db);
    // when they are dispatched
    const api::Actions actions(world.services());
    // then the dispatcher gets round to all of them
    wait_for("the lost action", [&] { return world.logged("action.succeeded") == 1; });
    wait_for("all others", [&] { return world.logged("action.indeterminate") == 1001; });
    CHECK(world.logged("action.failed") == 0);
    // and again to those that are open, but not at once
    const auto dispatched = actions.stats().dispatched;
    CHECK(dispatched >= 1002);
    CHECK(dispatched < 5 * 1002);
}
