// The answers of Daybook's own writes, made of what was decided and what Stripe said.
#include <api/actions/plan.hpp>

#include <simdjson.h>
#include <catch2/catch.hpp>

#include <vector>

using namespace daybook::api;

namespace {

Response composed(std::string kind, std::string decisions, std::vector<std::string> bodies) {
    Plan plan;
    plan.kind = std::move(kind);
    plan.decisions = std::move(decisions);
    std::vector<StripeAnswer> answers;
    for (auto& body : bodies)
        answers.push_back({.status = 200, .headers = {}, .body = std::move(body)});
    const auto* found = find_action_kind(plan.kind);
    REQUIRE(found);
    return found->compose(plan, answers);
}

std::string text(const Response& response, std::string_view pointer) {
    simdjson::dom::parser parser;
    std::string_view value;
    const auto error = parser.parse(response.body).at_pointer(pointer).get(value);
    return error == simdjson::SUCCESS ? std::string(value) : "-";
}

std::int64_t number(const Response& response, std::string_view pointer) {
    simdjson::dom::parser parser;
    return parser.parse(response.body).at_pointer(pointer).get_int64().value();
}

constexpr auto sale = R"({"order_id":"ord_1","buyer":{"user_id":"u"},"seller":"acct_1",
    "currency":"usd","lines":[{"item_no":1}],"subtotal":1100,"discount":100,"amount":1000,
    "promotion_code_id":null,"fee":{"amount":100,"seller_amount":900},"publishable_key":"pk_1"})";

}  // namespace

TEST_CASE("A payment answers the secret, the key, the order and who gets what") {
    const auto response = composed(
        "payment.create", sale,
        {R"({"id":"pi_1","client_secret":"pi_1_secret_2","status":"requires_payment_method"})"});
    CHECK(response.status == 200);
    CHECK(text(response, "/client_secret") == "pi_1_secret_2");
    CHECK(text(response, "/publishable_key") == "pk_1");
    CHECK(text(response, "/order_id") == "ord_1");
    CHECK(number(response, "/amount") == 1000);
    CHECK(number(response, "/fee/amount") + number(response, "/fee/seller_amount") == 1000);
}

TEST_CASE("An order answers no secret: whoever pays it asks for one") {
    const auto response =
        composed("order.create", sale, {R"({"id":"pi_1","client_secret":"pi_1_secret_2"})"});
    CHECK_FALSE(response.body.contains("secret"));
    CHECK(text(response, "/status") == "pending");
    CHECK(text(response, "/payment_intent_id") == "pi_1");
}

TEST_CASE("A subscription answers what is to be confirmed: a payment, a set-up, or nothing") {
    const std::string customer = R"({"id":"cus_1"})";
    const auto due = composed("checkout.subscription", sale,
                              {customer, R"({"id":"sub_1","customer":"cus_1","status":"incomplete",
             "latest_invoice":{"id":"in_1","confirmation_secret":{"client_secret":"pi_s"}}})"});
    CHECK(text(due, "/confirms") == "payment");
    CHECK(text(due, "/client_secret") == "pi_s");
    CHECK(text(due, "/customer_id") == "cus_1");
    const auto trial = composed("checkout.subscription", sale,
                                {R"({"id":"sub_1","status":"trialing","latest_invoice":{"id":"in_1",
                      "confirmation_secret":null},"pending_setup_intent":{"client_secret":"se_s"}})"});
    CHECK(text(trial, "/confirms") == "setup");
    CHECK(text(trial, "/client_secret") == "se_s");
    const auto free = composed("checkout.subscription", sale,
                               {R"({"id":"sub_1","status":"active","pending_setup_intent":null})"});
    CHECK(text(free, "/confirms") == "-");
    CHECK(free.body.contains(R"("client_secret":null)"));
}

TEST_CASE("A refund says what is left") {
    const auto response =
        composed("refund.create", R"({"order_id":"ord_1","left_before":1000,"amount":300})",
                 {R"({"id":"re_1","amount":300,"currency":"usd","status":"succeeded"})"});
    CHECK(number(response, "/left") == 700);
}

TEST_CASE("The renewal of an onboarding link leads on, and only to a URL") {
    const auto ok = composed("account.onboarding_refresh", "{}",
                             {R"({"url":"https://connect.stripe.com/setup/e/1"})"});
    CHECK(ok.status == 303);
    CHECK(ok.headers.contains("Location: https://connect.stripe.com/setup/e/1\r\n"));
    const auto bad =
        composed("account.onboarding_refresh", "{}", {R"({"url":"https://a\r\nSet-Cookie: x=y"})"});
    CHECK(bad.status == 502);
    CHECK_FALSE(bad.headers.contains("Set-Cookie"));
}

TEST_CASE("Objects of the catalogue come in Daybook's own words") {
    const auto product = composed(
        "product.create", "{}",
        {R"({"id":"prod_1","name":"n","metadata":{"kind":"course","seller":"acct_1"},"created":5})"});
    CHECK(text(product, "/product_id") == "prod_1");
    CHECK(text(product, "/kind") == "course");
    CHECK(text(product, "/seller") == "acct_1");
    CHECK(number(product, "/created_at") == 5);
    const auto code = composed("promotion_code.create", "{}",
                               {R"({"id":"promo_1","promotion":{"coupon":"c"},"code":"X"})"});
    CHECK(text(code, "/coupon_id") == "c");
}
