// The gateway: Stripe's protocol in front of the simulator, with the log in between.
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr char form[] = "application/x-www-form-urlencoded";
constexpr char intent[] = "amount=10000&currency=usd&metadata[order_id]=o_1";
constexpr char intents[] = "/v1/payment_intents";

/// A service with a simulator beside it.
struct Shop {
    explicit Shop(std::uint16_t simulator = free_port())
        : simulator_port(simulator),
          service(with_simulator(simulator)),
          key(service.key({"gateway:write", "actions:read", "orders:read"})) {}

    Answer post(std::string_view path, std::string_view body, std::string_view idempotency_key = {},
                std::string_view account = {}) {
        std::map<std::string, std::string> headers = {{"Authorization", "Bearer " + key},
                                                      {"Content-Type", form}};
        if (!idempotency_key.empty()) headers.emplace("Idempotency-Key", idempotency_key);
        if (!account.empty()) headers.emplace("Stripe-Account", account);
        return service.http.post(std::string(path), body, headers);
    }
    /// How many payment intents Stripe has.
    [[nodiscard]] std::size_t intents_at_stripe() const {
        HttpClient stripe(simulator_port);
        const auto list = stripe.get("/v1/payment_intents?limit=100", "sk_test_0123456789");
        return Json(list.body).data().size();
    }
    void fault(std::string_view rule) const {
        HttpClient stripe(simulator_port);
        REQUIRE(stripe.post("/_sim/faults", rule, {{"Content-Type", "application/json"}}).status ==
                200);
    }
    [[nodiscard]] std::int64_t logged(std::string_view type) const {
        return service.database.connect()
            .run("SELECT count(*) FROM ledger.events WHERE type = $1", pg::Params().text(type))
            .number(0, 0);
    }

    const std::uint16_t simulator_port;
    Service service;
    const std::string key;
};

}  // namespace

TEST_CASE("A write through the gateway is in the log before and after Stripe") {
    Shop shop;
    const auto made = shop.post(intents, intent, "order-1");
    REQUIRE(made.status == 200);
    const auto id = Json(made.body).text("/id");
    CHECK_THAT(id, Catch::StartsWith("pi_"));
    CHECK_THAT(made.headers.at("request-id"), Catch::StartsWith("req_"));
    const auto action = made.headers.at("daybook-action");

    auto db = shop.service.database.connect();
    const auto events = db.run(
        "SELECT event_id, type, correlation_id FROM ledger.events WHERE object_id = $1 "
        "ORDER BY position",
        pg::Params().text(action));
    REQUIRE(events.rows() == 2);
    CHECK(events.text(0, 0) == action);
    CHECK(events.text(0, 1) == "action.requested");
    CHECK(events.text(1, 0) == action + ".outcome");
    CHECK(events.text(1, 1) == "action.succeeded");

    // The webhook that the call caused names the action.
    CHECK(eventually([&] {
        return db.run(
                     "SELECT 1 FROM ledger.events WHERE type = 'payment_intent.created' AND "
                     "object_id = $1 AND correlation_id = $2",
                     pg::Params().text(id).text(action))
                   .rows() == 1;
    }));
}

TEST_CASE("The same key gets the same bytes again, another body is refused") {
    Shop shop;
    const auto first = shop.post(intents, intent, "order-1");
    const auto again = shop.post(intents, intent, "order-1");
    CHECK(again.status == first.status);
    CHECK(again.body == first.body);
    CHECK(again.headers.at("request-id") == first.headers.at("request-id"));
    CHECK(again.headers.at("idempotent-replayed") == "true");
    CHECK(first.headers.count("idempotent-replayed") == 0);

    const auto other = shop.post(intents, "amount=1&currency=usd", "order-1");
    CHECK(other.status == 400);
    CHECK(Json(other.body).text("/error/type") == "idempotency_error");
    CHECK(shop.intents_at_stripe() == 1);

    // Without a key each call is its own.
    CHECK(shop.post(intents, intent).status == 200);
    CHECK(shop.post(intents, intent).status == 200);
    CHECK(shop.intents_at_stripe() == 3);
}

TEST_CASE("Stripe's refusals pass through and are an outcome") {
    Shop shop;
    const auto wrong = shop.post(intents, "amount=1", "order-2");
    CHECK(wrong.status == 400);
    CHECK(Json(wrong.body).text("/error/type") == "invalid_request_error");
    CHECK(shop.logged("action.failed") == 1);
    CHECK(shop.post(intents, "amount=1", "order-2").body == wrong.body);

    const auto declined = shop.post(intents,
                                    "amount=1000&currency=usd&confirm=true&return_url=https://a.b"
                                    "&payment_method=pm_card_visa_chargeDeclined",
                                    "order-3");
    CHECK(declined.status == 402);
    CHECK(Json(declined.body).text("/error/code") == "card_declined");
}

