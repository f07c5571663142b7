// Orders: what each story of events comes to, in any order of arrival.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

const std::string known = metadata("o_1", "u_1", "p_1");
const std::string failed_charge =
    R"("status":"failed","captured":false,"amount_captured":0,"failure_code":"card_declined")";
const std::string declined =
    R"("last_payment_error":{"code":"card_declined","decline_code":"generic_decline"})";

std::vector<StripeEvent> paid_purchase() {
    return {{"payment_intent.created", 100,
             payment_intent("pi_1", 1000, "requires_payment_method", known)},
            {"payment_intent.succeeded", 101, payment_intent("pi_1", 1000, "succeeded", known)},
            {"charge.succeeded", 101, charge("ch_1", "pi_1", 1000)}};
}

}  // namespace

TEST_CASE("the events of a purchase and its refund inside one second give one refunded order") {
    const std::string refunded = R"("amount_refunded":1000,"refunded":true,"transfer":"tr_1",)"
                                 R"("balance_transaction":"txn_1")";
    const std::string filled = R"("transfer":"tr_1","balance_transaction":"txn_1")";
    Story("orders")
        .given(
            {{"payment_intent.created", 100,
              payment_intent("pi_1", 1000, "requires_payment_method", known)},
             {"payment_intent.requires_action", 100,
              payment_intent("pi_1", 1000, "requires_action", known)},
             {"payment_intent.processing", 100, payment_intent("pi_1", 1000, "processing", known)},
             {"charge.succeeded", 100, charge("ch_1", "pi_1", 1000)},
             {"payment_intent.succeeded", 100, payment_intent("pi_1", 1000, "succeeded", known)},
             {"charge.updated", 100, charge("ch_1", "pi_1", 1000, filled),
              R"({"transfer":null,"balance_transaction":null})"},
             {"checkout.session.completed", 100,
              session("cs_1", 1000, "complete", "paid", R"("payment_intent":"pi_1")")},
             {"refund.created", 100, refund("re_1", "ch_1", "pi_1", 1000, "pending")},
             {"charge.refunded", 100, charge("ch_1", "pi_1", 1000, refunded),
              R"({"amount_refunded":0,"refunded":false})"},
             {"refund.updated", 100, refund("re_1", "ch_1", "pi_1", 1000, "succeeded")}})
        .then("orders", R"(
            order_id status   amount amount_refunded buyer_id payment_intent_id checkout_session_id
            o_1      refunded 1000   1000            u_1      pi_1              cs_1
        )")
        .then("transactions", R"(
            transaction_id order_id kind   status    amount_refunded balance_transaction_id
            ch_1           o_1      charge succeeded 1000            txn_1
        )")
        .then("refunds", R"(
            refund_id order_id status    amount
            re_1      o_1      succeeded 1000
        )");
}

TEST_CASE("a late failure of an old attempt never flips a paid order") {
    Story("orders")
        .given(paid_purchase())
        .given({{"charge.failed", 900, charge("ch_0", "pi_1", 1000, failed_charge)},
                {"payment_intent.payment_failed", 900,
                 payment_intent("pi_1", 1000, "requires_payment_method", declined)}})
        .then("orders", R"(
            order_id status failure_code failed_at paid_at
            o_1      paid   -            -         101
        )");
}

TEST_CASE("a declined attempt fails the order until another one succeeds") {
    const std::vector<StripeEvent> declines = {
        {"payment_intent.created", 100,
         payment_intent("pi_1", 1000, "requires_payment_method", known)},
        {"charge.failed", 100, charge("ch_0", "pi_1", 1000, failed_charge)},
        {"payment_intent.payment_failed", 100,
         payment_intent("pi_1", 1000, "requires_payment_method", known + "," + declined)}};
    Story("orders").given(declines).then("orders", R"(
        order_id status amount failure_code    failed_at
        o_1      failed 1000   generic_decline 100
    )");
    Story("orders").given(declines).given(paid_purchase()).then("orders", R"(
        order_id status amount failure_code
        o_1      paid   1000   -
    )");
}

