// Reading what was written: at once when asked to, only what the key may see, and no secrets.
#include <test/day.hpp>
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>

using namespace daybook;
using namespace daybook::test;

namespace {

/// A service with a simulator beside it, whose webhooks come back to it.
struct Shop {
    Answer post(std::string_view path, std::string_view form) {
        const auto answer =
            service.http.post(std::string(path), form,
                              {{"Authorization", "Bearer " + admin},
                               {"Content-Type", "application/x-www-form-urlencoded"}});
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return answer;
    }
    Json ask(const std::string& target) {
        const auto answer = service.http.get(target, admin);
        INFO(target << "\n" << answer.body);
        REQUIRE(answer.status == 200);
        return Json(answer.body);
    }
    std::string refusal(const std::string& target) {
        return problem_of(service.http.get(target, admin));
    }

    Service service{with_simulator()};
    const std::string admin = service.key({"admin"});
};

std::string position_of(const Answer& answer) {
    return answer.headers.at("daybook-position");
}

/// The day of webhooks, folded.
struct Day {
    Day() {
        for (const auto& delivery : day_deliveries())
            REQUIRE(service.http
                        .webhook(delivery.connect ? connect_path : platform_path, delivery.body,
                                 delivery.connect ? connect_secret : platform_secret)
                        .status == 200);
        upto = Json(service.http.get("/events?limit=1", admin).body).number("/data/0/position");
    }
    Json ask(const std::string& target, const std::string& key) {
        const auto after = fmt::format("{}after={}", target.contains('?') ? '&' : '?', upto);
        const auto answer = service.http.get(target + after, key);
        INFO(target << "\n" << answer.body);
        REQUIRE(answer.status == 200);
        return Json(answer.body);
    }

    Service service;
    const std::string admin = service.key({"admin"});
    std::int64_t upto = 0;
};

/// The first sale that `fits` and is its buyer's only one of that product.
template <class Fits>
Sale sale_that(const Fits& fits) {
    const auto sales = day_sales();
    for (const auto& sale : sales) {
        const auto same = [&sale](const Sale& other) {
            return other.user == sale.user && other.product == sale.product;
        };
        if (fits(sale) && std::ranges::count_if(sales, same) == 1) return sale;
    }
    FAIL("there is no such sale");
    return {};
}

}  // namespace

TEST_CASE("what a write made is there for the read that names its position") {
    Shop shop;
    for (int i = 0; i < 20; ++i) {
        const auto made = shop.post(
            "/v1/payment_intents",
            fmt::format(
                "amount=10000&currency=usd&metadata[order_id]=o_{0}&metadata[user_id]=u_{0}", i));
        const auto order = shop.ask(fmt::format("/orders/o_{}?after={}", i, position_of(made)));
        CHECK(order.text("/payment_intent_id") == Json(made.body).text("/id"));
        CHECK(order.text("/status") == "pending");
    }
    const auto customer = shop.post("/v1/customers", "email=ada@example.com&metadata[user_id]=u_1");
    const auto found = shop.ask("/customers?user_id=u_1&after=" + position_of(customer));
    CHECK(found.text("/data/0/email") == "ada@example.com");
    const auto id = found.text("/data/0/customer_id");
    const auto renamed = shop.post("/v1/customers/" + id, "name=Ada");
    CHECK(shop.ask("/customers/" + id + "?after=" + position_of(renamed)).text("/name") == "Ada");
    const auto audit = shop.ask("/audit?object=" + id + "&after=" + position_of(renamed));
    REQUIRE(audit.data().size() == 2);
    CHECK(audit.text("/data/0/path") == "/v1/customers/" + id);
}

TEST_CASE("a read that names a position which does not come gives up in time") {
    Shop shop;
    const auto began = std::chrono::steady_clock::now();
    const auto behind = shop.service.http.get("/orders?after=1000000", shop.admin);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    CHECK(problem_of(behind) == "projection-behind");
    CHECK(took.count() > 4.5);
    CHECK(took.count() < 8);
    for (const auto* wrong : {"x", "-1", "1.5", "", "99999999999999999999"}) {
        INFO(wrong);
        CHECK(shop.refusal(std::string("/orders?after=") + wrong) == "invalid-parameter");
    }
    CHECK(shop.refusal("/orders?after=1&replay=r") == "invalid-parameter");
    CHECK(shop.refusal("/projections?after=1") == "unknown-parameter");
    CHECK(shop.ask("/orders?after=0").data().size() == 0);
}

