// What the log learns from a webhook's body, and what it refuses.
#include <api/envelope.hpp>

#include <catch2/catch.hpp>

using namespace daybook;
using namespace daybook::api;

namespace {

constexpr Microseconds received = 1'790'000'100'000'000;

NewEvent read(const std::string& body) {
    const auto event = parse_envelope(body, received);
    REQUIRE(event.has_value());
    return *event;
}

EnvelopeFailure refusal(const std::string& body) {
    const auto event = parse_envelope(body, received);
    REQUIRE_FALSE(event.has_value());
    return event.error();
}

}  // namespace

TEST_CASE("A snapshot event gives all that its envelope says") {
    const std::string body = R"({
  "id": "evt_1", "object": "event", "account": "acct_7", "api_version": "2026-10-28.endive",
  "created": 1790000000, "livemode": true, "type": "charge.succeeded",
  "data": {"object": {"id": "ch_1", "object": "charge"}},
  "request": {"id": "req_1", "idempotency_key": "key-1"}
})";
    const auto event = read(body);
    CHECK(event.event_id == "evt_1");
    CHECK(event.source == Source::webhook);
    CHECK(event.type == "charge.succeeded");
    CHECK(event.object_id == "ch_1");
    CHECK(event.account == "acct_7");
    CHECK(event.livemode);
    CHECK(event.api_version == "2026-10-28.endive");
    CHECK(event.occurred_at == 1'790'000'000'000'000);
    CHECK(event.causation_id == "req_1");
    CHECK(event.correlation_id == "key-1");
    CHECK(event.payload == body);
}

TEST_CASE("A thin event names its object, its time and its request in other places") {
    const auto event = read(R"({"id":"evt_2","object":"v2.core.event","type":"v1.charge.succeeded",
        "created":"2026-09-21T14:13:20.250Z","livemode":false,
        "related_object":{"id":"ch_2","type":"charge","url":"/v1/charges/ch_2"},
        "reason":{"type":"request","request":{"id":"req_2","idempotency_key":"key-2"}}})");
    CHECK(event.object_id == "ch_2");
    CHECK(event.occurred_at == 1'790'000'000'250'000);
    CHECK(event.causation_id == "req_2");
    CHECK(event.correlation_id == "key-2");
    CHECK_FALSE(event.livemode);
}

TEST_CASE("Whatever an event does not say stays empty") {
    const auto event = read(R"({"id":"evt_3","type":"of.tomorrow","account":null,"request":null,
        "api_version":null,"data":{"object":{"object":"balance"}},"livemode":"no"})");
    CHECK(event.object_id.empty());
    CHECK(event.account.empty());
    CHECK(event.api_version.empty());
    CHECK(event.causation_id.empty());
    CHECK(event.correlation_id.empty());
    CHECK_FALSE(event.livemode);
}

TEST_CASE("A time that is none gives way to the time of receipt") {
    for (const auto* created : {"null", "-1", "\"yesterday\"", "1790000000.5", "253402300800",
                                "\"2026-13-01T00:00:00Z\"", "\"2026-09-21T14:13:20\"", "{}"}) {
        INFO(created);
        CHECK(read(std::string(R"({"id":"e","type":"t","created":)") + created + "}").occurred_at ==
              received);
    }
}

TEST_CASE("An RFC 3339 time may have an offset and more digits than we keep") {
    CHECK(read(R"({"id":"e","type":"t","created":"2026-09-21T16:13:20.1234567+02:00"})")
              .occurred_at == 1'790'000'000'123'456);
}

TEST_CASE("A body that is not one JSON object is refused") {
    for (const auto* body : {"", " ", "{", "{\"id\":\"e\"", "{\"id\":\"e\",}", "{'id':'e'}", "nul",
                             "{\"id\":\"e\",\"type\":\"t\"} {}", "{\"id\":\"\xff\"}"}) {
        INFO(body);
        CHECK(refusal(body) == EnvelopeFailure::not_json);
    }
    for (const auto* body : {"[]", "\"evt_1\"", "17", "null"}) {
        INFO(body);
        CHECK(refusal(body) == EnvelopeFailure::not_an_object);
    }
}

TEST_CASE("An event without an identity or a type is refused") {
    CHECK(refusal(R"({"type":"t"})") == EnvelopeFailure::no_id);
    CHECK(refusal(R"({"id":17,"type":"t"})") == EnvelopeFailure::no_id);
    CHECK(refusal(R"({"id":"","type":"t"})") == EnvelopeFailure::no_id);
    CHECK(refusal(R"({"id":"a\u0000b","type":"t"})") == EnvelopeFailure::no_id);
    CHECK(refusal(R"({"id":")" + std::string(256, 'x') + R"(","type":"t"})") ==
          EnvelopeFailure::no_id);
    CHECK(refusal(R"({"id":"e"})") == EnvelopeFailure::no_type);
    CHECK(refusal(R"({"id":"e","type":null})") == EnvelopeFailure::no_type);
}

TEST_CASE("An optional name that Postgres could not keep is left out and loses no event") {
    CHECK(read(R"({"id":"e","type":"t","account":"a\u0000b"})").account.empty());
    CHECK(read(R"({"id":"e","type":"t","account":")" + std::string(300, 'x') + "\"}")
              .account.empty());
}

TEST_CASE("A number beyond 64 bits in some field is no reason to refuse the event") {
    const auto body = R"({"id":"e","type":"t","created":1790000000,"x":100000000000000000000})";
    const auto event = read(body);
    CHECK(event.occurred_at == 1'790'000'000'000'000);
    CHECK(event.payload == body);
}

TEST_CASE("A big document is read like a small one, and so is the next") {
    const auto big = R"({"id":"e","type":"t","note":")" + std::string(1 << 20, 'x') + "\"}";
    CHECK(read(big).payload.size() == big.size());
    CHECK(read(R"({"id":"after","type":"t"})").event_id == "after");
}
