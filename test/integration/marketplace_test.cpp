// Daybook's own API when the service dies in the middle of it, and when its tables are behind the
// log.
#include <test/integration/outliving_stripe.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <chrono>
#include <future>

using namespace daybook;
using namespace daybook::test;
using namespace std::chrono_literals;

namespace {

struct World : Surroundings {
    /// A process that has just begun says 503 until its tables are there.
    [[nodiscard]] Answer post(const std::string& path, const std::string& key,
                              const std::string& idempotency_key, const std::string& body) const {
        Answer answer;
        REQUIRE(eventually([&] {
            answer = post_json(port, key, path, idempotency_key, body);
            return answer.status != 503;
        }));
        return answer;
    }
    /// How many objects of a collection name this text in an entry of their metadata.
    [[nodiscard]] std::size_t count(const std::string& collection, const std::string& entry,
                                    const std::string& text) const {
        const auto target = fmt::format("/v1/{}/search?query=metadata%5B%27{}%27%5D%3A%27{}%27",
                                        collection, entry, text);
        return Json(stripe.ask(target).body).data().size();
    }
};

}  // namespace

TEST_CASE("a write of two calls that a crash cut short is finished once, and answered as it was") {
    const World world;
    std::string key;
    std::string price;
    {
        const auto serve = world.serve();
        key = world.make_key("admin");
        const auto product = world.post("/products", key, "club", R"({"name":"Club","price":
            {"currency":"usd","unit_amount":1500,"recurring":{"interval":"month"}}})");
        REQUIRE(product.status == 200);
        price = Json(product.body).text("/default_price_id");
    }
    int member = 0;
    for (const char* point : {"before_request", "after_request", "before_call", "after_call",
                              "before_outcome", "after_outcome", "before_answer"}) {
        INFO(point);
        const auto user = fmt::format("user_{}", ++member);
        const auto order = fmt::format("order_{}", member);
        const auto body = fmt::format(
            R"({{"order_id":"{}","buyer":{{"user_id":"{}"}},"lines":[{{"price":"{}"}}]}})", order,
            user, price);
        const auto subscribe = [&] {
            return world.post("/checkout/subscription", key, order, body);
        };
        // given a crash at this point
        {
            const auto dying = world.serve(point);
            CHECK(subscribe().status == 0);
        }
        // when the client repeats its request to the next process
        const auto serve = world.serve();
        auto answer = subscribe();
        for (int repeat = 0; repeat < 3 && answer.status >= 409; ++repeat)
            answer = subscribe();
        // then there is one customer, one subscription, one answer
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        CHECK(Json(answer.body).text("/order_id") == order);
        CHECK(Json(answer.body).text("/confirms") == "payment");
        CHECK(world.count("customers", "user_id", user) == 1);
        CHECK(world.count("subscriptions", "order_id", order) == 1);
        CHECK(subscribe().body == answer.body);
    }
}

TEST_CASE("nothing is refused for what the tables do not hold yet") {
    const World world;
    const auto serve = world.serve();
    const auto key = world.make_key("admin");
    const auto made = world.post("/products", key, "bowl", R"({"name":"Bowl","active":false,
        "price":{"currency":"usd","unit_amount":1500}})");
    REQUIRE(made.status == 200);
    const auto product = Json(made.body).text("/product_id");
    const auto buy = [&](const std::string& idempotency_key) {
        return world.post(
            "/payment-intents", key, idempotency_key,
            fmt::format(R"({{"buyer":{{"user_id":"user_1"}},"lines":[{{"product":"{}"}}]}})",
                        product));
    };
    const auto too_early = buy("too_early");
    CHECK(too_early.status == 422);
    CHECK_THAT(too_early.body, Catch::Contains("is of a product that is not active"));

    // given a product that is sold from now on, and a projector that is kept from its table
    auto db = world.database.connect();
    pg::Transaction hold(db);
    db.run("LOCK TABLE app.products IN EXCLUSIVE MODE");  // reads go on
    const auto active = HttpClient(world.port)
                            .post("/v1/products/" + product, "active=true",
                                  {{"Authorization", "Bearer " + key},
                                   {"Content-Type", "application/x-www-form-urlencoded"},
                                   {"Idempotency-Key", "active"}});
    REQUIRE(active.status == 200);
    // when somebody buys it at once
    auto bought = std::async(std::launch::async, buy, "at_once");
    REQUIRE(bought.wait_for(200ms) == std::future_status::timeout);
    hold.commit();
    // then it is sold
    const auto answer = bought.get();
    INFO(answer.body);
    CHECK(answer.status == 200);
}
