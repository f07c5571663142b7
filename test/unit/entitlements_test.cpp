// Entitlements: who has access after which story of events.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

const std::string known = metadata("o_1", "u_1", "p_1");

std::vector<StripeEvent> paid_order() {
    return {{"payment_intent.succeeded", 101, payment_intent("pi_1", 1000, "succeeded", known)},
            {"charge.succeeded", 101, charge("ch_1", "pi_1", 1000)}};
}

/// A subscription with its first invoice paid up to second 5000.
std::vector<StripeEvent> subscribed() {
    return {
        {"customer.subscription.created", 100, subscription("sub_1", "incomplete")},
        {"invoice.paid", 101, invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000)},
        {"invoice_payment.paid", 102, invoice_payment("inpay_1", "in_1", "pi_1")},
        {"payment_intent.succeeded", 101, payment_intent("pi_1", 1000, "succeeded")},
        {"charge.succeeded", 101, charge("ch_1", "pi_1", 1000)},
        {"customer.subscription.updated", 101, subscription("sub_1", "active"),
         R"({"status":"incomplete"})"}};
}

StripeEvent renewal(std::string_view id, std::int64_t at, std::int64_t end) {
    return {"invoice.paid", at, invoice(id, "sub_1", "subscription_cycle", 1000, "paid", end)};
}

/// The items of a subscription to one product.
std::string items(std::string_view product) {
    return R"("items":{"data":[{"id":"si_1","price":{"product":")" + std::string(product) +
           R"("}}]})";
}

std::string names(std::string_view product) {
    return R"("metadata":{"user_id":"u_1","product_id":")" + std::string(product) + R"("})";
}

/// The payment of an invoice, and what happened to it.
std::vector<StripeEvent> payment(std::string_view number, std::int64_t amount) {
    const auto id = [&](std::string_view prefix) { return std::string(prefix) += number; };
    return {{"invoice_payment.paid", 202, invoice_payment(id("inpay_"), id("in_"), id("pi_"))},
            {"payment_intent.succeeded", 201, payment_intent(id("pi_"), amount, "succeeded")},
            {"charge.succeeded", 201, charge(id("ch_"), id("pi_"), amount)}};
}

}  // namespace

TEST_CASE("a paid order entitles its buyer, and only money that went back for good revokes it") {
    Story("entitlements").given(paid_order()).then("entitlements", R"(
        user_id product_id source_id active reason source_type granted_at revoked_at
        u_1     p_1        o_1       yes    paid   order       101        -
    )");
    Story("entitlements")
        .given(paid_order())
        .given({{"refund.created", 200, refund("re_1", "ch_1", "pi_1", 400, "succeeded")}})
        .then("entitlements", R"(
            user_id active reason status
            u_1     yes    paid   partially_refunded
        )");
    Story("entitlements")
        .given(paid_order())
        .given({{"refund.created", 200, refund("re_1", "ch_1", "pi_1", 1000, "succeeded")}})
        .then("entitlements", R"(
            user_id active reason   revoked_at
            u_1     no     refunded 200
        )");
    Story("entitlements")
        .given(paid_order())
        .given({{"refund.created", 200, refund("re_1", "ch_1", "pi_1", 1000, "succeeded")},
                {"refund.failed", 900, refund("re_1", "ch_1", "pi_1", 1000, "failed")}})
        .then("entitlements", R"(
            user_id active reason revoked_at
            u_1     yes    paid   -
        )");
}

TEST_CASE("a dispute keeps access while it is open and takes it when it is lost") {
    const auto opened = StripeEvent{"charge.dispute.created", 300,
                                    dispute("dp_1", "ch_1", "pi_1", "needs_response")};
    Story("entitlements").given(paid_order()).given({opened}).then("entitlements", R"(
        user_id active reason status
        u_1     yes    paid   disputed
    )");
    Story("entitlements")
        .given(paid_order())
        .given({opened, {"charge.dispute.closed", 400, dispute("dp_1", "ch_1", "pi_1", "lost")}})
        .then("entitlements", R"(
            user_id active reason       revoked_at
            u_1     no     charged_back 400
        )");
}

