// Queries against the running service: keys, lists, records, replays, and what was set aside.
#include <api/keys.hpp>
#include <projections/projection.hpp>
#include <test/day.hpp>
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace daybook;
using namespace daybook::test;

namespace {

/// Every projection has folded the whole log.
bool caught_up(Service& service, const std::string& key) {
    const auto answer = service.http.get("/projections", key);
    if (answer.status != 200) return false;
    const Json page(answer.body);
    for (const auto projection : page.data())
        if (std::int64_t(projection["lag"]) != 0) return false;
    return page.data().size() == projections::all_projections().size();
}

/// A service that was sent the whole day, each event to its endpoint, and has folded it.
struct Marketplace : Service {
    Marketplace() : admin(key({"admin"})) {
        for (const auto& delivery : day_deliveries()) {
            const auto answer =
                http.webhook(delivery.connect ? connect_path : platform_path, delivery.body,
                             delivery.connect ? connect_secret : platform_secret);
            REQUIRE(answer.status == 200);
        }
        REQUIRE(eventually([this] { return caught_up(*this, admin); }));
    }
    Json ask(const std::string& target) {
        const auto answer = http.get(target, admin);
        INFO(target << "\n" << answer.body);
        REQUIRE(answer.status == 200);
        return Json(answer.body);
    }
    std::string refusal(const std::string& target) { return problem_of(http.get(target, admin)); }

