// Stripe's errors as our clients meet them: what they may know, and nothing that would warn a
// thief.
#include <api/marketplace/stripe_problem.hpp>

#include <simdjson.h>
#include <catch2/catch.hpp>

using namespace daybook::api;

namespace {

Plan plan_of_order() {
    Plan plan;
    plan.id = "act_1";
    plan.decisions = R"({"order_id":"ord_1"})";
    plan.requester.request_id = "request-1";
    return plan;
}

StripeAnswer answer(int status, std::string body) {
    return {.status = status, .headers = {}, .body = std::move(body)};
}

/// The value at a pointer of the problem that Stripe's error becomes; "-" for none.
std::string told(const StripeAnswer& given, std::string_view pointer) {
    const auto response = stripe_problem(plan_of_order(), given);
    CHECK(response.content_type == "application/problem+json");
    simdjson::dom::parser parser;
    std::string_view text;
    const auto error = parser.parse(response.body).at_pointer(pointer).get(text);
    return error == simdjson::SUCCESS ? std::string(text) : "-";
}

std::string card_error(std::string_view code, std::string_view decline_code) {
    return R"({"error":{"type":"card_error","code":")" + std::string(code) +
           R"(","decline_code":")" + std::string(decline_code) +
           R"(","message":"Your card was declined: it was stolen.","payment_intent":{"id":"pi_1"}}})";
}

}  // namespace

TEST_CASE("A decline is 402 with its codes, the order, the intent and a text for the buyer") {
    // given a decline as Stripe reports it
    const auto declined = answer(402, card_error("card_declined", "insufficient_funds"));
    // when it becomes a problem
    const auto response = stripe_problem(plan_of_order(), declined);
    // then it has what a client branches on, and what a buyer may read
    CHECK(response.status == 402);
    CHECK(told(declined, "/type") == "/problems/payment-declined");
    CHECK(told(declined, "/code") == "card_declined");
    CHECK(told(declined, "/decline_code") == "insufficient_funds");
    CHECK(told(declined, "/payment_intent_id") == "pi_1");
    CHECK(told(declined, "/order_id") == "ord_1");
    CHECK(told(declined, "/instance") == "request-1");
    CHECK_THAT(told(declined, "/customer_message"), Catch::Contains("insufficient funds"));
}

TEST_CASE("Nobody learns from the buyer's text that a card is stolen or fraud is suspected") {
    const auto generic = customer_message("card_declined", "generic_decline");
    CHECK_FALSE(generic.empty());
    for (const char* reason :
         {"lost_card", "stolen_card", "pickup_card", "restricted_card", "fraudulent",
          "merchant_blacklist", "security_violation", "do_not_honor", "a_reason_of_tomorrow", ""}) {
        INFO(reason);
        CHECK(customer_message("card_declined", reason) == generic);
        // a code that would say more does not, once there is a reason
        if (*reason != 0) CHECK(customer_message("expired_card", reason) == generic);
    }
    CHECK(customer_message("expired_card", "") != generic);
    CHECK(customer_message("card_declined", "expired_card") != generic);
}

TEST_CASE("Each kind of refusal has its status and its type") {
    struct Row {
        int status;
        const char* body;
        int becomes;
        const char* type;
    };
    constexpr auto refusal =
        R"({"error":{"type":"invalid_request_error","code":"parameter_missing","param":"amount","message":"m"}})";
    const Row rows[] = {
        {400, refusal, 422, "/problems/stripe-refused"},
        {402, refusal, 402, "/problems/payment-declined"},
        {404, refusal, 404, "/problems/stripe-not-found"},
        {409, refusal, 409, "/problems/stripe-conflict"},
        {424, refusal, 422, "/problems/stripe-refused"},
        {429, refusal, 503, "/problems/stripe-busy"},
        {401, refusal, 502, "/problems/stripe-failed"},
        {403, refusal, 502, "/problems/stripe-failed"},
        {500, refusal, 502, "/problems/stripe-failed"},
        {302, "", 502, "/problems/stripe-failed"},
        {400, "<html>", 422, "/problems/stripe-refused"},
    };
    for (const auto& row : rows) {
        INFO(row.status << " " << row.body);
        const auto given = answer(row.status, row.body);
        CHECK(stripe_problem(plan_of_order(), given).status == row.becomes);
        CHECK(told(given, "/type") == row.type);
    }
    CHECK(told(answer(400, refusal), "/stripe/param") == "amount");
    CHECK(told(answer(400, refusal), "/stripe/code") == "parameter_missing");
    CHECK(stripe_problem(plan_of_order(), answer(429, refusal)).headers.contains("Retry-After"));
}

TEST_CASE("An error about this service's own key shows nothing of it") {
    const auto refused = answer(
        401,
        R"({"error":{"type":"invalid_request_error","message":"Invalid API Key: sk_live_abc"}})");
    CHECK_FALSE(stripe_problem(plan_of_order(), refused).body.contains("sk_live"));
}