TEST_CASE("nobody is entitled by a payment that was not made or names no user or product") {
    Story("entitlements")
        .given({{"payment_intent.created", 100,
                 payment_intent("pi_1", 1000, "requires_payment_method", known)},
                {"payment_intent.succeeded", 100,
                 payment_intent("pi_2", 1000, "succeeded", R"("metadata":{"user_id":"u_1"})")},
                {"payment_intent.succeeded", 100,
                 payment_intent("pi_3", 1000, "succeeded",
                                R"("customer":"cus_1","metadata":{"product_id":"p_1"})")}})
        .then("entitlements", "user_id");
}

TEST_CASE("a paid invoice grants a subscription up to the end of the period it paid") {
    Story("entitlements").given(subscribed()).then("entitlements", R"(
        user_id product_id source_id active reason status period_end source_type  order_id
        u_1     prod_plan  sub_1     yes    paid   active 5000       subscription o_sub
    )");
    Story("entitlements")
        .given(subscribed())
        .given({renewal("in_2", 5000, 9000)})
        .then("entitlements", "source_id active period_end\n sub_1 yes 9000");
}

TEST_CASE("a subscription that nobody paid yet awaits payment") {
    Story("entitlements")
        .given({{"customer.subscription.created", 100, subscription("sub_1", "incomplete")},
                {"invoice.created", 100,
                 invoice("in_1", "sub_1", "subscription_create", 1000, "open", 5000)}})
        .then("entitlements", "user_id active reason\n u_1 no awaiting_payment");
}

TEST_CASE("a period that moved is no payment") {
    const std::string moved = R"("items":{"data":[{"current_period_end":9000,)"
                              R"("price":{"product":"prod_plan"}}]})";
    Story("entitlements")
        .given(subscribed())
        .given({{"customer.subscription.updated", 5000, subscription("sub_1", "active", moved),
                 R"({"items":{"data":[{"current_period_end":5000}]}})"},
                {"invoice.created", 5000,
                 invoice("in_2", "sub_1", "subscription_cycle", 1000, "draft", 9000)}})
        .then("entitlements", "source_id active period_end\n sub_1 yes 5000");
}

TEST_CASE("flips inside one second are put in order by previous_attributes") {
    SECTION("to past_due") {
        Story("entitlements")
            .given(subscribed())
            .given({{"customer.subscription.updated", 5000,
                     subscription("sub_1", "past_due", R"("latest_invoice":"in_2")"),
                     R"({"status":"active"})"},
                    {"customer.subscription.updated", 5000,
                     subscription("sub_1", "active", R"("latest_invoice":"in_2")"),
                     R"({"latest_invoice":null})"}})
            .then("entitlements", "source_id active reason\n sub_1 yes past_due");
    }
    SECTION("to past_due and back, the second before tells") {
        Story("entitlements")
            .given(subscribed())
            .given({{"customer.subscription.updated", 5000, subscription("sub_1", "past_due"),
                     R"({"status":"active"})"},
                    {"customer.subscription.updated", 5000, subscription("sub_1", "active"),
                     R"({"status":"past_due"})"}})
            .then("entitlements", "source_id active reason\n sub_1 yes paid");
    }
}

TEST_CASE("the end of a subscription is final, whatever arrives late") {
    Story("entitlements")
        .given(subscribed())
        .given({{"customer.subscription.deleted", 6000,
                 subscription("sub_1", "canceled", R"("ended_at":6000)")},
                {"customer.subscription.updated", 6000, subscription("sub_1", "past_due"),
                 R"({"status":"active"})"}})
        .then("entitlements", R"(
            source_id active reason             revoked_at
            sub_1     no     subscription_ended 6000
        )");
}

TEST_CASE("refunding the newest invoice takes access, refunding an older one does not") {
    Story("entitlements")
        .given(subscribed())
        .given({{"refund.created", 300, refund("re_1", "ch_1", "pi_1", 1000, "succeeded")}})
        .then("entitlements", R"(
            source_id active reason   period_end revoked_at
            sub_1     no     refunded -          200
        )");
    Story("entitlements")
        .given(subscribed())
        .given({{"refund.created", 300, refund("re_1", "ch_1", "pi_1", 1000, "succeeded")},
                renewal("in_2", 5000, 9000)})
        .then("entitlements", "source_id active reason period_end\n sub_1 yes paid 9000");
}

