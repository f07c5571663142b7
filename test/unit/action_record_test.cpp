// Actions as the log keeps them: what is written is what is read again.
#include <api/actions/collections.hpp>
#include <api/actions/record.hpp>

#include <catch2/catch.hpp>

using namespace daybook;
using namespace daybook::api;

namespace {

Plan some_plan() {
    Plan plan;
    plan.id = action_id("order-1", false, "");
    plan.kind = "gateway";
    plan.method = "POST";
    plan.path = "/v1/refunds";
    plan.idempotency_key = "order-1";
    plan.fingerprint = "f00d";
    plan.account = "acct_1";
    plan.requester = {"key_1", "127.0.0.1", "curl \"8\"", "req-1"};
    plan.steps = {{.path = "/v1/refunds?expand[]=charge",
                   .body = "charge=ch_1&reason=it%20broke",
                   .account = "acct_1",
                   .version = "2026-10-28.endive",
                   .headers = {{"Stripe-Context", "a/b"}}}};
    plan.decisions = R"({"order_id":"o_1","amount":100})";
    plan.requested_at = 1'763'000'000;
    return plan;
}

Outcome some_outcome(std::string body) {
    Outcome outcome;
    outcome.state = ActionState::succeeded;
    outcome.answers = {{200, {{"Request-Id", "req_9"}}, body}};
    outcome.response = {.status = 200,
                        .content_type = {},
                        .body = std::move(body),
                        .headers = "Request-Id: req_9\r\n"};
    outcome.snapshot_at = 1'763'000'001'000'000;
    return outcome;
}

}  // namespace

TEST_CASE("A key stands for one action, per mode and connected account") {
    CHECK(action_id("a", false, "") == action_id("a", false, ""));
    CHECK(action_id("a", false, "") != action_id("a", true, ""));
    CHECK(action_id("a", false, "") != action_id("a", false, "acct_1"));
    CHECK(action_id("b", false, "a") != action_id("ab", false, ""));
    CHECK(action_id("", false, "") != action_id("", false, ""));
    CHECK(action_id("a", false, "").size() == 36);
}

TEST_CASE("A plan comes back from its event as it was") {
    const auto plan = some_plan();
    const auto event = requested_event(plan);
    CHECK(event.event_id == plan.id);
    CHECK(event.account == "acct_1");
    const auto read = plan_of(event.payload);
    CHECK(read.id == plan.id);
    CHECK(read.fingerprint == plan.fingerprint);
    CHECK(read.idempotency_key == plan.idempotency_key);
    CHECK(read.requested_at == plan.requested_at);
    CHECK(read.requester.user_agent == plan.requester.user_agent);
    CHECK(read.decisions == plan.decisions);
    REQUIRE(read.steps.size() == 1);
    CHECK(read.steps[0].path == plan.steps[0].path);
    CHECK(read.steps[0].body == plan.steps[0].body);
    CHECK(read.steps[0].version == plan.steps[0].version);
    CHECK(read.steps[0].headers == plan.steps[0].headers);
}

TEST_CASE("An answer comes back byte for byte, JSON or not") {
    const auto* body = GENERATE("{\n  \"id\": \"pi_1\",\n  \"amount\":  100\n}\n", "{}", "",
                                "<html>Bad \"Gateway\"\x01</html>", "[1, 2]", "{\"a\": }");
    const auto event = outcome_event(some_plan(), some_outcome(body));
    const auto read = final_of(event.payload, 7);
    CHECK(read.response.body == body);
    CHECK(read.response.headers == "Request-Id: req_9\r\n");
    CHECK(read.response.status == 200);
    CHECK(read.position == 7);
    CHECK(read.state == ActionState::succeeded);
    CHECK(event.type == "action.succeeded");
    CHECK(event.occurred_at == 1'763'000'001'000'000);
}

TEST_CASE("Bytes that are no text survive the log") {
    auto plan = some_plan();
    const std::string bytes("\x89PNG\xff\xfe\0x", 8);
    plan.steps[0].body = bytes;
    CHECK(plan_of(requested_event(plan).payload).steps[0].body == bytes);
    CHECK(final_of(outcome_event(plan, some_outcome(bytes)).payload, 1).response.body == bytes);
}

TEST_CASE("An answer of our own is kept beside Stripe's object") {
    auto outcome = some_outcome(R"({"id":"pi_1","object":"payment_intent"})");
    outcome.response.body = R"({"order_id":"o_1"})";
    outcome.response.content_type = "application/json";
    const auto event = outcome_event(some_plan(), outcome);
    CHECK(final_of(event.payload, 1).response.body == R"({"order_id":"o_1"})");
    CHECK_THAT(event.payload,
               Catch::EndsWith(R"("data":{"object":{"id":"pi_1","object":"payment_intent"}}})"));
    CHECK_THAT(event.payload, Catch::Contains(R"("object_id":"pi_1")"));
}

TEST_CASE("A path is taken apart into collection, id and verb") {
    const auto confirm = taken_apart("/v1/payment_intents/pi_1/confirm?expand[]=x");
    REQUIRE(confirm.collection);
    CHECK(confirm.collection->object == "payment_intent");
    CHECK(confirm.collection_path == "/v1/payment_intents");
    CHECK(confirm.id == "pi_1");
    CHECK(confirm.verb == "confirm");
    const auto session = taken_apart("/v1/checkout/sessions");
    REQUIRE(session.collection);
    CHECK(session.collection->object == "checkout.session");
    CHECK(session.id.empty());
    CHECK(taken_apart("/v2/core/event_destinations/ed_1").id == "event_destinations");
    CHECK_FALSE(taken_apart("/v1/account_links").collection);
}

TEST_CASE("Calls that touch the same objects know it") {
    using Objects = std::vector<std::string>;
    CHECK(objects_of("/v1/payment_intents/pi_1/confirm", "") == Objects{"pi_1"});
    CHECK(objects_of("/v1/subscriptions", "customer=cus_9&items[0][price]=p") == Objects{"cus_9"});
    CHECK(objects_of("/v1/refunds", "payment_intent=pi_3&amount=1") == Objects{"pi_3"});
    CHECK(objects_of("/v1/payment_intents", "amount=1").empty());
    CHECK(objects_of("/v1/payment_intents/search", "").empty());
}