TEST_CASE("two payment intents with one order id are one order") {
    const std::vector<StripeEvent> first = {
        {"payment_intent.canceled", 120,
         payment_intent("pi_1", 1000, "canceled", known + R"(,"canceled_at":119)")}};
    Story("orders").given(first).then("orders", R"(
        order_id status   amount canceled_at
        o_1      canceled 1000   119
    )");
    Story("orders")
        .given(first)
        .given({{"payment_intent.created", 130,
                 payment_intent("pi_2", 1200, "requires_payment_method",
                                known + R"(,"created":130)")}})
        .then("orders", R"(
            order_id status  amount payment_intent_id
            o_1      pending 1200   pi_2
        )");
    Story("orders")
        .given(first)
        .given({{"payment_intent.succeeded", 130,
                 payment_intent("pi_2", 1200, "succeeded", known + R"(,"created":130)")},
                {"charge.succeeded", 130, charge("ch_2", "pi_2", 1200)}})
        .then("orders", R"(
            order_id status amount payment_intent_id charge_id
            o_1      paid   1200   pi_2              ch_2
        )");
}

TEST_CASE("nobody gets the application fee of a payment intent that was given up") {
    const std::string fee = known + R"(,"application_fee_amount":100)";
    Story("orders")
        .given({{"payment_intent.canceled", 120, payment_intent("pi_1", 1000, "canceled", fee)},
                {"payment_intent.succeeded", 130,
                 payment_intent("pi_2", 1000, "succeeded", fee + R"(,"created":130)")},
                {"charge.succeeded", 130,
                 charge("ch_2", "pi_2", 1000, R"("application_fee_amount":100)")}})
        .then("orders", R"(
            order_id status amount application_fee_amount
            o_1      paid   1000   100
        )");
}

TEST_CASE("a refund that fails later gives the money back to the order") {
    auto events = paid_purchase();
    events.push_back({"refund.created", 200, refund("re_1", "ch_1", "pi_1", 1000, "succeeded")});
    events.push_back({"charge.refunded", 200,
                      charge("ch_1", "pi_1", 1000, R"("amount_refunded":1000)"),
                      R"({"amount_refunded":0})"});
    Story("orders").given(events).then("orders", R"(
        order_id status   amount_refunded refunded_at
        o_1      refunded 1000            200
    )");
    events.push_back({"refund.failed", 900,
                      refund("re_1", "ch_1", "pi_1", 1000, "failed",
                             R"("failure_reason":"lost_or_stolen_card")")});
    Story("orders")
        .given(events)
        .then("orders", R"(
            order_id status amount_refunded refunded_at
            o_1      paid   0               -
        )")
        .then("refunds", R"(
            refund_id status failure_reason
            re_1      failed lost_or_stolen_card
        )");
}

TEST_CASE("a refund that bounces in the second of the charge that says so counts once") {
    Story("orders")
        .given(paid_purchase())
        .given({{"charge.refunded", 200, charge("ch_1", "pi_1", 1000, R"("amount_refunded":300)"),
                 R"({"amount_refunded":0})"},
                {"charge.refunded", 300, charge("ch_1", "pi_1", 1000, R"("amount_refunded":800)"),
                 R"({"amount_refunded":300})"},
                {"charge.refund.updated", 900, refund("re_2", "ch_1", "pi_1", 500, "failed")},
                {"charge.updated", 900, charge("ch_1", "pi_1", 1000, R"("amount_refunded":300)"),
                 R"({"amount_refunded":800})"}})
        .then("orders", R"(
            order_id status             amount_refunded
            o_1      partially_refunded 300
        )");
}

TEST_CASE("within one second previous_attributes lower what a charge says was refunded") {
    auto events = paid_purchase();
    events.push_back({"charge.refunded", 200,
                      charge("ch_1", "pi_1", 1000, R"("amount_refunded":700)"),
                      R"({"amount_refunded":300})"});
    events.push_back({"charge.refunded", 200,
                      charge("ch_1", "pi_1", 1000, R"("amount_refunded":300)"),
                      R"({"amount_refunded":0})"});
    Story("orders").given(events).then("orders", R"(
        order_id status             amount_refunded
        o_1      partially_refunded 700
    )");
    events.push_back({"charge.updated", 200,
                      charge("ch_1", "pi_1", 1000, R"("amount_refunded":300)"),
                      R"({"amount_refunded":700})"});
    Story("orders").given(events).then("orders", R"(
        order_id status             amount_refunded
        o_1      partially_refunded 300
    )");
}

