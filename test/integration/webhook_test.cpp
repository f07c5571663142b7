// Webhooks against the running service: what is accepted, refused and kept, and when Postgres goes.
#include <ledger/sha256.hpp>
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <ctime>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::size_t body_bytes_max = std::size_t{2} << 20;

std::string secret_matches(std::string_view endpoint, int secret, std::string_view text) {
    return fmt::format(
        R"(daybook_webhook_secret_matches_total{{endpoint="{}",secret="{}",fingerprint="{}"}})",
        endpoint, secret, hex(sha256(text)).substr(0, 8));
}

std::string outcome(std::string_view endpoint, std::string_view name) {
    return fmt::format(R"(daybook_webhooks_total{{endpoint="{}",outcome="{}"}})", endpoint, name);
}

/// An event of exactly this many bytes.
std::string event_of_size(std::string_view id, std::size_t bytes) {
    const auto frame = event_body(id, "charge.succeeded", R"(,"padding":"")");
    const auto padding = std::string(bytes - frame.size(), 'x');
    return event_body(id, "charge.succeeded", fmt::format(R"(,"padding":"{}")", padding));
}

std::string chunked(std::string_view body, std::string_view signature) {
    auto request = fmt::format(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nStripe-Signature: {}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
        platform_path, signature);
    for (constexpr std::size_t piece = 100'000; !body.empty();) {
        const auto chunk = body.substr(0, piece);
        request += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
        body.remove_prefix(chunk.size());
    }
    return request + "0\r\n\r\n";
}

std::string signed_now(std::string_view body) {
    return stripe_signature(body, platform_secret, std::time(nullptr));
}

/// Whether the log has this event once, with exactly these bytes and their SHA-256.
bool kept_exactly(const Database& database, std::string_view id, const std::string& body) {
    auto db = database.connect();
    const auto row =
        db.run("SELECT payload = $2 AND payload_sha256 = $3 FROM ledger.events WHERE event_id = $1",
               pg::Params().text(id).binary(body).binary(sha256(body)));
    return row.rows() == 1 && row.boolean(0, 0);
}

std::int64_t events_in(const Database& database) {
    return database.connect().run("SELECT count(*) FROM ledger.events").number(0, 0);
}

}  // namespace

TEST_CASE("a webhook is acknowledged with its position, and so is every later delivery of it") {
    Service service;
    for (int position = 1; position <= 3; ++position) {
        const auto id = fmt::format("evt_{}", position);
        const auto* path = position == 2 ? connect_path : platform_path;
        const auto* secret = position == 2 ? connect_secret : platform_secret;
        for (const char* duplicate : {"false", "true", "true"}) {
            const auto answer = service.http.webhook(path, event_body(id), secret);
            CHECK(answer.status == 200);
            CHECK(answer.body == fmt::format(R"({{"position":{},"duplicate":{},"event_id":"{}"}})",
                                             position, duplicate, id));
        }
    }
    // The other endpoint knows it too; the bytes that came first stay.
    const auto changed = event_body("evt_1", "charge.failed");
    CHECK_THAT(service.http.webhook(connect_path, changed, connect_secret).body,
               Catch::Contains(R"("position":1,"duplicate":true)"));
    CHECK(kept_exactly(service.database, "evt_1", event_body("evt_1")));
    CHECK(events_in(service.database) == 3);
    CHECK(metric(service.serve.port(), outcome(platform_path, "accepted")) == 2);
    CHECK(metric(service.serve.port(), outcome(platform_path, "duplicate")) == 4);
    CHECK(metric(service.serve.port(), outcome(connect_path, "duplicate")) == 3);
}