TEST_CASE("Reads pass through unrecorded") {
    Shop shop;
    const auto made = shop.post(intents, intent, "order-1");
    const auto id = Json(made.body).text("/id");
    const auto read = shop.service.http.get("/v1/payment_intents/" + id, shop.key);
    CHECK(read.status == 200);
    CHECK(Json(read.body).text("/id") == id);
    CHECK(shop.service.http.get("/v1/payment_intents/pi_none", shop.key).status == 404);
    CHECK(shop.logged("action.requested") == 1);
}

TEST_CASE("A key without the scope is refused in Stripe's shape, and Stripe is not asked") {
    Shop shop;
    const auto reader = shop.service.key({"gateway:read"});
    const auto refused = shop.service.http.post(
        intents, intent, {{"Authorization", "Bearer " + reader}, {"Content-Type", form}});
    CHECK(refused.status == 403);
    CHECK_THAT(Json(refused.body).text("/error/message"), Catch::Contains("gateway:write"));
    const auto unknown = shop.service.http.post(
        intents, intent, {{"Authorization", "Bearer sk_test_0123456789"}, {"Content-Type", form}});
    CHECK(unknown.status == 401);
    CHECK(shop.intents_at_stripe() == 0);
    CHECK(shop.logged("action.requested") == 0);
}

TEST_CASE("A storm of calls with one key makes one payment intent") {
    Shop shop;
    std::atomic<int> same = 0;
    std::string first;
    std::mutex mutex;
    std::vector<std::thread> clients;
    for (int client = 0; client < 50; ++client)
        clients.emplace_back([&] {
            HttpClient http(shop.service.serve.port());
            for (int call = 0; call < 20; ++call) {
                const auto answer = http.post(intents, intent,
                                              {{"Authorization", "Bearer " + shop.key},
                                               {"Content-Type", form},
                                               {"Idempotency-Key", "storm"}});
                const std::lock_guard lock(mutex);
                if (first.empty()) first = answer.body;
                if (answer.status == 200 && answer.body == first) ++same;
            }
        });
    for (auto& client : clients)
        client.join();
    CHECK(same == 1000);
    CHECK(shop.intents_at_stripe() == 1);
    CHECK(shop.logged("action.requested") == 1);
    CHECK(shop.logged("action.succeeded") == 1);
}

TEST_CASE("Whatever goes wrong at Stripe, the key stands for one object and one outcome") {
    const auto* fault =
        GENERATE(R"({"kind":"error_before","count":1})", R"({"kind":"error_after","count":1})",
                 R"({"kind":"cut_before","count":1})", R"({"kind":"cut_after","count":1})",
                 R"({"kind":"lock_timeout","count":1})", R"({"kind":"rate_limit","count":1})",
                 R"({"kind":"slow","delay_ms":700,"count":1})");
    INFO(fault);
    Shop shop;
    shop.fault(fault);
    auto answer = shop.post(intents, intent, "order-1");
    // A client repeats what was left open, with the same key.
    for (int repeat = 0; repeat < 3 && answer.status >= 409; ++repeat)
        answer = shop.post(intents, intent, "order-1");
    CHECK(answer.status == 200);
    CHECK_THAT(Json(answer.body).text("/id"), Catch::StartsWith("pi_"));
    CHECK(shop.intents_at_stripe() == 1);
    CHECK(shop.logged("action.succeeded") == 1);
    CHECK(shop.post(intents, intent, "order-1").body == answer.body);
}

