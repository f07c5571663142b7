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
    [[nodiscard]] std::string outcome(const std::string& action) {
        const auto rows = db.run("SELECT type FROM ledger.events WHERE event_id = $1",
                                 pg::Params().text(api::outcome_id(action)));
        return rows.rows() == 1 ? std::string(rows.text(0, 0)) : std::string();
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

TEST_CASE("an error that repeats itself is settled behind more events than are read at once") {
    Dispatcher world;
    // given two calls that Stripe answers with 500 for ever; one was carried out, and the customer
    // that it made was deleted since
    world.stripe.fault(R"({"kind":"error_after","route":"POST /v1/customers","count":1})");
    CHECK(world.stripe.post("/v1/customers", "name=Ada", "act_done").status == 500);
    world.stripe.fault(
        R"({"kind":"error_before","store":true,"route":"POST /v1/customers","count":1})");
    CHECK(world.stripe.post("/v1/customers", "name=Bo", "act_not_done").status == 500);
    const auto made = Json(world.stripe.ask("/v1/customers").body).text("/data/0/id");
    world.stripe.remove("/v1/customers/" + made);
    // and more of others since then than an attempt reads
    for (int other = 0; other < 2100; ++other)
        REQUIRE(world.stripe.post("/v1/customers", "name=Cy").status == 200);
    append(world.node.appender(), {requested("act_done", 60, "/v1/customers", "name=Ada"),
                                   requested("act_not_done", 60, "/v1/customers", "name=Bo")});
    wait_until_current(world.db);
    // when they are dispatched, then each gets the outcome that is true
    const api::Actions actions(world.services(),
                               {.saga = {.settle_within = std::chrono::minutes(0)}});
    wait_for("the one that was carried out",
             [&] { return world.outcome("act_done") == "action.succeeded"; });
    wait_for("the one that was not",
             [&] { return world.outcome("act_not_done") == "action.failed"; });
}

TEST_CASE("a step without an answer is not given up because the one before it repeats its own") {
    Dispatcher world;
    // given two calls of one action, and a Stripe that does not answer the second one
    world.stripe.fault(R"({"kind":"cut_before","route":"POST /v1/products"})");
    api::Plan plan;
    plan.id = "act_both";
    plan.kind = "gateway";
    plan.method = "POST";
    plan.requested_at = std::time(nullptr) - 60;
    plan.steps = {{.path = "/v1/customers", .body = "name=Ada"},
                  {.path = "/v1/products", .body = "name=Bowl"}};
    append(world.node.appender(), {requested_event(plan)});
    wait_until_current(world.db);
    // when it is dispatched without patience, and then Stripe answers
    const api::Actions actions(world.services(),
                               {.saga = {.settle_within = std::chrono::minutes(0)}});
    wait_for("a third attempt", [&] { return actions.stats().dispatched >= 3; });
    world.stripe.strike("");
    // then it is carried out to its end
    wait_for("an outcome", [&] { return !world.outcome(plan.id).empty(); });
    CHECK(world.outcome(plan.id) == "action.succeeded");
    CHECK(Json(world.stripe.ask("/v1/products").body).data().size() == 1);
}