TEST_CASE("the invoices of one period are judged together") {
    const auto change = [](std::int64_t amount) {
        return StripeEvent{"invoice.paid", 200,
                           invoice("in_2", "sub_1", "subscription_update", amount, "paid", 5000,
                                   R"("created":200)")};
    };
    SECTION("a change of plan that costs nothing does not hide a lost dispute") {
        Story("entitlements")
            .given(subscribed())
            .given(
                {change(0),
                 {"charge.dispute.created", 300, dispute("dp_1", "ch_1", "pi_1", "needs_response")},
                 {"charge.dispute.closed", 400, dispute("dp_1", "ch_1", "pi_1", "lost")}})
            .then("entitlements", R"(
                source_id active reason       period_end revoked_at
                sub_1     no     charged_back -          400
            )");
    }
    SECTION("giving back what an upgrade cost leaves what the period cost") {
        Story("entitlements")
            .given(subscribed())
            .given({change(500)})
            .given(payment("2", 500))
            .given({{"refund.created", 300, refund("re_2", "ch_2", "pi_2", 500, "succeeded")}})
            .then("entitlements", "source_id active reason period_end\n sub_1 yes paid 5000");
    }
}

TEST_CASE("after a change from years to months the month that was paid last counts") {
    const std::string lines =
        R"("created":200,"lines":{"data":[{"amount":-900,"quantity":1,"period":{"end":9000},)"
        R"("pricing":{"price_details":{"product":"prod_plan"}}},)"
        R"({"amount":1000,"quantity":1,"period":{"end":1000},)"
        R"("pricing":{"price_details":{"product":"prod_plan"}}}]})";
    const std::vector<StripeEvent> changed = {
        {"customer.subscription.created", 100, subscription("sub_1", "active")},
        {"invoice.paid", 101, invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 9000)},
        {"invoice.paid", 200,
         invoice("in_2", "sub_1", "subscription_update", 100, "paid", 0, lines)}};
    Story("entitlements")
        .given(changed)
        .then("entitlements", "source_id active reason period_end\n sub_1 yes paid 1000");
    Story("entitlements")
        .given(changed)
        .given({{"invoice.paid", 1000,
                 invoice("in_3", "sub_1", "subscription_cycle", 1000, "paid", 2000,
                         R"("created":1000)")}})
        .given(payment("3", 1000))
        .given({{"refund.created", 1100, refund("re_3", "ch_3", "pi_3", 1000, "succeeded")}})
        .then("entitlements", "source_id active reason period_end\n sub_1 no refunded 1000");
}

TEST_CASE("a subscription whose plan changed grants the new product") {
    SECTION("that its metadata name") {
        Story("entitlements")
            .given({{"customer.subscription.created", 100,
                     subscription("sub_1", "active", names("basic"))},
                    {"invoice.paid", 101,
                     invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000)},
                    {"customer.subscription.updated", 200,
                     subscription("sub_1", "active", names("pro")),
                     R"({"metadata":{"product_id":"basic"}})"}})
            .then("entitlements", "source_id product_id active\n sub_1 pro yes");
    }
    SECTION("that its metadata and its items name") {
        const auto plan = [](const char* product) { return names(product) + "," + items(product); };
        Story("entitlements")
            .given({{"customer.subscription.created", 100,
                     subscription("sub_1", "active", plan("prod_basic"))},
                    {"invoice.paid", 101,
                     invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000)},
                    {"customer.subscription.updated", 200,
                     subscription("sub_1", "active", plan("prod_pro")),
                     "{" + plan("prod_basic") + "}"}})
            .then("entitlements", "source_id product_id active\n sub_1 prod_pro yes");
    }
    SECTION("that its items name, where the metadata still name the old one") {
        const std::string line =
            R"("lines":{"data":[{"amount":1000,"quantity":1,"period":{"end":5000},)"
            R"("pricing":{"price_details":{"product":"prod_basic"}}}]})";
        const auto plan = [](const char* product) {
            return subscription("sub_1", "active", names("prod_basic") + "," + items(product));
        };
        Story("entitlements")
            .given({{"customer.subscription.created", 100, plan("prod_basic")},
                    {"invoice.paid", 101,
                     invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000, line)},
                    {"customer.subscription.updated", 200, plan("prod_pro"),
                     "{" + items("prod_basic") + "}"}})
            .then("entitlements", "source_id product_id active\n sub_1 prod_pro yes");
    }
    SECTION("that the last change of a second led to") {
        const auto change = [](const char* from, const char* to, const char* id) {
            return StripeEvent{.type = "customer.subscription.updated",
                               .created = 200,
                               .object = subscription("sub_1", "active", items(to)),
                               .previous = "{" + items(from) + "}",
                               .id = id};
        };
        for (const auto* id : {"evt_x", "evt_z"})
            Story("entitlements")
                .given({{"customer.subscription.created", 100,
                         subscription("sub_1", "active", items("prod_a"))},
                        {"invoice.paid", 101,
                         invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000)},
                        change("prod_a", "prod_b", id),
                        change("prod_b", "prod_c", "evt_y")})
                .then("entitlements", "source_id product_id active\n sub_1 prod_c yes");
    }
}