    std::string admin;
};

/// The values of `member` in a list's rows, sorted.
std::multiset<std::string> column(const Json& page, std::string_view member) {
    std::multiset<std::string> values;
    for (const auto row : page.data())
        values.emplace(std::string_view(row[member]));
    return values;
}

using Texts = std::multiset<std::string>;

/// Sales of the day that `fits`.
std::vector<Sale> sales(const std::function<bool(const Sale&)>& fits) {
    auto found = day_sales();
    std::erase_if(found, [&fits](const Sale& sale) { return !fits(sale); });
    return found;
}

Texts orders_of(const std::vector<Sale>& sales) {
    Texts orders;
    for (const auto& sale : sales)
        orders.insert(sale.order);
    return orders;
}

bool partly_refunded(const Sale& sale) {
    return !sale.disputed && sale.refunded > 0 && sale.refunded < sale.amount;
}

Texts names_of_projections() {
    Texts names;
    for (const auto* projection : projections::all_projections())
        names.emplace(projection->name);
    return names;
}

std::string api_page() {
    std::ostringstream text;
    text << std::ifstream(DAYBOOK_SOURCE "/docs/api.md").rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("a query needs a valid key that has its scope") {
    Service service;
    const auto created = run_daybook(
        {"keys", "create", "--scope", "orders:read", "--scope", "payouts:read", "--json"},
        service.environment());
    INFO(created.out << created.err);
    REQUIRE(created.exit_code == 0);
    const Json made(created.out);
    const auto key = made.text("/key");
    auto& http = service.http;

    const auto without = http.get("/orders");
    CHECK(problem_of(without) == "key-missing");
    CHECK_THAT(without.headers.at("www-authenticate"), Catch::StartsWith("Bearer"));
    const auto unknown = http.get("/orders", "dbk_" + std::string(64, '0'));
    CHECK(problem_of(unknown) == "key-refused");
    CHECK_THAT(unknown.headers.at("www-authenticate"), Catch::Contains("invalid_token"));
    CHECK(problem_of(http.get("/orders", "sk_test_1")) == "key-refused");

    CHECK(eventually([&] { return http.get("/orders", key).status == 200; }));
    CHECK(eventually([&] { return http.get("/payouts", key).status == 200; }));
    const std::pair<const char*, const char*> others[] = {{"/entitlements", "entitlements:read"},
                                                          {"/connect/accounts", "accounts:read"},
                                                          {"/events", "events:read"},
                                                          {"/projections", "projections:read"}};
    for (const auto& [path, scope] : others) {
        const auto refused = http.get(path, key);
        CHECK(problem_of(refused) == "scope-missing");
        CHECK_THAT(Json(refused.body).text("/detail"), Catch::Contains(scope));
    }
    CHECK(problem_of(http.get("/orders", service.key({"events:read"}))) == "scope-missing");

    const auto revoked =
        run_daybook({"keys", "revoke", made.text("/key_id")}, service.environment());
    CHECK(revoked.exit_code == 0);
    CHECK(eventually([&] { return http.get("/orders", key).status == 401; }));
    CHECK(problem_of(http.get("/orders", key)) == "key-refused");
}

TEST_CASE("lists are filtered, paged without gaps or repeats, and refuse what they do not know") {
    Marketplace day;
    const auto partly = sales(partly_refunded);
    REQUIRE(!partly.empty());
    const auto& some = partly.front();
    const auto orders = [&day](const std::string& filters) {
        return column(day.ask("/orders?limit=100&" + filters), "order_id");
    };
    const auto includes = [](const Texts& all, const Texts& wanted) {
        return !wanted.empty() && std::ranges::includes(all, wanted);
    };
    // What is paid for by subscription has no charge with its names on it.
    CHECK(includes(orders("status=partially_refunded"), orders_of(partly)));
    CHECK(includes(orders("status=refunded"), orders_of(sales([](const Sale& sale) {
                       return !sale.disputed && sale.refunded == sale.amount;
                   }))));
    const auto of_seller = sales([&](const Sale& sale) { return sale.seller == some.seller; });
    CHECK(includes(orders("seller=" + some.seller), orders_of(of_seller)));
    const auto of_buyer = sales([&](const Sale& sale) { return sale.user == some.user; });
    CHECK(includes(orders("buyer=" + some.user), orders_of(of_buyer)));
    for (const auto& filter : {"status=paid", "status=partially_refunded"})
        for (const auto row : day.ask(fmt::format("/orders?limit=100&{}", filter)).data())
            CHECK(fmt::format("status={}", std::string_view(row["status"])) == filter);
    const auto narrow =
        day.ask(fmt::format("/orders?complete=true&product_id={}&buyer={}&seller={}", some.product,
                            some.user, some.seller));
    CHECK(column(narrow, "order_id").contains(some.order));
    for (const auto row : narrow.data())
        CHECK(std::string_view(row["seller_account"]) == some.seller);
    CHECK(day.ask("/orders?created_after=2100-01-01T00:00:00Z").data().size() == 0);

    const auto all = column(day.ask("/orders?limit=100"), "order_id");
    CHECK(all.size() > 10);
    Texts visited;
    std::string next = "/orders?limit=3";
    while (!next.empty()) {
        const auto page = day.ask(next);
        visited.merge(column(page, "order_id"));
        REQUIRE(page.data().size() <= 3);
        next = page.boolean("/has_more") ? "/orders?limit=3&cursor=" + page.text("/next_cursor")
                                         : std::string();
    }
    CHECK(visited == all);

    for (const char* limit : {"0", "101", "-1", "x", ""})
        CHECK(day.refusal(fmt::format("/orders?limit={}", limit)) == "invalid-parameter");
    CHECK(day.refusal("/orders?status=paid&status=failed") == "invalid-parameter");
    CHECK(day.refusal("/orders?created_after=yesterday") == "invalid-parameter");
    CHECK(day.refusal("/orders?complete=maybe") == "invalid-parameter");
    CHECK(day.refusal("/orders?status=payed") == "invalid-parameter");
    CHECK(day.refusal("/connect/accounts?readiness=complete") == "invalid-parameter");
    CHECK(day.refusal("/orders?sellers=acct_1") == "unknown-parameter");
    CHECK(day.refusal(fmt::format("/orders/{}?limit=1", some.order)) == "unknown-parameter");
    CHECK(day.refusal("/orders?cursor=nonsense") == "invalid-cursor");
    const auto payouts = day.ask("/payouts?limit=1");
    CHECK(day.refusal("/orders?cursor=" + payouts.text("/next_cursor")) == "invalid-cursor");
    CHECK(day.refusal("/orders?cursor=" + std::string(5000, 'A')) == "invalid-cursor");
}

TEST_CASE("after a day of webhooks each record answers with its parts and its history") {
    Marketplace day;
    const auto sale = sales(partly_refunded).at(0);
    const auto order = day.ask("/orders/" + sale.order);
    CHECK(order.text("/status") == "partially_refunded");
    CHECK(order.number("/amount") == sale.amount);
    CHECK(order.number("/amount_refunded") == sale.refunded);
    CHECK(order.text("/seller_account") == sale.seller);
    CHECK(order.text("/items/0/product_id") == sale.product);
    CHECK(order.number("/transactions/0/amount") == sale.amount);
    CHECK(order.number("/refunds/0/amount") == sale.refunded);
    CHECK(simdjson::dom::array(order["disputes"]).size() == 0);
    Texts types;
    std::int64_t last = 0;
    for (const auto step : simdjson::dom::array(order["timeline"])) {
        types.emplace(std::string_view(step["type"]));
        CHECK(last <= std::int64_t(step["occurred_at"]));
        last = step["occurred_at"];
    }
    CHECK(types.contains("payment_intent.succeeded"));
    CHECK(types.contains("charge.refunded"));
    for (const auto& dispute : day_objects("dispute")) {
        const auto disputed =
            sales([&](const Sale& one) { return one.charge == sim::text(dispute, "charge"); });
        if (disputed.empty()) continue;
        const auto dispute_of = day.ask("/orders/" + disputed.front().order);
        CHECK(dispute_of.text("/disputes/0/status") == sim::text(dispute, "status"));
    }
    for (const char* unknown : {"/orders/ord_none", "/payouts/po_none",
                                "/connect/accounts/acct_none", "/events/evt_none"})
        CHECK(day.refusal(unknown) == "no-such-record");
}

TEST_CASE("after a day of webhooks it is known who may use what, and how sellers stand") {
    Marketplace day;
    const auto granted_by = [&day](const Sale& sale) {
        const auto granted =
            day.ask(fmt::format("/entitlements?user_id={}&product_id={}", sale.user, sale.product));
        std::optional<bool> active;
        for (const auto row : granted.data())
            if (std::string_view(row["source_id"]) == sale.order) active = bool(row["active"]);
        return active;
    };
    const auto kept = sales(partly_refunded).at(0);
    CHECK(granted_by(kept) == true);
    CHECK(granted_by(sales([](const Sale& sale) {
                         return !sale.disputed && sale.refunded == sale.amount;
                     }).at(0)) == false);
    for (const auto row : day.ask("/entitlements?active=false&limit=100").data())
        CHECK_FALSE(bool(row["active"]));

    CHECK(column(day.ask("/connect/accounts"), "account_id").contains(kept.seller));
    const auto account = day.ask("/connect/accounts/" + kept.seller);
    CHECK(account.text("/country").size() == 2);
    CHECK_FALSE(account.text("/readiness").empty());
    const auto left = day.ask("/events?type=account.application.deauthorized&limit=1");
    CHECK(day.ask("/connect/accounts/" + left.text("/data/0/account")).boolean("/deauthorized"));

    const auto failed = day.ask("/payouts?status=failed");
    const auto told = day.ask("/events?type=payout.failed&limit=100");
    CHECK(column(failed, "payout_id") == column(told, "object_id"));
    const auto one = day.ask("/payouts/" + failed.text("/data/0/payout_id"));
    CHECK(one.text("/failure_code") == "account_closed");
    CHECK(day.ask("/payouts?account=" + one.text("/account_id")).data().size() >= 1);
}

TEST_CASE("docs/api.md names every field that a record has") {
    Marketplace day;
    const auto page = api_page();
    for (const char* list :
         {"/orders", "/entitlements", "/connect/accounts", "/payouts", "/events", "/projections"}) {
        const auto rows = day.ask(list);
        REQUIRE(rows.data().size() > 0);
        for (const auto field : simdjson::dom::object(rows.data().at(0))) {
            INFO(list << " " << field.key);
            const auto told = page.find(fmt::format("`{}`", field.key)) != std::string::npos;
            const auto shown = page.find(fmt::format("\"{}\":", field.key)) != std::string::npos;
            CHECK((told || shown));
        }
    }
}

TEST_CASE("the log is read in either direction, and an event comes as it was received") {
    Marketplace day;
    const auto deliveries = day_deliveries();
    const auto head = static_cast<std::int64_t>(deliveries.size());
    CHECK(day.ask("/events?limit=1").number("/data/0/position") == head);
    CHECK(day.ask("/events?after=7&limit=1").number("/data/0/position") == 8);
    const auto failed = day.ask("/events?type=payout.failed&limit=1").text("/data/0/object_id");
    const auto about = day.ask(fmt::format("/events?object_id={}&limit=100", failed));
    CHECK(about.data().size() >= 2);
    CHECK(column(about, "object_id").count(failed) == about.data().size());
    CHECK(day.ask("/events?until=2020-01-01T00:00:00Z").data().size() == 0);
    CHECK(day.refusal("/events?after=x") == "invalid-parameter");
    CHECK(day.refusal("/events?after=99999999999999999999") == "invalid-parameter");

    const auto id = day.ask("/events?after=0&limit=1").text("/data/0/event_id");
    const auto& received = deliveries.front().body;
    const auto answer = day.http.get("/events/" + id, day.admin);
    CHECK(answer.body.find("\"payload\":" + received) != std::string::npos);
    CHECK(Json(answer.body).text("/payload/id") == id);
    CHECK(day.http.get("/events/1", day.admin).body == answer.body);
    CHECK(Json(answer.body).number("/payload_bytes") == static_cast<std::int64_t>(received.size()));

    const auto projections = day.ask("/projections");
    CHECK(column(projections, "name") == names_of_projections());
    for (const auto projection : projections.data()) {
        CHECK(std::string_view(projection["state"]) == "live");
        CHECK(std::int64_t(projection["lag"]) == 0);
        CHECK(std::int64_t(projection["position"]) == head);
        CHECK(std::string_view(projection["digest"]).size() == 64);
    }
}

TEST_CASE("what happened to one object is found without reading the log") {
    // given a log of twenty thousand events of as many objects
    Service service;
    const auto admin = service.key({"admin"});
    auto db = service.database.connect();
    db.run(
        "INSERT INTO ledger.events (log_id, position, event_id, source, type, object_id, livemode,"
        " occurred_at, recorded_at, payload, payload_sha256)"
        " SELECT 0, i, 'evt_' || i, 'webhook', 'charge.updated', 'ch_' || md5(i::text), false,"
        "  now(), now(), (SELECT string_agg(sha256(int8send(i * 100 + k)), '')"
        "  FROM generate_series(1, 24) k), sha256('') FROM generate_series(1, 20000) i");
    db.run("VACUUM ANALYZE ledger.events");  // autovacuum does it every hundred thousand events
    const auto used = [&db] {
        return db
            .run(
                "SELECT idx_scan > 0 FROM pg_stat_user_indexes"
                " WHERE indexrelname = 'events_by_object'")
            .boolean(0, 0);
    };
    REQUIRE_FALSE(used());
    // when events of one of them, and of one that has none, are asked for
    CHECK(eventually([&] {
        for (const auto& [object, events] :
             {std::pair("ch_827ccb0eea8a706c4c34a16891f84e7b", 1), std::pair("ch_of_nobody", 0)}) {
            const auto answer =
                service.http.get(fmt::format("/events?object_id={}", object), admin);
            INFO(answer.body);
            REQUIRE(answer.status == 200);
            CHECK(Json(answer.body).data().size() == static_cast<std::size_t>(events));
        }
        // then they were found by their index
        return used();
    }));
}

TEST_CASE("a query of a replay answers from its tables, beside the live ones") {
    Marketplace day;
    const auto sale = sales(partly_refunded).at(0);
    const auto path = "/orders/" + sale.order;
    std::int64_t refund = 0;
    const auto order = day.ask(path);
    for (const auto step : simdjson::dom::array(order["timeline"]))
        if (std::string_view(step["type"]) == "refund.created") refund = step["position"];
    REQUIRE(refund > 1);
    const auto replayed = run_daybook(
        {"replay", "--as-of", std::to_string(refund - 1), "--into", "before"}, day.environment());
    INFO(replayed.out << replayed.err);
    REQUIRE(replayed.exit_code == 0);
    CHECK(day.ask(path + "?replay=before").text("/status") == "paid");
    CHECK(day.ask(path).text("/status") == "partially_refunded");
    const auto earlier = day.ask("/orders?replay=before&status=partially_refunded");
    CHECK_FALSE(column(earlier, "order_id").contains(sale.order));
    CHECK(day.ask("/entitlements?replay=before&user_id=" + sale.user).data().size() >= 1);
    CHECK(day.ask("/connect/accounts?replay=before").data().size() >= 1);
    CHECK(day.ask("/payouts?replay=before").data().size() <= day.ask("/payouts").data().size());
    const auto standing = day.ask("/projections?replay=before");
    CHECK(standing.number("/data/0/position") == refund - 1);
    const auto all = projections::all_projections().size();
    CHECK(column(standing, "state").count("replay") == all);
    CHECK(column(day.ask("/replays"), "name") == Texts{"before"});

    CHECK(day.refusal("/orders?replay=after") == "no-such-replay");
    CHECK(day.refusal("/orders?replay=app%22%3B--") == "invalid-parameter");
    CHECK(run_daybook({"replays", "drop", "before"}, day.environment()).exit_code == 0);
    CHECK(day.refusal(path + "?replay=before") == "no-such-replay");
}

TEST_CASE("an event that cannot be folded is set aside and shown, and stops nothing") {
    Service service;
    const auto admin = service.key({"admin"});
    const std::string poisoned =
        R"({"id":"evt_poison","object":"event","created":1790000000,"livemode":false,)"
        R"("type":"charge.succeeded","data":{"object":{"id":"ch_1","object":"charge",)"
        R"("amount":"a lot","currency":"usd","created":1790000000}}})";
    CHECK(service.http.webhook(platform_path, event_body("evt_1"), platform_secret).status == 200);
    CHECK(service.http.webhook(platform_path, poisoned, platform_secret).status == 200);
    CHECK(service.http.webhook(platform_path, event_body("evt_3"), platform_secret).status == 200);
    REQUIRE(eventually([&] { return caught_up(service, admin); }));
    const auto listed = service.http.get("/exceptions?projection=orders", admin).body;
    INFO(listed);
    const Json aside(listed);
    REQUIRE(aside.data().size() == 1);
    CHECK(aside.text("/data/0/event_id") == "evt_poison");
    CHECK(aside.number("/data/0/position") == 2);
    CHECK_FALSE(aside.text("/data/0/error").empty());
    const Json page(service.http.get("/projections", admin).body);
    for (const auto projection : page.data())
        if (std::string_view(projection["name"]) == "orders") {
            CHECK(std::string_view(projection["state"]) == "degraded");
            CHECK(std::int64_t(projection["exceptions"]) == 1);
            CHECK(std::int64_t(projection["position"]) == 3);
        }
    const Json orders(service.http.get("/orders", admin).body);
    CHECK(orders.data().size() == 2);
}