TEST_CASE("an action tells all but its secrets, and never lags") {
    Shop shop;
    const auto made = shop.post("/v1/payment_intents", "amount=10000&currency=usd");
    const auto secret = Json(made.body).text("/client_secret");
    const auto id = made.headers.at("daybook-action");
    const auto text = shop.service.http.get("/actions/" + id, shop.admin).body;
    INFO(text);
    const Json action(text);
    CHECK(action.text("/state") == "succeeded");
    CHECK(action.text("/kind") == "gateway");
    CHECK(action.text("/path") == "/v1/payment_intents");
    CHECK(action.number("/status") == 200);
    CHECK(action.text("/object_type") == "payment_intent");
    CHECK(action.text("/object/id") == Json(made.body).text("/id"));
    CHECK(action.text("/answer/body/id") == Json(made.body).text("/id"));
    CHECK(action.text("/object/client_secret") == "[redacted]");
    CHECK(action.text("/requester/remote") == "127.0.0.1");
    CHECK(action.number("/position") + 1 <= action.number("/outcome_position"));
    CHECK(text.find(secret) == std::string::npos);

    const auto outcome = shop.service.http.get("/events/" + id + ".outcome", shop.admin).body;
    CHECK(outcome.find(secret) == std::string::npos);
    CHECK(Json(outcome).text("/payload/data/object/client_secret") == "[redacted]");
    REQUIRE(eventually(
        [&] { return shop.ask("/events?type=payment_intent.created").data().size() == 1; }));
    const auto webhook = shop.ask("/events?type=payment_intent.created").text("/data/0/event_id");
    CHECK(shop.service.http.get("/events/" + webhook, shop.admin).body.find(secret) ==
          std::string::npos);

    const auto card =
        shop.service.http.post("/v1/payment_intents", "amount=1&currency=usd",
                               {{"Authorization", "Bearer " + shop.admin},
                                {"Content-Type", "application/x-www-form-urlencoded"}});
    CHECK(card.status == 400);  // too little
    const auto failed = shop.ask("/actions/" + card.headers.at("daybook-action"));
    CHECK(failed.text("/state") == "failed");
    CHECK(failed.text("/error/code") == "amount_too_small");
    CHECK(shop.refusal("/actions/act_00000000000000000000000000000000") == "no-such-record");
    CHECK(shop.refusal("/actions/" + webhook) == "no-such-record");
}

TEST_CASE("the audit is filtered and comes newest first") {
    Shop shop;
    for (int i = 0; i < 3; ++i)
        shop.post("/v1/customers", fmt::format("name=c{}", i));
    const auto last = shop.post("/v1/products", "name=Bowl");
    const auto after = "&after=" + position_of(last);
    CHECK(shop.ask("/audit?limit=2" + after).data().size() == 2);
    CHECK(shop.ask("/audit?state=succeeded" + after).data().size() == 4);
    CHECK(shop.ask("/audit?state=failed" + after).data().size() == 0);
    CHECK(shop.ask("/audit?kind=gateway" + after).data().size() == 4);
    const auto product = shop.ask("/audit?object=" + Json(last.body).text("/id") + after);
    REQUIRE(product.data().size() == 1);
    CHECK(product.text("/data/0/action_id") == last.headers.at("daybook-action"));
    const auto key = product.text("/data/0/key_id");
    CHECK_THAT(key, Catch::StartsWith("key_"));
    CHECK(shop.ask("/audit?key=" + key + after).data().size() == 4);
    CHECK(shop.ask("/audit?created_after=2100-01-01T00:00:00Z" + after).data().size() == 0);
    CHECK(shop.refusal("/audit?state=done") == "invalid-parameter");
}