TEST_CASE("a trial entitles without a payment until it ends") {
    Story("entitlements")
        .given(
            {{"customer.subscription.created", 100,
              subscription("sub_1", "trialing", R"("trial_end":800,"metadata":{"userId":"u_7"})")}})
        .then("entitlements", R"(
            user_id product_id active reason   period_end
            u_7     prod_plan  yes    trialing 800
        )");
    Story("entitlements")
        .given({{"customer.subscription.created", 100,
                 subscription("sub_1", "trialing", R"("trial_end":800)")},
                {"customer.subscription.paused", 800, subscription("sub_1", "paused")}})
        .then("entitlements", "user_id active reason\n cus_1 no paused");
}

TEST_CASE("an order that a subscription names belongs to it and grants nothing by itself") {
    Story("entitlements")
        .given(paid_order())
        .given({{"customer.subscription.created", 100,
                 subscription("sub_1", "active", R"("metadata":{"order_id":"o_1"})")}})
        .then("entitlements", R"(
            user_id product_id source_id order_id active reason
            u_1     p_1        sub_1     o_1      no     awaiting_payment
        )");
}

TEST_CASE("orders of two subscriptions stay apart, whoever names them") {
    Story("entitlements")
        .given(subscribed())
        .given({renewal("in_2", 5000, 9000),
                {"customer.subscription.created", 100, subscription("sub_2", "active")},
                {"invoice.paid", 200,
                 invoice("in_3", "sub_2", "subscription_create", 700, "paid", 6000)},
                {"invoice_payment.paid", 201, invoice_payment("inpay_3", "in_3", "pi_3")},
                {"charge.succeeded", 202, charge("ch_3", "pi_3", 700)},
                {"refund.created", 300, refund("re_3", "ch_3", "pi_3", 700, "succeeded")}})
        .then("entitlements", R"(
            source_id active reason   period_end
            sub_1     yes    paid     9000
            sub_2     no     refunded -
        )");
}

TEST_CASE("a subscription bought in checkout takes its user from the session") {
    Story("entitlements")
        .given({{"customer.subscription.created", 100, subscription("sub_1", "active")},
                {"checkout.session.completed", 100,
                 session("cs_1", 1000, "complete", "paid",
                         R"("mode":"subscription","subscription":"sub_1","invoice":"in_1",)"
                         R"("client_reference_id":"u_5","metadata":{"order_id":"o_5"})")},
                {"invoice.paid", 100,
                 invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000,
                         R"("parent":{"subscription_details":{"metadata":{}}})")}})
        .then("entitlements", R"(
            user_id product_id source_id order_id active
            u_5     prod_plan  sub_1     o_5      yes
        )");
}

TEST_CASE("what is billed by hand beside a subscription says nothing of its periods") {
    Story("entitlements")
        .given({{"customer.subscription.created", 100, subscription("sub_1", "active")},
                {"invoice.paid", 101,
                 invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 9000)},
                {"invoice.paid", 200,
                 invoice("in_2", "sub_1", "manual", 500, "paid", 200, R"("created":200)")},
                {"invoice_payment.paid", 202, invoice_payment("inpay_2", "in_2", "pi_2")},
                {"payment_intent.succeeded", 201, payment_intent("pi_2", 500, "succeeded")},
                {"charge.succeeded", 201, charge("ch_2", "pi_2", 500)},
                {"refund.created", 300, refund("re_2", "ch_2", "pi_2", 500, "succeeded")}})
        .then("entitlements", "source_id active reason period_end\n sub_1 yes paid 9000");
}
