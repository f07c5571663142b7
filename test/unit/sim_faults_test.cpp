// Faults of the API: what executed, what a retry with the same key gets.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

/// The status of the first request, of its repetition with the same key, and how many customers
/// there are then.
struct Outcome {
    int first = 0;
    int second = 0;
    std::size_t made = 0;

    bool operator==(const Outcome&) const = default;
};

Outcome run(std::string_view fault) {
    Sim sim;
    REQUIRE(sim.post("/_sim/faults", fault).status == 200);
    Outcome outcome;
    outcome.first = sim.post("/v1/customers", "name=Ann", "key-1").status;
    outcome.second = sim.post("/v1/customers", "name=Ann", "key-1").status;
    outcome.made = sim.world.store.count("", "customer");
    return outcome;
}

}  // namespace

TEST_CASE("What was not executed may be repeated, what was is replayed") {
    CHECK(run(R"({"kind":"rate_limit","count":1})") == Outcome{429, 200, 1});
    CHECK(run(R"({"kind":"lock_timeout","count":1})") == Outcome{409, 200, 1});
    CHECK(run(R"({"kind":"lock_timeout","count":1,"status":429})") == Outcome{429, 200, 1});
    CHECK(run(R"({"kind":"error_before","count":1})") == Outcome{500, 200, 1});
    CHECK(run(R"({"kind":"error_before","count":1,"store":true})") == Outcome{500, 500, 0});
    CHECK(run(R"({"kind":"error_after","count":1})") == Outcome{500, 500, 1});
    CHECK(run(R"({"kind":"forget_key","skip":1})") == Outcome{200, 200, 2});
    CHECK(run(R"({"kind":"rate_limit","route":"POST /v1/charges*"})") == Outcome{200, 200, 1});
    CHECK(run(R"({"kind":"rate_limit","route":"/v1/cust*"})") == Outcome{429, 429, 0});
}

TEST_CASE("Refusals carry the headers that clients decide by") {
    Sim sim;
    sim.post("/_sim/faults", R"([{"kind":"rate_limit","reason":"global-rate","count":1},
                                 {"kind":"lock_timeout","skip":1,"count":1}])");
    const auto limited = sim.post("/v1/customers", "name=Ann");
    CHECK(limited.code() == "rate_limit");
    CHECK_THAT(limited.headers, Catch::Contains("Stripe-Rate-Limited-Reason: global-rate"));
    const auto locked = sim.post("/v1/customers", "name=Ann");
    CHECK(locked.code() == "lock_timeout");
    CHECK_THAT(locked.headers, Catch::Contains("Stripe-Should-Retry: true"));
}

TEST_CASE("Rules can be seen and taken away, nonsense is refused") {
    Sim sim;
    CHECK(sim.post("/_sim/faults", R"({"kind":"explode"})").param() == "kind");
    CHECK(sim.post("/_sim/faults", R"({"kind":"lose","rate":2})").param() == "rate");
    CHECK(sim.post("/_sim/faults", R"({"kind":"lose","route":"/v1/charges"})").param() == "route");
    CHECK(sim.post("/_sim/faults", R"({"kind":"slow","surprise":1})").param() == "surprise");
    const auto rule = sim.post("/_sim/faults", R"({"kind":"slow","delay_ms":5})");
    CHECK(array(sim.get("/_sim/faults").body, "data").size() == 1);
    CHECK(sim.del("/_sim/faults/" + std::string(rule.id())).status == 200);
    CHECK(array(sim.get("/_sim/faults").body, "data").empty());
}
