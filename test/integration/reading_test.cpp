// Finding out by reading whether a call took place, where Stripe has more than one page of answers.
#include <api/actions/reading.hpp>
#include <test/integration/outliving_stripe.hpp>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

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
    api::Desk desk{io,
                   appender,
                   queries,
                   0,
                   {.base = stripe.url(),
                    .secret_key = secret_key,
                    .pause_min = std::chrono::milliseconds(1)}};

    void make_account(std::string_view action) const {
        const auto made = stripe.post(
            "/v1/accounts", fmt::format("type=express&metadata[daybook_action]={}", action));
        REQUIRE(made.status == 200);
    }
    /// Of the call that would have made an account, `ago` seconds before now.
    Findings find(const std::string& action, std::int64_t ago = 0) {
        return find("/v1/accounts", "type=express&metadata[daybook_action]=" + action, action, ago);
    }
    /// Of a call, where it goes on from what was `read`.
    Findings find(std::string path, std::string body, const std::string& action, std::int64_t ago,
                  api::ListsRead read = {}) {
        api::Plan plan;
        plan.id = action;
        plan.requested_at = std::time(nullptr) - ago;
        plan.steps.push_back({.path = std::move(path), .body = std::move(body)});
        std::optional<Findings> findings;
        boost::asio::co_spawn(io, api::find_executed(desk, plan, 0, std::move(read)),
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
    reader.stripe.fault(fails);
    CHECK_FALSE(reader.find("act_none").complete);
    // but not when the first goes back to before the call
    reader.stripe.strike("");
    reader.stripe.fault(fails);
    CHECK(reader.find("act_none", -600).complete);
    // given events that cannot be read, then a look at the objects does not make up for them
    reader.stripe.strike("");
    CHECK(reader.find("act_none").complete);
    reader.stripe.fault(R"({"kind":"error_before","route":"GET /v1/events"})");
    CHECK_FALSE(reader.find("act_none").complete);
}

TEST_CASE("a search that was cut short goes on where it ended, in the events and in the objects") {
    Reader reader;
    // given a call, and two pages and a half of others behind it
    for (int made = 0; made < 250; ++made)
        REQUIRE(
            reader.stripe.post("/v1/customers", "name=Ada", made == 0 ? "act_first" : "").status ==
            200);
    for (int made = 0; made < 250; ++made)
        reader.make_account(made == 0 ? "act_first" : "act_other");
    const auto search = [&](const char* path, const char* body, const char* action) {
        std::vector<Findings> attempts(1);
        while (attempts.size() < 4 && !attempts.back().complete) {
            // when each attempt can read one page
            reader.stripe.strike("");
            for (const auto* route : {"GET /v1/events", "GET /v1/accounts"})
                reader.stripe.fault(
                    fmt::format(R"({{"kind":"error_before","route":"{}","skip":1}})", route));
            attempts.push_back(reader.find(path, body, action, 0, attempts.back().read));
        }
        return attempts;
    };
    // then the third finds the trace, or that there is none
    for (const auto& [path, body] :
         {std::pair{"/v1/customers", "name=Ada"},
          std::pair{"/v1/accounts", "type=express&metadata[daybook_action]="}}) {
        INFO(path);
        const auto found = search(path, body, "act_first");
        REQUIRE(found.size() == 4);
        CHECK_FALSE(found[2].complete);
        REQUIRE(found[3].object);
        const auto none = search(path, body, "act_none");
        REQUIRE(none.size() == 4);
        CHECK_FALSE(none[2].complete);
        CHECK(none[3].complete);
        CHECK_FALSE(none[3].object);
    }
}

TEST_CASE("a search that goes on behind what was deleted begins anew") {
    Reader reader;
    reader.make_account("act_other");
    const auto* body = "type=express&metadata[daybook_action]=act_none";
    const api::ListsRead read{.objects = "acct_deleted"};
    const auto lost = reader.find("/v1/accounts", body, "act_none", 0, read);
    CHECK_FALSE(lost.complete);
    CHECK(reader.find("/v1/accounts", body, "act_none", 0, lost.read).complete);
}

TEST_CASE("what is older than Stripe's events is not told as never done") {
    Reader reader;
    constexpr std::int64_t day = 86'400;
    CHECK(reader.find("act_none", 29 * day).complete);
    CHECK_FALSE(reader.find("act_none", 31 * day).complete);
}