TEST_CASE("access is answered with its reason") {
    Day day;
    const auto key = day.service.key({"access:read"});
    const auto access_to = [&](const Sale& sale) {
        return day.ask(fmt::format("/access?user_id={}&product_id={}", sale.user, sale.product),
                       key);
    };
    const auto kept = [](const Sale& sale) { return sale.refunded == 0 && !sale.disputed; };
    const auto refunded = [](const Sale& sale) { return sale.refunded == sale.amount; };
    const auto granted = access_to(sale_that(kept));
    CHECK(granted.boolean("/access"));
    CHECK_FALSE(granted.text("/order_id").empty());
    const auto lost = access_to(sale_that(refunded));
    CHECK_FALSE(lost.boolean("/access"));
    CHECK(lost.text("/reason") == "refunded");
    const auto never = day.ask("/access?user_id=nobody&product_id=planter", key);
    CHECK_FALSE(never.boolean("/access"));
    CHECK(never.text("/reason") == "never_granted");
    auto& http = day.service.http;
    CHECK(problem_of(http.get("/access?user_id=user_101", key)) == "invalid-parameter");
    CHECK(problem_of(http.get("/access?user_id=u&product_id=p&x=1", key)) == "unknown-parameter");
    CHECK(problem_of(http.get("/access?user_id=u&product_id=p",
                              day.service.key({"entitlements:read"}))) == "scope-missing");
}

TEST_CASE("what is the platform's own has a name in filters, and a position names its event") {
    Day day;
    const auto own = day.ask("/payouts?account=platform&limit=100", day.admin);
    CHECK(own.data().size() > 0);
    for (const auto row : own.data())
        CHECK(std::string_view(row["account_id"]).empty());
    const auto beyond = fmt::format("/events/{}", day.upto + 1);
    CHECK(problem_of(day.service.http.get(beyond, day.admin)) == "no-such-record");
}

TEST_CASE("a key that is kept to one account sees what is about that account") {
    Day day;
    const auto payouts = day.ask("/payouts?limit=100", day.admin);
    std::string paid_out;
    for (const auto row : payouts.data()) {
        std::string_view account;
        if (row["account_id"].get(account) == simdjson::SUCCESS && !account.empty())
            paid_out = account;
    }
    const auto is_another = [&](const Sale& sale) {
        return !sale.seller.empty() && sale.seller != paid_out;
    };
    const auto another = sale_that(is_another).seller;
    const auto key = day.service.key({"admin", "account:" + paid_out});
    for (const std::string target : {"/orders?limit=100", "/payouts?limit=100",
                                     "/connect/accounts?limit=100", "/events?limit=100"}) {
        const auto after = target.starts_with("/events") ? "" : fmt::format("&after={}", day.upto);
        const auto answer = day.service.http.get(target + after, key);
        INFO(target << "\n" << answer.body);
        REQUIRE(answer.status == 200);
        const Json page(answer.body);
        CHECK(page.data().size() > 0);
        CHECK_FALSE(page.data().size() ==
                    Json(day.service.http.get(target + after, day.admin).body).data().size());
        for (const auto row : page.data())
            for (const auto* column : {"seller_account", "account_id", "account"}) {
                std::string_view account;
                if (row[column].get(account) == simdjson::SUCCESS) CHECK(account == paid_out);
            }
    }
    auto& http = day.service.http;
    CHECK(http.get("/connect/accounts/" + paid_out, key).status == 200);
    CHECK(problem_of(http.get("/connect/accounts/" + another, key)) == "no-such-record");
    for (const auto* target : {"/entitlements", "/access?user_id=u&product_id=p", "/projections",
                               "/exceptions", "/replays"}) {
        INFO(target);
        CHECK(problem_of(http.get(target, key)) == "scope-missing");
    }
    const Json platform(http.get("/events?type=payment_intent.succeeded&limit=1", day.admin).body);
    CHECK(problem_of(http.get("/events/" + platform.text("/data/0/event_id"), key)) ==
          "scope-missing");
    CHECK(problem_of(http.get("/orders", day.service.key({"admin", "only:livemode"}))) ==
          "scope-missing");
    CHECK(http.get("/orders", day.service.key({"admin", "only:testmode"})).status == 200);
}