TEST_CASE("A call that Stripe puts off is not told as refused, since it goes on here") {
    Shop shop;
    shop.fault(R"({"kind":"rate_limit","route":"POST /v1/payment_intents","count":9})");
    const auto put_off = shop.post(intents, intent, "order-1");
    CHECK(put_off.status == 502);
    CHECK(put_off.headers.at("stripe-should-retry") == "true");
    HttpClient(shop.simulator_port).raw("DELETE /_sim/faults HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(eventually([&] { return shop.logged("action.succeeded") == 1; }));
    CHECK(shop.post(intents, intent, "order-1").status == 200);
    CHECK(shop.intents_at_stripe() == 1);
}

TEST_CASE(
    "A deletion whose answer was lost is told as done, though there is nothing left to delete") {
    Shop shop;
    const auto customer = Json(shop.post("/v1/customers", "name=x").body).text("/id");
    shop.fault(R"({"kind":"cut_after","route":"DELETE /v1/*","count":1})");
    const auto request = [&](std::string_view key) {
        return shop.service.http.raw(fmt::format(
            "DELETE /v1/customers/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
            "Idempotency-Key: {}\r\n\r\n",
            customer, shop.key, key));
    };
    const auto gone = request("delete-1");
    CHECK(gone.status == 200);
    CHECK(Json(gone.body).boolean("/deleted"));
    CHECK(request("delete-1").body == gone.body);
    CHECK(request("delete-2").status == 404);
}

TEST_CASE("What belongs to an object is not mistaken for the object itself") {
    Shop shop;
    const auto customer = Json(shop.post("/v1/customers", "name=x").body).text("/id");
    shop.fault(R"({"kind":"error_after","route":"POST /v1/customers/*","count":1})");
    const auto credit = shop.post("/v1/customers/" + customer + "/balance_transactions",
                                  "amount=-500&currency=usd", "credit-1");
    CHECK(credit.status == 500);  // what Stripe said, and not the customer
}

TEST_CASE("Stripe-Context names an account as Stripe-Account does") {
    Shop shop;
    const auto create = [&](std::map<std::string, std::string> headers) {
        headers.insert({{"Authorization", "Bearer " + shop.key},
                        {"Content-Type", form},
                        {"Idempotency-Key", "context-1"}});
        return shop.service.http.post("/v1/customers", "name=x", headers);
    };
    const auto one = create({{"Stripe-Context", "acct_1"}});
    const auto two = create({{"Stripe-Context", "acct_2"}});
    CHECK(one.headers.at("daybook-action") != two.headers.at("daybook-action"));
    CHECK(two.headers.count("idempotent-replayed") == 0);
    CHECK(create({{"Stripe-Context", "acct_1"}, {"Stripe-Account", "acct_1"}}).status == 400);

    const auto bound = shop.service.key({"gateway:write", "account:acct_1"});
    const auto refused = shop.service.http.post("/v1/customers", "name=x",
                                                {{"Authorization", "Bearer " + bound},
                                                 {"Content-Type", form},
                                                 {"Stripe-Context", "acct_2"}});
    CHECK(refused.status == 403);
}

TEST_CASE("Card numbers and the like stay out of the log") {
    Shop shop;
    const auto made = shop.post("/v1/payment_methods",
                                "type=card&card[number]=4242424242424242&card[exp_month]=12"
                                "&card[exp_year]=2030&card[cvc]=314",
                                "card-1");
    CHECK(made.status == 200);
    shop.post("/v1/tokens?card[number]=4242424242424242&card[cvc]=314", "", "card-2");
    shop.service.http.post(
        "/v2/core/vault/us_bank_accounts",
        R"({"account_number":"000123456789","routing_number":"110000000"})",
        {{"Authorization", "Bearer " + shop.key}, {"Content-Type", "application/json"}});
    CHECK(shop.logged("action.requested") == 3);
    const auto found = shop.service.database.connect().run(
        "SELECT count(*) FROM ledger.events WHERE convert_from(payload, 'UTF8') ~ "
        "'4242424242424242|=314|000123456789'");
    CHECK(found.number(0, 0) == 0);
    CHECK(shop.service.serve.output().find("4242424242424242") == std::string::npos);
}

TEST_CASE("A key that was used for one card is not used for another, though neither is kept") {
    Shop shop;
    const auto create = [&shop](std::string_view number) {
        return shop.post("/v1/payment_methods",
                         fmt::format("type=card&card[number]={}&card[exp_month]=12"
                                     "&card[exp_year]=2030",
                                     number),
                         "card-1");
    };
    const auto first = create("4242424242424242");
    REQUIRE(first.status == 200);
    const auto other = create("5555555555554444");
    CHECK(other.status == 400);
    CHECK(Json(other.body).text("/error/type") == "idempotency_error");
    CHECK(create("4242424242424242").body == first.body);
    CHECK(shop.logged("action.requested") == 1);
}

TEST_CASE("What is no call of Stripe's API is refused before anything is recorded") {
    Shop shop;
    const auto head = fmt::format("Host: localhost\r\nAuthorization: Bearer {}\r\n", shop.key);
    auto& http = shop.service.http;
    CHECK(http.raw("PUT /v1/customers HTTP/1.1\r\n" + head + "Content-Length: 0\r\n\r\n").status ==
          405);
    CHECK(http.raw("POST /v1/customers HTTP/1.1\r\n" + head +
                   "Stripe-Account: acct_\xff\r\nContent-Length: 0\r\n\r\n")
              .status == 400);
    CHECK(http.raw("POST /v1/customers?a=\xff HTTP/1.1\r\n" + head + "Content-Length: 0\r\n\r\n")
              .status == 400);
    CHECK(shop.logged("action.requested") == 0);
}
