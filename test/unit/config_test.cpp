// The configuration: defaults, every variable, and refusals that name the variable.
#include <ledger/json_text.hpp>
#include <tools/daybook/config.hpp>
#include <tools/daybook/json_pretty.hpp>
#include <tools/daybook/table.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace daybook::tools;
using daybook::logging::Format;

namespace {

using Variables = std::map<std::string, std::string>;

Config read(const Variables& variables) {
    return read_config([&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

std::string complaint(const Variables& variables) {
    try {
        require_secrets(read(variables));
    } catch (const BadConfig& bad) {
        return bad.what();
    }
    return {};
}

}  // namespace

TEST_CASE("without any variable the embedded default is configured") {
    const auto config = read({});
    CHECK(config.embedded());
    CHECK(config.data_dir == ".daybook");
    CHECK(config.listen.text() == "127.0.0.1:8080");
    CHECK(config.log_level == "info");
    CHECK(config.log_format == Format::text);
    CHECK_FALSE(config.livemode);
    CHECK(config.notify);
    CHECK(config.role);
    CHECK(complaint({}).empty());
}

TEST_CASE("an empty variable counts as absent") {
    CHECK(
        read({{"DATABASE_URL", ""}, {"DAYBOOK_LISTEN", ""}, {"STRIPE_LIVEMODE", ""}}).listen.port ==
        8080);
}

TEST_CASE("every variable is read") {
    const auto config = read({{"DATABASE_URL", "postgres://me@db/shop"},
                              {"DAYBOOK_DATA_DIR", "/srv/daybook"},
                              {"DAYBOOK_LISTEN", "[::1]:9000"},
                              {"DAYBOOK_LOG_LEVEL", "debug"},
                              {"DAYBOOK_LOG_FORMAT", "json"},
                              {"STRIPE_WEBHOOK_SECRET", "whsec_new, whsec_old"},
                              {"STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_c"},
                              {"STRIPE_LIVEMODE", "true"},
                              {"DAYBOOK_PG_NOTIFY", "off"},
                              {"DAYBOOK_PG_ROLE", "off"}});
    CHECK_FALSE(config.embedded());
    CHECK(config.data_dir == "/srv/daybook");
    CHECK(config.listen.host == "::1");
    CHECK(config.listen.text() == "[::1]:9000");
    CHECK(config.log_format == Format::json);
    CHECK(config.webhook_secrets == std::vector<std::string>{"whsec_new", "whsec_old"});
    CHECK(config.connect_secrets == std::vector<std::string>{"whsec_c"});
    CHECK(config.livemode);
    CHECK_FALSE(config.notify);
    CHECK_FALSE(config.role);
}

TEST_CASE("a bad value is refused in one line that starts with the variable's name") {
    const auto [name, value] = GENERATE(table<std::string, std::string>({
        {"DATABASE_URL", "postgres://db:port/shop/?nonsense=1"},
        {"DATABASE_URL", "no equals sign"},
        {"DAYBOOK_LISTEN", "8080"},
        {"DAYBOOK_LISTEN", ":8080"},
        {"DAYBOOK_LISTEN", "127.0.0.1:"},
        {"DAYBOOK_LISTEN", "127.0.0.1:99999"},
        {"DAYBOOK_LISTEN", "127.0.0.1:80x"},
        {"DAYBOOK_LOG_LEVEL", "loud"},
        {"DAYBOOK_LOG_FORMAT", "xml"},
        {"STRIPE_WEBHOOK_SECRET", "sk_test_123"},
        {"STRIPE_WEBHOOK_SECRET", "whsec_good,,whsec_other"},
        {"STRIPE_WEBHOOK_SECRET", "whsec_"},
        {"STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_good,bad"},
        {"STRIPE_LIVEMODE", "yes"},
        {"DAYBOOK_PG_NOTIFY", "true"},
        {"DAYBOOK_PG_ROLE", "1"},
        {"STRIPE_SECRET_KEY", "pk_test_1"},
        {"STRIPE_SECRET_KEY", "sk_test_"},
        {"STRIPE_SECRET_KEY", "sk_test_a b"},
        {"STRIPE_SECRET_KEY", "sk_live_1"},
        {"STRIPE_PUBLISHABLE_KEY", "sk_test_1"},
        {"STRIPE_PUBLISHABLE_KEY", "pk_live_1"},
        {"STRIPE_API_BASE", "api.stripe.com"},
        {"STRIPE_API_BASE", "ftp://api.stripe.com"},
        {"STRIPE_API_BASE", "https://api.stripe.com/v1"},
        {"STRIPE_API_BASE", "https://user@api.stripe.com"},
        {"STRIPE_API_BASE", "https://api.stripe.com:0"},
        {"STRIPE_API_VERSION", "latest"},
        {"STRIPE_API_VERSION", "2026-10-28."},
        {"STRIPE_API_VERSION", "2026-10-28.Endive"},
        {"STRIPE_MERCHANT_DISPLAY_NAME", "two\nlines"},
        {"STRIPE_MERCHANT_DISPLAY_NAME", std::string(201, 'x')},
        {"STRIPE_CONNECT_REFRESH_URL", "example.com/refresh"},
        {"STRIPE_CONNECT_RETURN_URL", "https://"},
        {"STRIPE_SUCCESS_URL", "https://a b"},
        {"STRIPE_CANCEL_URL", "javascript:alert(1)"},
        {"STRIPE_PLATFORM_FEE_PERCENT", "100.01"},
        {"STRIPE_PLATFORM_FEE_PERCENT", "-1"},
        {"STRIPE_PLATFORM_FEE_PERCENT", "1e1"},
        {"STRIPE_PLATFORM_FEE_PERCENT", "2.125"},
        {"STRIPE_PLATFORM_FEE_PERCENT", "."},
        {"STRIPE_PLATFORM_FEE_PERCENT", "5%"},
        {"STRIPE_APPLICATION_FEE_FIXED", "0.30"},
        {"STRIPE_APPLICATION_FEE_FIXED", "-30"},
        {"DAYBOOK_STRIPE_IN_FLIGHT", "0"},
        {"DAYBOOK_STRIPE_RATE", "fast"},
    }));
    CAPTURE(name, value);
    const auto why = complaint({{name, value}});
    CHECK(why.starts_with(name));
    CHECK(why.find('\n') == std::string::npos);
}

TEST_CASE("a complaint never repeats a secret") {
    CHECK(complaint({{"STRIPE_WEBHOOK_SECRET", "sk_live_abc"}}).find("sk_live_abc") ==
          std::string::npos);
    CHECK(complaint({{"DATABASE_URL", "password=hunter2 x"}}).find("hunter2") == std::string::npos);
    for (const auto* name : {"STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"})
        for (const auto* key : {"sk_live_hunter2", "sk_test_hunter2 ", "hunter2"})
            CHECK(complaint({{name, key}}).find("hunter2") == std::string::npos);
    CHECK(complaint(
              {{"STRIPE_SECRET_KEY", "sk_test_1"}, {"HTTPS_PROXY", "https://me:hunter2@proxy:1"}})
              .find("hunter2") == std::string::npos);
}

TEST_CASE("with a DATABASE_URL an endpoint without a secret is refused by name") {
    const std::string url = "postgres://db/shop";
    CHECK_THAT(complaint({{"DATABASE_URL", url}}),
               Catch::StartsWith("STRIPE_WEBHOOK_SECRET is not set"));
    CHECK_THAT(complaint({{"DATABASE_URL", url}, {"STRIPE_WEBHOOK_SECRET", "whsec_a"}}),
               Catch::StartsWith("STRIPE_CONNECT_WEBHOOK_SECRET is not set"));
    CHECK(complaint({{"DATABASE_URL", url},
                     {"STRIPE_WEBHOOK_SECRET", "whsec_a"},
                     {"STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_b"}})
              .empty());
}

TEST_CASE("how to act on Stripe is read, with the defaults of Stripe itself") {
    const auto bare = read({{"STRIPE_SECRET_KEY", "sk_test_1"}}).stripe;
    CHECK(bare.configured());
    CHECK(bare.base == "https://api.stripe.com");
    CHECK(bare.api_version == "2026-10-28.endive");
    CHECK(bare.in_flight_max == 25);
    CHECK(bare.rate == 20);
    CHECK(bare.fee_basis_points == 0);
    CHECK(bare.fee_fixed == 0);
    CHECK_FALSE(read({}).stripe.configured());
    const auto full = read({{"STRIPE_SECRET_KEY", "rk_live_1"},
                            {"STRIPE_PUBLISHABLE_KEY", "pk_live_1"},
                            {"STRIPE_LIVEMODE", "true"},
                            {"STRIPE_API_VERSION", "2025-09-30.clover"},
                            {"STRIPE_MERCHANT_DISPLAY_NAME", "Zoë's Market"},
                            {"STRIPE_CONNECT_REFRESH_URL", "https://a.example/refresh"},
                            {"STRIPE_CONNECT_RETURN_URL", "https://a.example/return"},
                            {"STRIPE_SUCCESS_URL", "https://a.example/?s={CHECKOUT_SESSION_ID}"},
                            {"STRIPE_CANCEL_URL", "https://a.example/cart"},
                            {"STRIPE_PLATFORM_FEE_PERCENT", "12.5"},
                            {"STRIPE_APPLICATION_FEE_FIXED", "30"},
                            {"DAYBOOK_STRIPE_IN_FLIGHT", "50"}})
                          .stripe;
    CHECK(full.secret_key == "rk_live_1");
    CHECK(full.publishable_key == "pk_live_1");
    CHECK(full.api_version == "2025-09-30.clover");
    CHECK(full.display_name == "Zoë's Market");
    CHECK(full.connect_refresh_url == "https://a.example/refresh");
    CHECK(full.connect_return_url == "https://a.example/return");
    CHECK(full.success_url == "https://a.example/?s={CHECKOUT_SESSION_ID}");
    CHECK(full.cancel_url == "https://a.example/cart");
    CHECK(full.fee_basis_points == 1250);
    CHECK(full.fee_fixed == 30);
    CHECK(full.in_flight_max == 50);
    CHECK(full.rate == 80);
}

TEST_CASE("a percentage becomes basis points without passing through a float") {
    const auto [text, points] = GENERATE(table<std::string, std::int64_t>(
        {{"0", 0}, {"10", 1000}, {"2.9", 290}, {"0.07", 7}, {"99.99", 9999}, {"100.00", 10000}}));
    CAPTURE(text);
    CHECK(read({{"STRIPE_PLATFORM_FEE_PERCENT", text}}).stripe.fee_basis_points == points);
}

TEST_CASE("fees by revenue are read whole or refused, and refunds give back what they took") {
    CHECK(read({}).stripe.fee_tiers.empty());
    CHECK(read({{"DAYBOOK_FEE_TIERS", "on"}}).stripe.fee_tiers.size() == 4);
    const auto own = read({{"DAYBOOK_FEE_TIERS", "small:0:20,large:500:12.5"}}).stripe.fee_tiers;
    REQUIRE(own.size() == 2);
    CHECK(own[1].name == "large");
    CHECK(own[1].revenue_from == 500);
    CHECK(own[1].basis_points == 1250);
    for (const char* bad :
         {"yes", "small:0", "small:100:20", "small:0:20,large:0:10", "small:0:101"})
        CHECK_THAT(complaint({{"DAYBOOK_FEE_TIERS", bad}}),
                   Catch::StartsWith("DAYBOOK_FEE_TIERS is '"));
    CHECK(read({}).stripe.refund_reverses_transfer);
    CHECK(read({}).stripe.refund_returns_fee);
    CHECK_FALSE(read({{"DAYBOOK_REFUND_APPLICATION_FEE", "false"}}).stripe.refund_returns_fee);
    CHECK_THAT(complaint({{"DAYBOOK_REFUND_REVERSE_TRANSFER", "no"}}),
               Catch::StartsWith("DAYBOOK_REFUND_REVERSE_TRANSFER is 'no'"));
}

TEST_CASE("the limits of Stripe are kept only where Stripe is") {
    Variables own = {{"STRIPE_SECRET_KEY", "sk_test_1"},
                     {"STRIPE_API_BASE", "http://127.0.0.1:12111"}};
    CHECK(read(own).stripe.rate == 0);
    CHECK(read({}).stripe.rate == 0);
    own["DAYBOOK_STRIPE_RATE"] = "5";
    CHECK(read(own).stripe.rate == 5);
}

TEST_CASE("in live mode nothing goes over a plain connection") {
    const Variables live = {{"STRIPE_SECRET_KEY", "sk_live_1"}, {"STRIPE_LIVEMODE", "true"}};
    auto variables = live;
    CHECK(complaint(variables).empty());
    variables["STRIPE_API_BASE"] = "http://stripe.internal";
    CHECK_THAT(complaint(variables), Catch::StartsWith("STRIPE_API_BASE must begin with https"));
    variables = live;
    variables["STRIPE_SUCCESS_URL"] = "http://a.example/thanks";
    CHECK_THAT(complaint(variables), Catch::StartsWith("STRIPE_SUCCESS_URL"));
    variables = live;
    variables["STRIPE_SECRET_KEY"] = "sk_test_1";
    CHECK(complaint(variables) ==
          "STRIPE_SECRET_KEY: it is a test key, but STRIPE_LIVEMODE is true");
}

TEST_CASE("an address of Stripe needs a key to go with it") {
    CHECK_THAT(complaint({{"STRIPE_API_BASE", "http://127.0.0.1:12111"}}),
               Catch::StartsWith("STRIPE_SECRET_KEY is not set"));
}

TEST_CASE("the usual variables say which proxy leads to Stripe") {
    const auto proxy = [](Variables variables) {
        variables.emplace("STRIPE_SECRET_KEY", "sk_test_1");
        return read(variables).stripe.proxy;
    };
    const std::string there = "http://proxy:3128";
    CHECK(proxy({}).empty());
    CHECK(proxy({{"HTTPS_PROXY", there}}) == there);
    CHECK(proxy({{"https_proxy", there}}) == there);
    CHECK(proxy({{"HTTP_PROXY", there}}).empty());
    CHECK(proxy({{"HTTP_PROXY", there}, {"STRIPE_API_BASE", "http://sim:12111"}}) == there);
    CHECK(proxy({{"HTTPS_PROXY", there}, {"NO_PROXY", "localhost,.stripe.com"}}).empty());
    CHECK(proxy({{"HTTPS_PROXY", there}, {"no_proxy", "*"}}).empty());
    CHECK(proxy({{"HTTPS_PROXY", there}, {"NO_PROXY", "example.com"}}) == there);
    CHECK_THAT(complaint({{"STRIPE_SECRET_KEY", "sk_test_1"}, {"HTTPS_PROXY", "socks5://p:1"}}),
               Catch::StartsWith("HTTPS_PROXY must be"));
    CHECK(read({{"HTTPS_PROXY", there}}).stripe.proxy.empty());  // the simulator is at home
}

TEST_CASE("a payload is laid out for reading without touching its tokens") {
    const std::string_view document = R"({"a": 1.50,"b":[ ],"c":{"d":"x, \"y\": {z"},"e":[1,2]})";
    CHECK(pretty_json(document) == R"({
  "a": 1.50,
  "b": [],
  "c": {
    "d": "x, \"y\": {z"
  },
  "e": [
    1,
    2
  ]
})");
    CHECK(one_line_json(pretty_json(document)) ==
          R"({"a":1.50,"b":[],"c":{"d":"x, \"y\": {z"},"e":[1,2]})");
    CHECK(pretty_json(R"({"cut": "of)").starts_with("{\n  \"cut\": \"of"));
}

