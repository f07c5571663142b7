// Finding out by reading whether a call took place, where Stripe has more than one page of answers.
#include <api/actions/reading.hpp>
#include <test/integration/outliving_stripe.hpp>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <ctime>
#include <exception>
#include <optional>

using namespace daybook;
using namespace daybook::test;
using daybook::api::Findings;

namespace {

/// A Stripe, and what looks for traces of calls there.
struct Reader {
    Database database;
    Stripe stripe{free_port()};
    Appender appender{database.service_conninfo(), 0};
    api::QueryPool queries{database.service_conninfo()};
    boost::asio::io_context io;
    api::Desk desk{io, appender, queries, 0, {.base = stripe.url(), .secret_key = secret_key}};

    void make_account(std::string_view action) const {
        const auto made = HttpClient(stripe.port())
                              .post("/v1/accounts",
                                    fmt::format("type=express&metadata[daybook_action]={}", action),
                                    {{"Authorization", std::string("Bearer ") + secret_key},
                                     {"Content-Type", "application/x-www-form-urlencoded"}});
        REQUIRE(made.status == 200);
    }
    void fault(std::string_view rule) const {
        REQUIRE(HttpClient(stripe.port())
                    .post("/_sim/faults", rule, {{"Content-Type", "application/json"}})
                    .status == 200);
    }
    /// Of the call that would have made an account, `ago` seconds before now.
    Findings find(const std::string& action, std::int64_t ago = 0) {
        api::Plan plan;
        plan.id = action;
        plan.requested_at = std::time(nullptr) - ago;
        plan.steps.push_back(
            {.path = "/v1/accounts", .body = "type=express&metadata[daybook_action]=" + action});
        std::optional<Findings> findings;
        boost::asio::co_spawn(io, api::find_executed(desk, plan, 0),
                              [&](const std::exception_ptr& failure, Findings found) {
                                  if (!failure) findings = std::move(found);
                              });
        io.restart();
        while (!findings)
            REQUIRE(io.run_one() > 0);
        return *std::move(findings);
    }
};

}  // namespace

TEST_CASE("a call is found behind more than a page of others, and given up when all was read") {
    Reader reader;
    reader.make_account("act_first");
    for (int other = 0; other < 100; ++other)
        reader.make_account(fmt::format("act_{}", other));
    const auto first = reader.find("act_first");
    REQUIRE(first.object);
    CHECK(Json(first.object->body).text("/metadata/daybook_action") == "act_first");
    const auto none = reader.find("act_none");
    CHECK(none.complete);
    CHECK_FALSE(none.object);
}

TEST_CASE("a search that was cut short does not say that a call never took place") {
    Reader reader;
    for (int other = 0; other < 101; ++other)
        reader.make_account(fmt::format("act_{}", other));
    // given a second page that cannot be read, then it matters
    const auto* fails = R"({"kind":"error_before","route":"GET /v1/accounts","skip":1})";
    reader.fault(fails);
    CHECK_FALSE(reader.find("act_none").complete);
    // but not when the first goes back to before the call
    reader.stripe.strike("");
    reader.fault(fails);
    CHECK(reader.find("act_none", -600).complete);
    // given events that cannot be read, then a look at the objects does not make up for them
    reader.stripe.strike("");
    CHECK(reader.find("act_none").complete);
    reader.fault(R"({"kind":"error_before","route":"GET /v1/events"})");
    CHECK_FALSE(reader.find("act_none").complete);
}
