// The simulator inside of `daybook serve`: when it is there, that its events arrive, that it lasts.
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

const std::map<std::string, std::string> as_platform = {
    {"Authorization", "Bearer sk_test_0123456789"},
    {"Content-Type", "application/x-www-form-urlencoded"}};

template <class Condition>
bool eventually(Condition condition) {
    for (int tries = 0; tries < 500; ++tries) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

std::string listen_on(std::uint16_t port) {
    return fmt::format("127.0.0.1:{}", port);
}

/// How often the log has an event of this type, of this account or (by "") of the platform.
bool logged_once(pg::Connection& db, std::string_view type, std::string_view account) {
    return db
        .run(
            "SELECT count(*) = 1 FROM ledger.events "
            "WHERE type = $1 AND coalesce(account, '') = $2",
            pg::Params().text(type).text(account))
        .boolean(0, 0);
}

}  // namespace

TEST_CASE("A simulated payment arrives in the log, signed, from both scopes") {
    const auto port = free_port();
    const Service service(with_simulator(port));
    CHECK_THAT(service.serve.output(), Catch::Contains("http://" + listen_on(port)));
    HttpClient stripe(port);
    const auto paid = stripe.post("/v1/payment_intents",
                                  "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                                  "&payment_method=pm_card_visa",
                                  as_platform);
    REQUIRE(paid.status == 200);
    auto db = service.database.connect();
    for (const auto* type : {"payment_intent.created", "charge.succeeded",
                             "payment_intent.succeeded", "charge.updated"}) {
        INFO(type);
        CHECK(eventually([&] { return logged_once(db, type, ""); }));
    }
}

TEST_CASE("No simulator starts beside somebody's database unless it is asked for") {
    const auto port = free_port();
    const Service service({{"DAYBOOK_SIMULATOR_LISTEN", listen_on(port)}});
    CHECK_THAT(service.serve.output(), !Catch::Contains("simulator"));
    CHECK(HttpClient(port).get("/_sim/clock").status == 0);
}

TEST_CASE("What was simulated is there again after an orderly end") {
    const TemporaryDirectory directory;
    const auto port = free_port();
    const Environment environment = {{"DAYBOOK_DATA_DIR", directory.path() + "/data"},
                                     {"DAYBOOK_SIMULATOR_LISTEN", listen_on(port)}};
    std::string path = "/v1/customers/";
    {
        Serve serve(environment);
        CHECK(serve.start_time() < std::chrono::seconds(20));
        const auto made = HttpClient(port).post("/v1/customers", "name=Ann", as_platform);
        REQUIRE(made.status == 200);
        path += Json(made.body).text("/id");
        REQUIRE(serve.stop() == 0);
    }
    const Serve serve(environment);
    auto read = HttpClient(port).raw("GET " + path +
                                     " HTTP/1.1\r\nHost: localhost\r\n"
                                     "Authorization: Bearer sk_test_0123456789\r\n\r\n");
    CHECK(read.status == 200);
    CHECK_THAT(read.body, Catch::Contains("\"name\": \"Ann\""));
}
