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
    /// The answer to making a product with a price of 15.00.
    [[nodiscard]] Json make_bowl(const std::string& key) const {
        const auto made = post("/products", key, "bowl", R"({"name":"Bowl","price":
            {"currency":"usd","unit_amount":1500}})");
        REQUIRE(made.status == 200);
        return Json(made.body);
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

TEST_CASE(
    "an order's own id makes one order, also while the tables cannot tell whether it is there") {
    const World world;
    const auto serve = world.serve();
    const auto key = world.make_key("admin");
    const auto price_of = [&](const std::string& name, const std::string& recurring) {
        const auto made = world.post("/products", key, name,
                                     fmt::format(R"({{"name":"{}","price":{{"currency":"usd",
                                         "unit_amount":1500{}}}}})",
                                                 name, recurring));
        return Json(made.body).text("/default_price_id");
    };
    const auto once = price_of("Bowl", "");
    const auto monthly = price_of("Club", R"(,"recurring":{"interval":"month"})");
    const auto body_of = [&](const std::string& path, const std::string& order,
                             const std::string& price) {
        return fmt::format(
            R"({{"order_id":"{}","buyer":{{"user_id":"user_1"}},
                               "lines":[{{"price":"{}"}}]{}}})",
            order, price,
            path == "/checkout/hosted" ? R"(,"success_url":"https://shop.example")" : "");
    };
    const auto place = [&](const std::string& path, const std::string& idempotency_key,
                           const std::string& price) {
        return post_json(world.port, key, path, idempotency_key, body_of(path, "mine", price));
    };
    const auto other = world.post("/orders", key, "other", body_of("/orders", "other", once));
    REQUIRE(other.status == 200);

    // given an order, and a projector that is kept from its table
    auto db = world.database.connect();
    pg::Transaction hold(db);
    db.run("LOCK TABLE app.orders IN EXCLUSIVE MODE");  // reads go on
    const auto first = HttpClient(world.port)
                           .post("/v1/payment_intents",
                                 "amount=1500&currency=usd&metadata[order_id]=mine"
                                 "&metadata[user_id]=user_1",
                                 {{"Authorization", "Bearer " + key},
                                  {"Content-Type", "application/x-www-form-urlencoded"}});
    REQUIRE(first.status == 200);

    // when it is placed once more, then nobody says that it is new
    for (const std::string path : {"/payment-intents", "/orders", "/checkout/hosted"})
        CHECK(problem_of(place(path, path, once)) == "projection-behind");
    CHECK(problem_of(place("/checkout/subscription", "club", monthly)) == "projection-behind");
    hold.commit();
    Answer again;
    REQUIRE(eventually([&] {
        again = place("/payment-intents", "again", once);
        return again.status != 503;
    }));
    CHECK(again.status == 200);
    CHECK(Json(again.body).text("/client_secret") == Json(first.body).text("/client_secret"));
    CHECK(world.stripe.intents_of("mine") == 1);
}

TEST_CASE("a line whose refund hangs is refunded by no other, however long that takes") {
    // given a paid order of a bowl, whose refund Stripe puts off
    const World world;
    const auto serve = world.serve();
    const auto key = world.make_key("admin");
    const auto bowl = world.make_bowl(key);
    const Json placed(
        world
            .post("/payment-intents", key, "order",
                  fmt::format(R"({{"buyer":{{"user_id":"user_1"}},"lines":[{{"price":"{}"}}]}})",
                              bowl.text("/default_price_id")))
            .body);
    const auto order = placed.text("/order_id");
    world.stripe.pay(placed.text("/payment_intent_id"));
    REQUIRE(eventually([&] {
        const auto answer = HttpClient(world.port).get("/orders/" + order, key);
        return answer.status == 200 && Json(answer.body).text("/status") == "paid";
    }));
    const auto refund = [&](const std::string& idempotency_key) {
        return post_json(world.port, key, "/refunds", idempotency_key,
                         fmt::format(R"({{"order_id":"{}","lines":[{{"item_no":1}}]}})", order));
    };
    HttpClient(world.stripe.port())
        .post("/_sim/faults", R"({"kind":"rate_limit","route":"POST /v1/refunds","count":99})",
              {{"Content-Type", "application/json"}});
    CHECK(refund("first").status >= 500);

    // when another asks for it after more than the minute for which second clicks are remembered
    auto db = world.database.connect();
    const auto a_minute_passes = [&] {
        db.run("UPDATE ledger.recent_orders SET placed_at = placed_at - interval '1 minute'");
    };
    a_minute_passes();
    CHECK(problem_of(refund("second")) == "projection-behind");

    // and when it comes through after a third has looked at the tables, which said that it is left
    a_minute_passes();
    pg::Transaction hold(db);
    db.run("LOCK TABLE ledger.recent_orders IN EXCLUSIVE MODE");  // reads go on
    auto third = std::async(std::launch::async, refund, "third");
    REQUIRE(third.wait_for(500ms) == std::future_status::timeout);
    world.stripe.strike("");
    CHECK(refund("first").status == 200);
    hold.commit();

    // then there is one refund
    CHECK(problem_of(third.get()) == "invalid-body");
    CHECK(Json(world.stripe.ask("/v1/refunds?limit=100").body).data().size() == 1);
}

TEST_CASE("an order whose placing hangs is placed by no other, however long that takes") {
    // given an order with an id of its own, whose payment intent Stripe puts off
    const World world;
    const auto serve = world.serve();
    const auto key = world.make_key("admin");
    const auto bowl = world.make_bowl(key);
    REQUIRE(eventually([&] {
        const auto id = bowl.text("/product_id");
        return HttpClient(world.port).get("/products/" + id, key).status == 200;
    }));
    const auto place = [&](const std::string& idempotency_key) {
        return post_json(
            world.port, key, "/payment-intents", idempotency_key,
            fmt::format(
                R"({{"order_id":"cart","buyer":{{"user_id":"user_1"}},"lines":[{{"price":"{}"}}]}})",
                bowl.text("/default_price_id")));
    };
    HttpClient(world.stripe.port())
        .post("/_sim/faults",
              R"({"kind":"rate_limit","route":"POST /v1/payment_intents","count":99})",
              {{"Content-Type", "application/json"}});
    REQUIRE(place("first").status >= 500);
    REQUIRE(eventually([&] {
        const Json open(HttpClient(world.port).get("/audit?limit=1", key).body);
        return open.text("/data/0/state") == "indeterminate";  // and is written no more
    }));

    // when another places it after more than the minute for which second clicks are remembered
    auto db = world.database.connect();
    db.run("DELETE FROM ledger.recent_orders");
    db.run("UPDATE app.actions SET requested_at = requested_at - interval '1 minute'");
    CHECK(problem_of(place("second")) == "likely-duplicate");

    // then there is one intent, once Stripe takes it
    world.stripe.strike("");
    CHECK(place("first").status == 200);
    CHECK(world.stripe.intents_of("cart") == 1);
}