TEST_CASE("a table aligns text to the left and numbers to the right") {
    TextTable table({"name", ">rows"});
    table.add({"orders", "7"});
    table.add({"größe", grouped(1'234'567)});
    CHECK(table.str() ==
          "name         rows\n"
          "orders          7\n"
          "größe   1,234,567\n");
    CHECK(grouped(0) == "0");
    CHECK(grouped(-123'456) == "-123,456");
    CHECK(grouped(999) == "999");
}

TEST_CASE("JSON text escapes what it must and nothing else") {
    CHECK(daybook::JsonObject().text("k\"", "a\\b\n\x01é").number("n", -5).null("x").str() ==
          "{\"k\\\"\":\"a\\\\b\\n\\u0001é\",\"n\":-5,\"x\":null}");
    CHECK(daybook::JsonObject().str() == "{}");
    CHECK(daybook::JsonArray().text("a").add("1").str() == "[\"a\",1]");
}

TEST_CASE("a simulator comes where nobody has a Stripe, and elsewhere only when asked for") {
    CHECK(read({}).simulates());
    CHECK_FALSE(read({{"DATABASE_URL", "postgres://db"}}).simulates());
    CHECK_FALSE(read({{"STRIPE_SECRET_KEY", "sk_test_1"}}).simulates());
    CHECK_FALSE(read({{"STRIPE_API_BASE", "http://127.0.0.1:1"}}).simulates());
    CHECK_FALSE(read({{"STRIPE_LIVEMODE", "true"}}).simulates());
    CHECK_FALSE(read({{"DAYBOOK_SIMULATOR", "off"}}).simulates());
    CHECK_FALSE(read({{"DAYBOOK_SIMULATOR_LISTEN", "off"}}).simulates());
    const Variables asked = {{"DATABASE_URL", "postgres://db"},
                             {"DAYBOOK_SIMULATOR", "on"},
                             {"DAYBOOK_SIMULATOR_LISTEN", "127.0.0.1:0"}};
    CHECK(read(asked).simulates());
    CHECK(read(asked).simulator_listen->port == 0);
    CHECK(complaint(asked).empty());
    for (const auto& [name, value] : Variables{{"STRIPE_SECRET_KEY", "sk_live_1"},
                                               {"STRIPE_API_BASE", "https://api.stripe.com"},
                                               {"STRIPE_LIVEMODE", "true"}}) {
        auto both = asked;
        both[name] = value;
        CHECK_THAT(complaint(both), Catch::StartsWith("DAYBOOK_SIMULATOR is on"));
    }
    CHECK_THAT(complaint({{"DAYBOOK_SIMULATOR_LISTEN", "nowhere"}}),
               Catch::StartsWith("DAYBOOK_SIMULATOR_LISTEN"));
}