TEST_CASE("a dispute is judged by its status alone") {
    const auto opened = StripeEvent{"charge.dispute.created", 300,
                                    dispute("dp_1", "ch_1", "pi_1", "needs_response")};
    SECTION("open") {
        Story("orders").given(paid_purchase()).given({opened}).then("orders", R"(
            order_id status   disputed_at
            o_1      disputed 300
        )");
    }
    SECTION("won") {
        Story("orders")
            .given(paid_purchase())
            .given(
                {opened,
                 {"charge.dispute.closed", 400, dispute("dp_1", "ch_1", "pi_1", "won")},
                 {"charge.dispute.funds_reinstated", 400, dispute("dp_1", "ch_1", "pi_1", "won")}})
            .then("orders", "order_id status\n o_1 paid")
            .then("disputes", "dispute_id status is_inquiry closed_at\n dp_1 won no 400");
    }
    SECTION("lost, although funds were reinstated") {
        Story("orders")
            .given(paid_purchase())
            .given(
                {opened,
                 {"charge.dispute.closed", 400, dispute("dp_1", "ch_1", "pi_1", "lost")},
                 {"charge.dispute.funds_reinstated", 500, dispute("dp_1", "ch_1", "pi_1", "lost")}})
            .then("orders", "order_id status\n o_1 charged_back");
    }
    SECTION("lost, then appealed") {
        Story("orders")
            .given(paid_purchase())
            .given({{"charge.dispute.closed", 400, dispute("dp_1", "ch_1", "pi_1", "lost")},
                    {"charge.dispute.updated", 500,
                     dispute("dp_1", "ch_1", "pi_1", "appeal_under_review")}})
            .then("orders", "order_id status\n o_1 disputed");
    }
    SECTION("won, then lost in an appeal") {
        Story("orders")
            .given(paid_purchase())
            .given({opened,
                    {"charge.dispute.closed", 400, dispute("dp_1", "ch_1", "pi_1", "won")},
                    {"charge.dispute.updated", 500,
                     dispute("dp_1", "ch_1", "pi_1", "appeal_under_review")},
                    {"charge.dispute.closed", 600, dispute("dp_1", "ch_1", "pi_1", "lost")}})
            .then("orders", "order_id status\n o_1 charged_back")
            .then("disputes", "dispute_id status closed_at\n dp_1 lost 600");
    }
    SECTION("an inquiry moves no money") {
        Story("orders")
            .given(paid_purchase())
            .given({{"charge.dispute.created", 300,
                     dispute("dp_1", "ch_1", "pi_1", "warning_needs_response")}})
            .then("orders", "order_id status disputed_at\n o_1 paid -")
            .then("disputes", "dispute_id is_inquiry\n dp_1 yes");
    }
}

TEST_CASE("held money is not paid until it is captured, and a release is no refund") {
    const std::string held = R"("captured":false,"amount_captured":0)";
    const std::vector<StripeEvent> authorised = {
        {"payment_intent.amount_capturable_updated", 101,
         payment_intent("pi_1", 2000, "requires_capture", known)},
        {"charge.succeeded", 101, charge("ch_1", "pi_1", 2000, held)}};
    Story("orders").given(authorised).then("orders", "order_id status amount\n o_1 pending 2000");
    Story("orders")
        .given(authorised)
        .given({{"charge.captured", 150,
                 charge("ch_1", "pi_1", 2000, R"("amount_captured":1500,"amount_refunded":500)")},
                {"payment_intent.succeeded", 150,
                 payment_intent("pi_1", 2000, "succeeded", known + R"(,"amount_received":1500)")}})
        .then("orders", "order_id status amount amount_refunded\n o_1 paid 1500 0");
    Story("orders")
        .given(authorised)
        .given({{"charge.refunded", 150,
                 charge("ch_1", "pi_1", 2000, held + R"(,"amount_refunded":2000)")},
                {"payment_intent.canceled", 150, payment_intent("pi_1", 2000, "canceled", known)}})
        .then("orders", "order_id status amount amount_refunded\n o_1 canceled 2000 0");
}

