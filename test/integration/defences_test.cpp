// What careless and hostile clients send: nothing of it stays in anybody's way.
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

using namespace daybook;
using namespace daybook::test;

namespace {

/// A service with a simulator beside it.
struct Shop {
    Answer post(const std::string& path, std::string_view body, const std::string& idempotency_key,
                const std::string& key, std::map<std::string, std::string> more = {}) {
        more.insert({{"Authorization", "Bearer " + key},
                     {"Content-Type", "application/json"},
                     {"Idempotency-Key", idempotency_key}});
        return service.http.post(path, body, more);
    }

    Service service{with_simulator()};
    const std::string admin = service.key({"admin"});
};

constexpr char product[] = R"({"name":"Bowl"})";

}  // namespace

TEST_CASE("a User-Agent in any encoding leaves a record that can be read") {
    Shop shop;
    const std::map<std::string, std::string> agent = {{"User-Agent",
                                                       "B\xfc"
                                                       "cherladen " +
                                                           std::string(300, '\xe9')}};
    const auto made = shop.post("/products", product, "bowl", shop.admin, agent);
    REQUIRE(made.status == 200);
    CHECK(shop.post("/products", product, "bowl", shop.admin, agent).body == made.body);
    const auto action = made.headers.at("daybook-action");
    const Json shown(shop.service.http.get("/actions/" + action, shop.admin).body);
    CHECK(shown.text("/state") == "succeeded");
    CHECK(shown.text("/requester/user_agent").starts_with("B?cherladen ???"));
    CHECK(shop.service.http.get("/events/" + action, shop.admin).status == 200);
    CHECK(shop.service.database.connect()
              .run("SELECT payload FROM ledger.events_json WHERE event_id = $1",
                   pg::Params().text(action))
              .rows() == 1);
}

TEST_CASE("an open route takes no idempotency key, and tells of none") {
    Shop shop;
    REQUIRE(shop.post("/products", product, "taken", shop.admin).status == 200);
    for (const std::string key : {"taken", "free"})
        CHECK(problem_of(shop.service.http.raw(
                  "GET /connect/refresh/act_00000000000000000000000000000000_secret_0 HTTP/1.1\r\n"
                  "Host: a\r\nIdempotency-Key: " +
                  key + "\r\n\r\n")) == "not-found");
}

TEST_CASE("what a key of all accounts was answered is not for one that is kept to some") {
    Shop shop;
    const auto seller =
        shop.post("/connect/accounts", R"({"country":"US","email":"a@b.c"})", "seller", shop.admin);
    REQUIRE(seller.status == 200);
    const auto path =
        "/connect/accounts/" + Json(seller.body).text("/account_id") + "/account-session";
    const auto body = R"({"components":["payments"]})";
    REQUIRE(shop.post(path, body, "session", shop.admin).status == 200);

    const auto kept = shop.service.key({"admin", "account:acct_another"});
    CHECK(problem_of(shop.post(path, body, "session", kept)) == "scope-missing");
    const auto other = shop.service.key({"admin"});
    CHECK(shop.post(path, body, "session", other).status == 200);

    // but a key that takes the place of another is told what that one was
    const auto account = "account:" + Json(seller.body).text("/account_id");
    const auto before = shop.service.key({"admin", account});
    REQUIRE(shop.post(path, body, "kept", before).status == 200);
    const auto after = shop.service.key({"admin", account, "account:acct_more"});
    CHECK(shop.post(path, body, "kept", after).status == 200);
    CHECK(problem_of(shop.post(path, body, "kept", kept)) == "scope-missing");
}

TEST_CASE("an account that no account is called is refused before it comes near the log") {
    Shop shop;
    const auto call = [&](const std::string& headers) {
        return shop.service.http
            .raw("POST /v1/customers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + shop.admin +
                 "\r\n" + headers + "Content-Length: 0\r\n\r\n")
            .status;
    };
    CHECK(call("Stripe-Account: acct_" + std::string(251, 'x') + "\r\n") == 400);
    CHECK(call("Stripe-Context: acct_1\r\nStripe-Context: acct_2\r\n") == 400);
    CHECK(call("Stripe-Account: acct_1\r\nStripe-Account: acct_1\r\n") == 400);
}

TEST_CASE("only an action's own id names it") {
    Shop shop;
    const auto made = shop.post("/products", product, "bowl", shop.admin);
    const auto action = made.headers.at("daybook-action");
    auto& http = shop.service.http;
    CHECK(http.get("/actions/" + action, shop.admin).status == 200);
    CHECK(problem_of(http.get("/actions/" + action + ".outcome", shop.admin)) == "no-such-record");
    CHECK(problem_of(http.get("/connect/refresh/" + action + ".outcome_secret_0")) == "not-found");
}

TEST_CASE("a key that is kept to a mode sees no event of the other") {
    Service service;
    for (const auto* mode : {"true", "false"}) {
        const auto body = fmt::format(R"({{"id":"evt_{0}","type":"charge.succeeded",)"
                                      R"("livemode":{0},"data":{{"object":{{}}}}}})",
                                      mode);
        REQUIRE(service.http.webhook(platform_path, body, platform_secret).status == 200);
    }
    const auto kept = service.key({"events:read", "only:testmode"});
    const auto all = service.key({"events:read"});
    CHECK(Json(service.http.get("/events", all).body).data().size() == 2);
    CHECK(Json(service.http.get("/events", kept).body).text("/data/0/event_id") == "evt_false");
    CHECK(Json(service.http.get("/events", kept).body).data().size() == 1);
    CHECK(problem_of(service.http.get("/events/evt_true", kept)) == "no-such-record");
    CHECK(service.http.get("/events/evt_true", all).status == 200);
}
