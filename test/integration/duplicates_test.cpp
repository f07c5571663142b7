// What is open for an order: told from everything else that is open, and asked for at once.
#include <api/actions/record.hpp>
#include <api/marketplace/duplicates.hpp>
#include <api/problem.hpp>
#include <ledger/json_text.hpp>
#include <test/integration/node.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>

using namespace daybook;
using namespace daybook::test;
using api::Problem;

namespace {

/// A refund of the order that a client asked for.
api::Plan refund_of(const std::string& order) {
    api::Plan plan;
    plan.id = api::action_id(order, false, {});
    plan.kind = "refund.create";
    plan.requested_at = std::time(nullptr);
    plan.steps.push_back({.path = "/v1/refunds"});
    plan.decisions = JsonObject().text("order_id", order).str();
    return plan;
}

struct Desk {
    Database database;
    test::Node running{database};
    api::QueryPool queries{database.service_conninfo()};
    pg::Connection db = database.connect_service();
    api::Node node{
        .appender = running.appender(), .projectors = running.projectors(), .queries = queries};
    api::Context context{db, node};

    void log(const std::vector<NewEvent>& events) {
        append(running.appender(), events);
        wait_until_current(db);
    }
    /// Why the lines of this order are not to be refunded now, if so.
    std::optional<Problem> refusal(const std::string& order) {
        api::Request request;
        request.idempotency_key = "lines of " + order;
        try {
            api::be_first_to_refund_lines(order, request, context);
        } catch (const api::Refused& refused) {
            return refused.problem();
        }
        return std::nullopt;
    }
    /// How often the database is waited for meanwhile.
    template <class Work>
    std::size_t round_trips(const Work& work) {
        char* text = nullptr;
        std::size_t size = 0;
        std::FILE* trace = open_memstream(&text, &size);
        PQtrace(db.raw(), trace);
        work();
        PQuntrace(db.raw());
        std::fclose(trace);
        const std::string traced(text, size);
        std::free(text);
        std::size_t count = 0;
        const std::string_view answered = "ReadyForQuery";
        for (auto at = traced.find(answered); at != std::string::npos;
             at = traced.find(answered, at + 1))
            ++count;
        return count;
    }
};

}  // namespace

TEST_CASE("a refund of lines waits for one of the same order that is open, and for no other") {
    Desk desk;
    // given open refunds of two orders, one of which a connected account named
    const auto named = std::string("acct_1:\"1001\"\n");
    desk.log({requested_event(refund_of("o_1")), requested_event(refund_of(named))});
    CHECK(desk.refusal("o_1") == Problem::projection_behind);
    CHECK(desk.refusal(named) == Problem::projection_behind);
    CHECK(desk.refusal("o_2") == std::nullopt);
    // when Stripe refuses one of them, then that order's lines can be refunded
    api::Outcome outcome;
    outcome.state = api::ActionState::failed;
    desk.log({outcome_event(refund_of("o_1"), outcome)});
    CHECK(desk.refusal("o_1") == std::nullopt);
    CHECK(desk.refusal(named) == Problem::projection_behind);
}

TEST_CASE("what is open for an order is asked for at once, however much is open") {
    Desk desk;
    // given one that is open
    desk.log({requested_event(refund_of("o_1"))});
    const auto asked =
        desk.round_trips([&] { CHECK(desk.refusal("o_1") == Problem::projection_behind); });
    CHECK(asked > 0);
    // when a hundred are
    std::vector<NewEvent> events;
    for (int other = 2; other <= 101; ++other)
        events.push_back(requested_event(refund_of(fmt::format("o_{}", other))));
    desk.log(events);
    // then the database is asked no more often
    const auto asked_then =
        desk.round_trips([&] { CHECK(desk.refusal("o_101") == Problem::projection_behind); });
    CHECK(asked_then == asked);
}
