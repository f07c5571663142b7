// The service dies at every point of an action, under every fault of Stripe; the client repeats
// its request, or nobody does. There is one object at Stripe and one outcome all the same.
#include <test/integration/http_expect.hpp>
#include <test/integration/outliving_stripe.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr char form[] = "application/x-www-form-urlencoded";

constexpr std::string_view points[] = {"before_request", "after_request",  "before_call",
                                       "after_call",     "before_outcome", "after_outcome",
                                       "before_answer"};
constexpr std::string_view faults[] = {"",          "error_before", "error_after", "cut_before",
                                       "cut_after", "lock_timeout", "rate_limit",  "slow"};

struct World : Surroundings {
    /// An order's payment intent, paid at once; its number is also its idempotency key.
    [[nodiscard]] Answer pay(std::string_view order, const std::string& key) const {
        HttpClient http(port);
        return pay(order, key, http);
    }
    [[nodiscard]] static Answer pay(std::string_view order, const std::string& key,
                                    HttpClient& http) {
        return http.post("/v1/payment_intents",
                         fmt::format("amount=10000&currency=usd&confirm=true"
                                     "&return_url=https://a.b&payment_method=pm_card_visa"
                                     "&metadata[order_id]={}",
                                     order),
                         {{"Authorization", "Bearer " + key},
                          {"Content-Type", form},
                          {"Idempotency-Key", std::string(order)}});
    }
    [[nodiscard]] std::int64_t outcomes(std::string_view order) const {
        return database.connect()
            .run(
                "SELECT count(*) FROM ledger.events o JOIN ledger.events r "
                "ON r.log_id = o.log_id AND r.event_id = o.object_id "
                "WHERE o.type IN ('action.succeeded', 'action.failed') "
                "AND convert_from(r.payload, 'UTF8')::json->'action'->>'idempotency_key' = $1",
                pg::Params().text(order))
            .number(0, 0);
    }
};

}  // namespace

TEST_CASE("A crash at any point under any fault leaves one object and one outcome") {
    const World world;
    world.serve("")->stop();  // has made the schema
    const auto key = world.make_key("gateway:write");
    for (const auto point : points)
        for (const auto fault : faults) {
            const auto order = fmt::format("{}-{}", point, fault);
            INFO(order);
            world.stripe.strike(fault);
            {
                const auto dying = world.serve(point);
                CHECK(world.pay(order, key).status == 0);
            }
            const auto serve = world.serve("");
            auto answer = world.pay(order, key);
            for (int repeat = 0; repeat < 3 && answer.status >= 409; ++repeat)
                answer = world.pay(order, key);
            CHECK(answer.status == 200);
            CHECK(Json(answer.body).text("/status") == "succeeded");
            CHECK(world.stripe.intents_of(order) == 1);
            CHECK(world.outcomes(order) == 1);
            CHECK(world.pay(order, key).body == answer.body);
        }
}

TEST_CASE("An action whose client never comes back is settled by the dispatcher") {
    const World world;
    world.serve("")->stop();
    const auto key = world.make_key("gateway:write");
    for (const auto point : {"after_request", "after_call", "before_outcome"}) {
        const auto order = fmt::format("lost-{}", point);
        INFO(order);
        {
            const auto dying = world.serve(point);
            CHECK(world.pay(order, key).status == 0);
        }
        const auto serve = world.serve("");
        CHECK(eventually([&] { return world.outcomes(order) == 1; }));
        CHECK(world.stripe.intents_of(order) == 1);
        CHECK(world.pay(order, key).headers.at("idempotent-replayed") == "true");
    }
}

TEST_CASE("What one node is still at is not given up by another that cannot repeat it") {
    const World world;
    const auto first = world.serve("");
    const auto other_port = free_port();
    const auto second = world.serve("", other_port);
    const auto key = world.make_key("gateway:write");
    HttpClient stripe(world.stripe.port());
    REQUIRE(stripe
                .post("/_sim/faults",
                      R"({"kind":"slow","route":"POST /v1/payment_methods","delay_ms":9000})",
                      {{"Content-Type", "application/json"}})
                .status == 200);
    // The card's number is not in the log, so no other node can repeat the call; both look for it.
    for (const auto port : {world.port, other_port}) {
        HttpClient http(port);
        const auto made = http.post("/v1/payment_methods",
                                    "type=card&card[number]=4242424242424242&card[exp_month]=12"
                                    "&card[exp_year]=2030",
                                    {{"Authorization", "Bearer " + key},
                                     {"Content-Type", form},
                                     {"Idempotency-Key", fmt::format("card-{}", port)}});
        CHECK(made.status == 200);
        CHECK_THAT(Json(made.body).text("/id"), Catch::StartsWith("pm_"));
    }
}

TEST_CASE("A storm of one key over two nodes makes one payment and one answer") {
    const World world;
    const auto first = world.serve("");
    const auto other_port = free_port();
    const auto second = world.serve("", other_port);
    const auto key = world.make_key("gateway:write");
    std::mutex mutex;
    std::map<std::string, int> bodies;
    std::vector<std::thread> clients;
    for (int client = 0; client < 100; ++client)
        clients.emplace_back([&, client] {
            HttpClient http(client % 2 == 0 ? world.port : other_port);
            for (int call = 0; call < 10; ++call) {
                auto answer = World::pay("storm", key, http);
                for (int repeat = 0; repeat < 5 && answer.status != 200; ++repeat)
                    answer = World::pay("storm", key, http);
                const std::lock_guard lock(mutex);
                ++bodies[answer.body];
            }
        });
    for (auto& client : clients)
        client.join();
    CHECK(bodies.size() == 1);
    CHECK(bodies.begin()->second == 1000);
    CHECK(world.stripe.intents_of("storm") == 1);
    CHECK(world.outcomes("storm") == 1);
}
