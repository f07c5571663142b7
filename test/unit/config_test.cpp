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
