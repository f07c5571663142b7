// The client's parts that need no socket: addresses, routes in metrics, the token bucket.
#include <api/stripe/counters.hpp>
#include <api/stripe/endpoint.hpp>
#include <api/stripe/gate.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <stdexcept>
#include <string>

using namespace daybook::api;
using namespace daybook::api::stripe;
using namespace std::chrono_literals;

TEST_CASE("a base URL is scheme, host and port") {
    const auto stripe = parse_base("https://API.stripe.com/");
    CHECK(stripe.tls);
    CHECK(stripe.authority() == "api.stripe.com");
    CHECK(stripe.host_and_port() == "api.stripe.com:443");
    CHECK(parse_base("http://127.0.0.1:12111").authority() == "127.0.0.1:12111");
    CHECK(parse_base("http://[::1]:12111").host == "::1");
    CHECK(parse_base("http://[::1]:12111").authority() == "[::1]:12111");
    CHECK(parse_base("http://[::1]").authority() == "[::1]");
    for (const auto* bad :
         {"", "https://", "stripe.com", "ftp://a", "https://a/v1", "https://a?b", "https://a#b",
          "https://u@a", "https://a:", "https://a:0", "https://a:65536", "https://a:1x",
          "https://a b", "https://[::1", "https://[::1]x", "https://a\r\nB: c", "https://a//"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_base(bad), std::invalid_argument);
    }
}

TEST_CASE("a proxy may want a user and a password") {
    const auto proxy = parse_proxy("http://me:p%40ss%2f@proxy.internal:3128/");
    CHECK(proxy.host_and_port() == "proxy.internal:3128");
    CHECK(proxy.user == "me:p@ss/");
    CHECK(parse_proxy("proxy:8080").port == 8080);
    CHECK(parse_proxy("http://proxy").port == 80);
    for (const auto* bad : {"", "https://proxy:1", "socks5://proxy:1", "http://proxy:1/path"})
        CHECK_THROWS_AS(parse_proxy(bad), std::invalid_argument);
}

TEST_CASE("NO_PROXY names hosts, domains, ports and addresses") {
    const auto stripe = parse_base("https://api.stripe.com");
    for (const auto* list : {"*", "api.stripe.com", "stripe.com", ".stripe.com", "*.stripe.com",
                             "localhost, Stripe.COM", "stripe.com:443"}) {
        CAPTURE(list);
        CHECK(bypasses_proxy(stripe, list));
    }
    for (const auto* list :
         {"", ",", "tripe.com", "stripe.com:80", "api.stripe.com.evil", "com:x"}) {
        CAPTURE(list);
        CHECK_FALSE(bypasses_proxy(stripe, list));
    }
    CHECK(bypasses_proxy(parse_base("http://[::1]:5"), "::1"));
    CHECK(bypasses_proxy(parse_base("http://127.0.0.1:5"), "127.0.0.1"));
}

TEST_CASE("metrics name routes, not objects") {
    CHECK(route_of("POST", "/v1/payment_intents") == "POST /v1/payment_intents");
    CHECK(route_of("POST", "/v1/payment_intents/pi_3Q/capture") ==
          "POST /v1/payment_intents/{id}/capture");
    CHECK(route_of("GET", "/v1/customers/cus_1?expand[]=sources") == "GET /v1/customers/{id}");
    CHECK(route_of("GET", "/v1/payment_intents/search?query=a") ==
          "GET /v1/payment_intents/search");
    CHECK(route_of("DELETE", "/v1/coupons/SUMMER20") == "DELETE /v1/coupons/{id}");
    CHECK(route_of("GET", "/v2/core/events/evt_1") == "GET /v2/core/events/{id}");
    CHECK(route_of("GET", "//v1/x") == "other");
    CHECK(route_of("BREW", "/v1/coffee") == "other");
    CHECK(route_of("GET", "/v1/a/b/c/d/e/f/g/h/i/j/k") ==
          "GET /v1/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}");
}

TEST_CASE("metrics hold so many routes and no more, whatever is asked for") {
    Counters counters;
    const std::vector<std::string> words = {"accept", "account", "accounts", "advance", "alerts",
                                            "apps",   "approve", "attach",   "balance", "billing"};
    for (const auto& a : words)
        for (const auto& b : words)
            for (const auto& c : words)
                counters.failed(route_of("GET", "/v1/" + a + "/" + b + "/" + c), Outcome::busy);
    const auto counts = counters.snapshot();
    CHECK(counts.attempts.size() <= 513);
    std::uint64_t sum = 0;
    for (const auto& [route, by_outcome] : counts.attempts)
        sum += by_outcome[static_cast<std::size_t>(Outcome::busy)];
    CHECK(sum == 1000);
    std::set<std::string_view> labels;
    for (std::size_t i = 0; i < outcome_count; ++i)
        labels.insert(name_of(static_cast<Outcome>(i)));
    CHECK(labels.size() == outcome_count);
}

TEST_CASE("in no second do more calls begin than rate and burst together") {
    TokenBucket bucket(80, 20);
    const Clock::time_point start{1h};
    std::vector<Clock::time_point> taken;
    for (auto now = start; now < start + 3s; now += 1ms)
        while (bucket.take(now))
            taken.push_back(now);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        std::size_t within = 0;
        while (i + within < taken.size() && taken[i + within] < taken[i] + 1s)
            ++within;
        REQUIRE(within <= 100);
    }
    CHECK(taken.size() == 20 + 239);
    CHECK(bucket.next() > start + 3s - 1ms);
    CHECK(bucket.take(start + 1h));
}

TEST_CASE("a rate of nothing limits nothing") {
    TokenBucket bucket(0, 0);
    const Clock::time_point now{1h};
    for (int i = 0; i < 100'000; ++i)
        REQUIRE(bucket.take(now));
}