TEST_CASE("metadata that only the session carries reaches the order") {
    Story("orders")
        .given({{"payment_intent.succeeded", 101, payment_intent("pi_1", 1000, "succeeded")},
                {"charge.succeeded", 101, charge("ch_1", "pi_1", 1000)},
                {"checkout.session.completed", 101,
                 session("cs_1", 1000, "complete", "paid",
                         R"("payment_intent":"pi_1","client_reference_id":"u_9",)"
                         R"("metadata":{"orderId":"o_9","productId":"p_9"})")}})
        .then("orders", R"(
            order_id status buyer_id product_id complete missing
            o_9      paid   u_9      p_9        yes      []
        )")
        .then("order_items", R"(
            order_id item_no product_id quantity amount
            o_9      1       p_9        1        1000
        )");
}

TEST_CASE("money without metadata is an incomplete order under its Stripe id") {
    Story("orders")
        .given({{"payment_intent.succeeded", 101,
                 payment_intent("pi_1", 3'000'000'000, "succeeded", R"("customer":"cus_1")")},
                {"charge.succeeded", 101, charge("ch_1", "pi_1", 3'000'000'000)}})
        .then("orders", R"(
            order_id status amount     buyer_id complete missing
            pi_1     paid   3000000000 cus_1    no       ["order_id","user_id","product_id"]
        )");
}

TEST_CASE("an expired session cancels the order if nothing else paid it") {
    const auto expired = StripeEvent{"checkout.session.expired", 500,
                                     session("cs_1", 1000, "expired", "unpaid", known)};
    Story("orders").given({expired}).then("orders", R"(
        order_id status   amount canceled_at
        o_1      canceled 1000   500
    )");
    Story("orders").given({expired}).given(paid_purchase()).then("orders", R"(
        order_id status
        o_1      paid
    )");
}

TEST_CASE("an order of several expired sessions is canceled with the last of them") {
    Story("orders")
        .given(
            {{"checkout.session.expired", 200, session("cs_1", 1000, "expired", "unpaid", known)},
             {"checkout.session.expired", 900,
              session("cs_2", 1000, "expired", "unpaid", known + R"(,"created":800)")}})
        .then("orders", "order_id status canceled_at\n o_1 canceled 900");
}

TEST_CASE("an asynchronous payment that fails after checkout fails the order") {
    Story("orders")
        .given({{"checkout.session.completed", 100,
                 session("cs_1", 1000, "complete", "unpaid", known)},
                {"checkout.session.async_payment_failed", 800,
                 session("cs_1", 1000, "complete", "unpaid", known)}})
        .then("orders", "order_id status failed_at\n o_1 failed 800");
}

TEST_CASE("an order that only its subscription has named yet is none") {
    const StripeEvent named = {
        "customer.subscription.created", 100,
        subscription("sub_1", "incomplete", R"("metadata":{"order_id":"o_1"})")};
    Story("orders").given({named}).then("orders", R"(
        order_id status
    )");
    Story("orders")
        .given({named,
                {"payment_intent.succeeded", 101,
                 payment_intent("pi_1", 1000, "succeeded", metadata("o_1", "u_1", "p_1"))}})
        .then("orders", R"(
            order_id status buyer_id
            o_1      paid   u_1
        )");
}

TEST_CASE("a charge without a payment intent carries its own refunds and disputes") {
    Story("orders")
        .given({{"charge.succeeded", 100, charge("ch_1", "", 1000, known)},
                {"refund.created", 200,
                 refund("re_1", "ch_1", "", 1000, "succeeded", R"("payment_intent":null)")}})
        .then("orders", "order_id status charge_id\n o_1 refunded ch_1");
}

TEST_CASE("a seller's copy of a destination charge is no second sale") {
    Story("orders")
        .given(paid_purchase())
        .given({{"charge.succeeded", 101, charge("py_1", "", 900), {}, "acct_1"},
                {"refund.created",
                 200,
                 refund("pyr_1", "py_1", "", 900, "succeeded", R"("payment_intent":null)"),
                 {},
                 "acct_1"}})
        .then("orders", "order_id status\n o_1 paid");
}

TEST_CASE("an order has a number that people can read out") {
    Story("orders").given(paid_purchase()).then("orders", R"(
        order_id order_number
        o_1      DB-W7BEX-N9QZN
    )");
}

TEST_CASE("zeros and unicode in metadata stay readable") {
    Story("orders")
        .given({{"payment_intent.succeeded", 100,
                 payment_intent("pi_1", 1000, "succeeded",
                                R"("metadata":{"order_id":"a\u0000b","user_id":"Zoë ☂"})")}})
        .then("orders", "order_id buyer_id\n a\uFFFDb Zoë_☂");
}