TEST_CASE("an endpoint takes its own secrets only, and counts which of them still signs") {
    constexpr char fresh[] = "whsec_new_of_a_rotation_000000000001";
    constexpr char old[] = "whsec_old_of_a_rotation_000000000002";
    Service service({{"STRIPE_WEBHOOK_SECRET", fmt::format("{}, {}", fresh, old)},
                     {"DAYBOOK_LOG_LEVEL", "trace"}});
    const auto send = [&service](const char* path, const std::string& id, const char* secret) {
        return service.http.webhook(path, event_body(id), secret);
    };
    CHECK(send(platform_path, "evt_1", fresh).status == 200);
    CHECK(send(platform_path, "evt_2", old).status == 200);
    CHECK(send(platform_path, "evt_3", old).status == 200);
    CHECK(send(connect_path, "evt_4", connect_secret).status == 200);
    CHECK(problem_of(send(platform_path, "evt_5", connect_secret)) == "signature-mismatch");
    CHECK(problem_of(send(connect_path, "evt_6", fresh)) == "signature-mismatch");
    CHECK(problem_of(send(connect_path, "evt_7", old)) == "signature-mismatch");
    const auto port = service.serve.port();
    CHECK(metric(port, secret_matches(platform_path, 0, fresh)) == 1);
    CHECK(metric(port, secret_matches(platform_path, 1, old)) == 2);
    CHECK(metric(port, secret_matches(connect_path, 0, connect_secret)) == 1);
    CHECK(metric(port, outcome(connect_path, "signature-mismatch")) == 2);

    CHECK(service.serve.stop() == 0);
    const auto said = service.serve.output();
    CHECK_THAT(said, Catch::Contains("signature-mismatch"));
    for (const char* secret : {fresh, old, connect_secret})
        CHECK(said.find(std::string_view(secret).substr(6)) == std::string::npos);
}

TEST_CASE("a webhook that cannot be trusted or read is refused with the reason, and not kept") {
    Service service;
    const auto body = event_body("evt_1");
    const auto with = [&](const std::string& signature) {
        return problem_of(
            service.http.post(platform_path, body, {{"Stripe-Signature", signature}}));
    };
    const auto now = std::time(nullptr);
    CHECK(problem_of(service.http.post(platform_path, body)) == "signature-missing");
    CHECK(with(" ") == "signature-missing");
    CHECK(with("v1=" + std::string(64, 'a')) == "signature-malformed");
    CHECK(with("t=soon,v1=" + std::string(64, 'a')) == "signature-malformed");
    CHECK(with(fmt::format("t={},v0={}", now, std::string(64, 'a'))) == "signature-without-v1");
    CHECK(with(stripe_signature(body, "whsec_someone_else", now)) == "signature-mismatch");
    CHECK(with(stripe_signature(body + " ", platform_secret, now)) == "signature-mismatch");
    CHECK(with(stripe_signature(body, platform_secret, now - 330)) == "signature-stale");

    const auto sent = [&service](const std::string& text) {
        return problem_of(service.http.webhook(platform_path, text, platform_secret));
    };
    CHECK(sent("") == "body-not-json");
    CHECK(sent("id=evt_1&type=charge.succeeded") == "body-not-json");
    CHECK(sent(body.substr(0, body.size() - 1)) == "body-not-json");
    CHECK(sent("{\"id\":\"evt_\xff\",\"type\":\"charge.succeeded\"}") == "body-not-json");
    CHECK(sent("[" + body + "]") == "body-not-an-object");
    CHECK(sent(R"({"type":"charge.succeeded"})") == "event-without-id");
    CHECK(sent(R"({"id":7,"type":"charge.succeeded"})") == "event-without-id");
    CHECK(sent(R"({"id":"","type":"charge.succeeded"})") == "event-without-id");
    CHECK(sent(R"({"id":"evt_1"})") == "event-without-type");
    CHECK(sent(R"({"id":"evt_1","type":null})") == "event-without-type");
    CHECK(events_in(service.database) == 0);
    CHECK(metric(service.serve.port(), outcome(platform_path, "signature-stale")) == 1);
}

