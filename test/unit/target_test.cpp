// Request targets, cursors, times and addresses: all that clients may write in many ways.
#include <api/cursor.hpp>
#include <api/routes.hpp>
#include <api/target.hpp>
#include <api/time.hpp>
#include <api/wire.hpp>

#include <catch2/catch.hpp>

using namespace daybook::api;

TEST_CASE("A target is a path and a query") {
    const auto target = split_target("/orders?status=paid&x=?");
    REQUIRE(target.has_value());
    CHECK(target->path == "/orders");
    CHECK(target->query == "status=paid&x=?");
    CHECK_FALSE(split_target("http://host/orders").has_value());
    CHECK_FALSE(split_target("*").has_value());
    CHECK_FALSE(split_target("").has_value());
    CHECK_FALSE(split_target("/orders#top").has_value());
}

TEST_CASE("Escapes are decoded once, and only whole ones") {
    CHECK(percent_decoded("a%20b%2Fc%c3%a9", false) == "a b/c\xc3\xa9");
    CHECK(percent_decoded("a+b", true) == "a b");
    CHECK(percent_decoded("a+b", false) == "a+b");
    CHECK(percent_decoded("%2541", false) == "%41");
    for (const auto* broken : {"%", "%2", "%zz", "%00", "a%00b", "%ff", "%c3"}) {
        INFO(broken);
        CHECK_FALSE(percent_decoded(broken, false).has_value());
    }
}

TEST_CASE("A query is a list of decoded pairs") {
    const auto query = parse_query("a=1&b=x%26y&&c&d==");
    REQUIRE(query.has_value());
    REQUIRE(query->size() == 4);
    CHECK(query->at(1) == std::pair<std::string, std::string>("b", "x&y"));
    CHECK(query->at(2) == std::pair<std::string, std::string>("c", ""));
    CHECK(query->at(3) == std::pair<std::string, std::string>("d", "="));
    CHECK_FALSE(parse_query("a=%").has_value());
    std::string many;
    for (int i = 0; i < 65; ++i)
        many += "a=1&";
    CHECK_FALSE(parse_query(many).has_value());
}

TEST_CASE("{id} is one whole segment of a path") {
    std::string_view id;
    CHECK(path_matches("/orders/{id}", "/orders/ord_1", id));
    CHECK(id == "ord_1");
    CHECK_FALSE(path_matches("/orders/{id}", "/orders/", id));
    CHECK_FALSE(path_matches("/orders/{id}", "/orders", id));
    CHECK_FALSE(path_matches("/orders/{id}", "/orders/a/b", id));
    CHECK(path_matches("/orders", "/orders", id));
    CHECK_FALSE(path_matches("/orders", "/orders/", id));
}

TEST_CASE("A path is found by its method, or tells which methods it takes") {
    CHECK(find_route("GET", "/orders").route != nullptr);
    CHECK(find_route("HEAD", "/healthz").route != nullptr);
    CHECK(find_route("GET", "/connect/accounts/acct_1").id == "acct_1");
    CHECK(find_route("GET", "/webhooks/stripe").route == nullptr);
    CHECK(find_route("GET", "/webhooks/stripe").allow == "POST");
    CHECK(find_route("DELETE", "/events").allow == "GET, HEAD");
    CHECK(find_route("GET", "/nothing").allow.empty());
}

TEST_CASE("Every route that reads the database or acts needs a scope, and no other does") {
    for (const auto& route : routes()) {
        INFO(route.path);
        if (route.runs == Runs::query) CHECK_FALSE(route.scope.empty());
        if (route.runs == Runs::webhook || route.runs == Runs::here) CHECK(route.scope.empty());
        CHECK((route.plan != nullptr) == (route.runs == Runs::action));
        CHECK((route.query != nullptr) == (route.runs == Runs::query));
        CHECK((route.here != nullptr) == (route.runs == Runs::here));
    }
}

TEST_CASE("A cursor comes back as it went out, to its own list only") {
    const std::vector<std::string> key = {"2026-09-21 14:13:20.123456+00", "ord_\xc3\xa9"};
    const auto cursor = make_cursor("orders", key);
    CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_") == std::string::npos);
    CHECK(read_cursor(cursor, "orders", 2) == key);
    CHECK_FALSE(read_cursor(cursor, "payouts", 2).has_value());
    CHECK_FALSE(read_cursor(cursor, "orders", 3).has_value());
    CHECK_FALSE(read_cursor(cursor + "!", "orders", 2).has_value());
    CHECK_FALSE(read_cursor("", "orders", 2).has_value());
    CHECK(read_cursor(make_cursor("orders", {"", "x"}), "orders", 2) ==
          std::vector<std::string>{"", "x"});
}

TEST_CASE("Times are Unix seconds or RFC 3339, also as Postgres prints it") {
    CHECK(parse_time("1790000000") == 1'790'000'000'000'000);
    CHECK(parse_time("2026-09-21T14:13:20Z") == 1'790'000'000'000'000);
    CHECK(parse_time("2026-09-21 14:13:20.5+00") == 1'790'000'000'500'000);
    CHECK(parse_time("2026-09-21T09:43:20-04:30") == 1'790'000'000'000'000);
    CHECK(parse_time("1969-12-31T23:59:59.5Z") == -500'000);
    CHECK(unix_seconds(-500'000) == -1);
    CHECK(unix_seconds(-1'000'000) == -1);
    CHECK(unix_seconds(1'999'999) == 1);
    for (const auto* text :
         {"", "-1", "1e9", "2026-09-21", "2026-02-30T00:00:00Z", "2026-09-21T14:13:20",
          "2026-09-21T24:00:00Z", "2026-09-21T14:13:20.Z", "2026-09-21T14:13:20Zx"}) {
        INFO(text);
        CHECK_FALSE(parse_time(text).has_value());
    }
}

TEST_CASE("A sane request id is kept, any other replaced") {
    CHECK(request_id_of("req-1.a:b/c_D") == "req-1.a:b/c_D");
    for (const std::string& given :
         {std::string(), std::string("a b"), std::string("a\"b"), std::string(65, 'x')}) {
        INFO(given);
        const auto made = request_id_of(given);
        CHECK(made != given);
        CHECK(made.size() == 16);
        CHECK(made != request_id_of(given));
    }
}

TEST_CASE("An answer says how long it is and whether the connection stays") {
    Response response;
    response.body = "{}";
    std::string out;
    append_answer(out, response, "r1", {.keep_alive = false});
    CHECK(out.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(out.find("\r\nContent-Length: 2\r\n") != std::string::npos);
    CHECK(out.find("\r\nX-Request-Id: r1\r\n") != std::string::npos);
    CHECK(out.ends_with("Connection: close\r\n\r\n{}"));
    out.clear();
    append_answer(out, response, "r1", {.head_only = true});
    CHECK(out.find("\r\nContent-Length: 2\r\n") != std::string::npos);
    CHECK(out.ends_with("\r\n\r\n"));
}

TEST_CASE("An address is a host and a port") {
    CHECK(split_address("127.0.0.1:8080") ==
          std::pair<std::string, std::string>("127.0.0.1", "8080"));
    CHECK(split_address("[::1]:0") == std::pair<std::string, std::string>("::1", "0"));
    for (const auto* address : {"8080", ":8080", "host:", ""}) {
        INFO(address);
        CHECK_THROWS_AS(split_address(address), std::invalid_argument);
    }
}
