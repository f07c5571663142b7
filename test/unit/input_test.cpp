// Bodies of writes: what is wrong is told all at once, each with its pointer.
#include <api/input.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>
#include <simdjson.h>
#include <catch2/catch.hpp>

using namespace daybook::api;

namespace {

Request request_of(std::string body, std::string type = "application/json") {
    Request request;
    request.body = std::move(body);
    request.content_type = std::move(type);
    return request;
}

/// What done() refuses, one "pointer detail" a line; empty when it does not.
std::string complaints(const Input& in) {
    try {
        in.done();
        return {};
    } catch (const Refused& refused) {
        CHECK(refused.problem() == Problem::invalid_body);
        const auto answer = problem_response(refused.problem(), "r", "", refused.members());
        simdjson::dom::parser parser;
        std::string lines;
        for (const auto error : parser.parse(answer.body)["errors"].get_array())
            lines += std::string(error["pointer"].get_string().value()) + " " +
                     std::string(error["detail"].get_string().value()) + "\n";
        return lines;
    }
}

Problem refusal(const Request& request) {
    try {
        const Input in(request);
        return Problem::internal;
    } catch (const Refused& refused) {
        return refused.problem();
    }
}

constexpr std::string_view colours[] = {"red", "green"};

/// Reads one member `a` by the rule that `read` has, and says what is wrong with it.
template <class Read>
std::string told(std::string_view value, const Read& read) {
    Input in(request_of("{\"a\":" + std::string(value) + "}"));
    read(in);
    return complaints(in);
}

}  // namespace

TEST_CASE("Every problem of a body is told at once") {
    // given a body with problems at several places
    Input in(request_of(R"({"name":"","lines":[{"price":"p 1"},7,{"price":"price_2","x/y":1}],
                            "force":"yes","colour":"blue","unheard":{}})"));
    // when it is read
    in.text("name", {.required = true});
    for (auto& line : in.objects("lines")) {
        line.id("price", Input::required);
        line.whole("quantity", {.required = true});
    }
    in.boolean("force");
    in.word("colour", colours);
    in.id("seller", Input::required, "acct_");
    // then each is there, fields that nobody asked for included
    CHECK(complaints(in) ==
          "/name must not be empty\n"
          "/lines/1 must be an object\n"
          "/lines/0/price must be an id: letters, digits, _ and -\n"
          "/lines/0/quantity is required\n"
          "/lines/2/quantity is required\n"
          "/force must be true or false\n"
          "/colour must be one of red, green\n"
          "/seller is required\n"
          "/unheard is not a field here\n"
          "/lines/2/x~1y is not a field here\n");
}

TEST_CASE("A sound body gives its values") {
    Input in(request_of(R"({"name":"café","amount":1050,"force":false,"colour":"red",
        "url":"https://shop.example/x?y=1","email":"a@b.example","currency":"usd","country":"DE",
        "percent":12.5,"share":"2.50","metadata":{"cart":"c1","old":null},"absent":null,
        "tags":["red"],"buyer":{"user_id":"user_1"}})",
                        "application/json; charset=utf-8"));
    CHECK(in.text("name") == "café");
    CHECK(in.whole("amount", {.required = true, .least = 1}) == 1050);
    CHECK(in.boolean("force") == false);
    CHECK(in.word("colour", colours) == "red");
    CHECK(in.url("url") == "https://shop.example/x?y=1");
    CHECK(in.email("email") == "a@b.example");
    CHECK(in.currency("currency") == "usd");
    CHECK(in.country("country") == "DE");
    CHECK(in.percent("percent") == 1250);
    CHECK(in.percent("share") == 250);
    CHECK(in.metadata() == Metadata{{"cart", "c1"}, {"old", ""}});
    CHECK(in.text("absent").empty());
    CHECK(in.words("tags", colours) == std::vector<std::string>{"red"});
    CHECK(in.object("buyer")->id("user_id") == "user_1");
    CHECK(complaints(in).empty());
    CHECK(in.sound());
}