TEST_CASE("a body of 2 MiB is taken and a longer one refused, whichever way it is framed") {
    Service service;
    const auto fits = event_of_size("evt_fits", body_bytes_max);
    CHECK(service.http.webhook(platform_path, fits, platform_secret).status == 200);
    const auto fits_chunked = event_of_size("evt_chunks", body_bytes_max);
    CHECK(service.http.raw(chunked(fits_chunked, signed_now(fits_chunked))).status == 200);
    CHECK(kept_exactly(service.database, "evt_fits", fits));
    CHECK(kept_exactly(service.database, "evt_chunks", fits_chunked));

    const auto longer = event_of_size("evt_longer", body_bytes_max + 1);
    CHECK(problem_of(service.http.webhook(platform_path, longer, platform_secret)) ==
          "body-too-large");
    CHECK(problem_of(service.http.raw(chunked(longer, signed_now(longer)))) == "body-too-large");
    // The announcement is enough: nobody has to send it all first.
    CHECK(problem_of(service.http.raw(fmt::format(
              "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
              platform_path))) == "body-too-large");
    CHECK(events_in(service.database) == 2);
    CHECK(service.http.webhook(platform_path, event_body("evt_after"), platform_secret).status ==
          200);
}

TEST_CASE("whatever Stripe may send is kept byte for byte, known or not") {
    Service service;
    const std::vector<std::pair<std::string, std::string>> bodies = {
        {"evt_type", event_body("evt_type", "loyalty.points_granted")},
        {"evt_fields",
         event_body("evt_fields", "charge.succeeded",
                    R"(,"next_year":{"a":[1.50,null]},"text":"\u00e9 é \ud83d\ude00")")},
        {"evt_old", R"({"id":"evt_old","api_version":"2011-08-01","type":"charge.succeeded"})"},
        {"evt_thin",
         R"({"id":"evt_thin","object":"v2.core.event","created":"2026-11-19T20:00:00.000Z",)"
         R"("livemode":false,"related_object":{"id":"acct_1","type":"account"},)"
         R"("type":"v1.account.updated"})"},
        {"evt_live", R"({"id":"evt_live","type":"charge.succeeded","livemode":true,)"
                     R"("created":1790000000,"data":{"object":{"id":"ch_live"}}})"},
        {"evt_space", "\n { \"type\" :\t\"a.b\",\r\n\"id\": \"evt_space\" }\n\n"},
    };
    for (const auto& [id, body] : bodies) {
        INFO(body);
        CHECK(service.http.webhook(platform_path, body, platform_secret).status == 200);
        CHECK(kept_exactly(service.database, id, body));
    }
    const auto key = service.key({"events:read"});
    const Json thin(service.http.get("/events/evt_thin", key).body);
    CHECK(thin.text("/type") == "v1.account.updated");
    CHECK(thin.number("/occurred_at") == 1795118400);
    CHECK(Json(service.http.get("/events/evt_live", key).body).boolean("/livemode"));
    CHECK(Json(service.http.get("/events/evt_old", key).body).text("/api_version") == "2011-08-01");
}

TEST_CASE("without its database the service refuses webhooks, says so, and comes back by itself") {
    Service service;
    const Database other;  // to turn the first one's door from
    auto admin = other.connect();
    const auto name =
        std::string(service.database.connect().run("SELECT current_database()").text(0, 0));
    const auto send = [&service](int number) {
        return service.http.webhook(platform_path, event_body(fmt::format("evt_{}", number)),
                                    platform_secret);
    };
    CHECK(send(0).status == 200);
    const auto key = service.key({"admin"});
    CHECK(service.http.get("/events", key).status == 200);

    admin.run(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false", name));
    service.database.end_sessions();
    for (int number = 1; number <= 20; ++number) {
        const auto refused = send(number);
        CHECK(refused.status == 503);
        CHECK_THAT(problem_of(refused),
                   Catch::Equals("database-unavailable") || Catch::Equals("append-unsettled"));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    CHECK(service.http.get("/healthz").status == 200);
    CHECK(problem_of(service.http.get("/readyz")) == "not-ready");
    CHECK(problem_of(service.http.get("/orders", key)) == "database-unavailable");
    CHECK(metric(service.serve.port(), "daybook_database_connected") == 0);

    admin.run(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true", name));
    CHECK(eventually([&service] { return service.http.get("/readyz").status == 200; }));
    CHECK(events_in(service.database) == 1);
    for (int number = 0; number <= 20; ++number) {
        INFO(number);
        CHECK(send(number).status == 200);
    }
    CHECK(events_in(service.database) == 21);
    CHECK(eventually([&] { return service.http.get("/orders", key).status == 200; }));
}