TEST_CASE("Bad values of each kind are refused by name") {
    const auto text = [](Input& in) { in.text("a", {.bytes_max = 5}); };
    for (const char* bad :
         {"1", "\"\"", "\"123456\"", "\"a\\u0000\"", "\"\\u0007\"", "\"  \"", "[]", "{}", "true"}) {
        INFO(bad);
        CHECK_FALSE(told(bad, text).empty());
    }
    CHECK(told("\"a\\nb\"", text).empty());
    CHECK(told("null", text).empty());

    const auto whole = [](Input& in) { in.whole("a", {.least = 50, .most = 99}); };
    for (const char* bad : {"49", "100", "-50", "50.0", "50.5", "\"50\"", "true", "5e1"}) {
        INFO(bad);
        CHECK_FALSE(told(bad, whole).empty());
    }
    CHECK(told("50", whole).empty());

    const auto url = [](Input& in) { in.url("a"); };
    for (const char* bad :
         {"\"shop.example\"", "\"javascript:alert(1)\"", "\"https://\"", "\"https:///x\"",
          "\"https://a b\"", "\"ftp://a\"", "\"http://a\\n\""}) {
        INFO(bad);
        CHECK_FALSE(told(bad, url).empty());
    }
    const auto email = [](Input& in) { in.email("a"); };
    for (const char* bad : {"\"a\"", "\"@b\"", "\"a@\"", "\"a@b@c\"", "\"a b@c\""})
        CHECK_FALSE(told(bad, email).empty());
    const auto currency = [](Input& in) { in.currency("a"); };
    for (const char* bad : {"\"USD\"", "\"usdx\"", "\"xxx\"", "840"})
        CHECK_FALSE(told(bad, currency).empty());
    const auto country = [](Input& in) { in.country("a"); };
    for (const char* bad : {"\"us\"", "\"USA\"", "\"U1\""})
        CHECK_FALSE(told(bad, country).empty());
    const auto percent = [](Input& in) { in.percent("a", 1); };
    for (const char* bad : {"0", "-1", "100.5", "1.234", "\"\"", "\"ten\"", "true", "101"}) {
        INFO(bad);
        CHECK_FALSE(told(bad, percent).empty());
    }
    const auto words = [](Input& in) { in.words("a", colours); };
    for (const char* bad : {"[]", "[\"blue\"]", "[\"red\",\"red\"]", "\"red\"", "[1]"})
        CHECK_FALSE(told(bad, words).empty());
    const auto metadata = [](Input& in) { in.metadata("a"); };
    for (const char* bad :
         {"{\"a[b]\":\"1\"}", "{\"order_id\":\"1\"}", "{\"daybook_x\":\"1\"}", "{\"line_1\":\"1\"}",
          "{\"\":\"1\"}", "{\"a\":1}", "{\"a\":{}}", "[]"}) {
        INFO(bad);
        CHECK_FALSE(told(bad, metadata).empty());
    }
}

TEST_CASE("Metadata leave room for what Daybook writes beside them") {
    const auto metadata = [](Input& in) { in.metadata("a"); };
    std::string names;
    for (int i = 1; i <= 20; ++i)
        names += fmt::format("{}\"n{}\":\"1\"", names.empty() ? "" : ",", i);
    CHECK(told("{" + names + "}", metadata).empty());
    CHECK_FALSE(told("{" + names + ",\"n21\":\"1\"}", metadata).empty());
}

TEST_CASE("A body that is no JSON object sent as JSON is refused before its fields") {
    for (const char* body : {"{", "nonsense", "{\"a\":1}{", "{\"a\":01}", "{\"a\":\"\xff\"}",
                             "{\"a\":123456789012345678901234567890}", "{\"a\":\"\\ud800\"}"}) {
        INFO(body);
        CHECK(refusal(request_of(body)) == Problem::body_not_json);
    }
    CHECK(refusal(request_of(std::string(5000, '['))) == Problem::body_not_json);
    for (const char* body : {"[]", "1", "\"a\"", "null"})
        CHECK(refusal(request_of(body)) == Problem::body_not_an_object);
    for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                             "application/jsonp", "application/json-patch+json"})
        CHECK(refusal(request_of("{}", type)) == Problem::content_type_not_json);
    CHECK(refusal(request_of("", "")) == Problem::internal);  // none at all is an empty object
}

TEST_CASE("Names given twice and objects without end are refused") {
    Input twice(request_of(R"({"amount":1,"amount":100000})"));
    twice.whole("amount");
    CHECK(complaints(twice) == "/amount is given more than once\n");

    std::string many = "{";
    for (int i = 0; i < 100'000; ++i)
        many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    Input in(request_of(many + "}"));
    const auto lines = complaints(in);
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 100);
}

TEST_CASE("Rules of more than one field are told with the others") {
    Input in(request_of(R"({"order_id":"o","charge_id":"c"})"));
    in.id("order_id");
    in.id("charge_id");
    in.exclude("charge_id", "order_id");
    in.require("amount");
    in.refuse("", "is odd as a whole");
    CHECK_FALSE(in.sound());
    CHECK(complaints(in) ==
          "/charge_id cannot be given with order_id\n/amount is required\n is odd as a whole\n");
}
