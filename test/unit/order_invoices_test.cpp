// Orders that are paid by an invoice: what its payments and its lines make of them.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

TEST_CASE("an invoice since basil is joined to its payment by the invoice payment alone") {
    Story("orders")
        .given({{"invoice.paid", 100,
                 invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000)},
                {"invoice_payment.paid", 105, invoice_payment("inpay_1", "in_1", "pi_1")},
                {"payment_intent.succeeded", 100, payment_intent("pi_1", 1000, "succeeded")},
                {"charge.succeeded", 100, charge("ch_1", "pi_1", 1000)},
                {"refund.created", 200, refund("re_1", "ch_1", "pi_1", 400, "succeeded")}})
        .then("orders", R"(
            order_id status             amount amount_refunded invoice_id payment_intent_id
            o_sub    partially_refunded 1000   400             in_1       pi_1
        )")
        .then("order_items", R"(
            order_id item_no product_id price_id amount
            o_sub    1       prod_plan  price_1  1000
        )");
}

TEST_CASE("every renewal is an order of its own") {
    Story("orders")
        .given({{"invoice.paid", 100,
                 invoice("in_1", "sub_1", "subscription_create", 1000, "paid", 5000)},
                {"invoice.paid", 5000,
                 invoice("in_2", "sub_1", "subscription_cycle", 1000, "paid", 9000)},
                {"invoice.payment_failed", 9000,
                 invoice("in_3", "sub_1", "subscription_cycle", 1000, "open", 13000)},
                {"invoice.voided", 14000,
                 invoice("in_4", "sub_1", "subscription_cycle", 1000, "void", 13000)}})
        .then("orders", R"(
            order_id status   subscription_id complete
            o_sub    paid     sub_1           yes
            in_2     paid     sub_1           yes
            in_3     failed   sub_1           yes
            in_4     canceled sub_1           yes
        )");
}

TEST_CASE("objects of old API versions say the same") {
    const std::string old_refund =
        R"("amount_refunded":300,"refunds":{"data":[{"id":"re_1","object":"refund","amount":300,)"
        R"("currency":"usd","status":"succeeded","charge":"ch_1","created":200}]})";
    Story("orders")
        .given({{"payment_intent.succeeded", 100,
                 payment_intent("pi_1", 1000, "succeeded",
                                R"("invoice":"in_1","charges":{"data":[)" +
                                    charge("ch_1", "pi_1", 1000) + "]}")},
                {"charge.refunded", 200, charge("ch_1", "pi_1", 1000, old_refund)},
                {"charge.refund.updated", 210,
                 refund("re_1", "ch_1", "", 300, "succeeded", R"("payment_intent":null)")},
                {"invoice.paid", 100,
                 R"({"id":"in_1","object":"invoice","status":"paid","billing_reason":)"
                 R"("subscription_create","currency":"usd","amount_due":1000,"amount_paid":1000,)"
                 R"("created":99,"subscription":{"id":"sub_1","object":"subscription"},)"
                 R"("charge":"ch_1","payment_intent":"pi_1","subscription_details":)"
                 R"({"metadata":{"order_id":"o_1","user_id":"u_1"}},"lines":{"data":[{"amount":)"
                 R"(1000,"quantity":1,"period":{"end":5000},"price":{"id":"price_1","product":)"
                 R"("prod_1"}}]}})"}})
        .then("orders", R"(
            order_id status             amount_refunded subscription_id product_id charge_id
            o_1      partially_refunded 300             sub_1           prod_1     ch_1
        )")
        .then("refunds", "refund_id order_id payment_intent_id\n re_1 o_1 pi_1");
}

TEST_CASE("an invoice that is paid in part is pending until the rest arrives") {
    const std::string known = metadata("o_1", "u_1", "p_1");
    const std::vector<StripeEvent> first = {
        {"invoice.finalized", 100, invoice("in_1", "", "manual", 1000, "open", 100, known)},
        {"payment_intent.succeeded", 101, payment_intent("pi_1", 400, "succeeded")},
        {"charge.succeeded", 101, charge("ch_1", "pi_1", 400)},
        {"invoice_payment.paid", 102, invoice_payment("inpay_1", "in_1", "pi_1")},
        {"invoice.updated", 102,
         invoice("in_1", "", "manual", 1000, "open", 100,
                 known + R"(,"amount_paid":400,"amount_remaining":600)")}};
    Story("orders").given(first).then("orders", "order_id status paid_at\n o_1 pending -");
    Story("entitlements").given(first).then("entitlements", "source_id active");

    const std::vector<StripeEvent> second = {
        {"payment_intent.succeeded", 201, payment_intent("pi_2", 600, "succeeded")},
        {"charge.succeeded", 201, charge("ch_2", "pi_2", 600)},
        {"invoice_payment.paid", 202, invoice_payment("inpay_2", "in_1", "pi_2")}};
    Story("orders").given(first).given(second).then("orders", R"(
        order_id status amount
        o_1      paid   1000
    )");
    Story("entitlements").given(first).given(second).then("entitlements", R"(
        source_id active
        o_1       yes
    )");
}

TEST_CASE("a payment of an invoice that is processing again has not failed") {
    const auto attempt = [](std::int64_t at, const char* event, const char* status) {
        return StripeEvent{event, at,
                           payment_intent("pi_1", 1000, status,
                                          R"("last_payment_error":{"code":"card_declined"})")};
    };
    const std::vector<StripeEvent> failed = {
        {"invoice.payment_failed", 100,
         invoice("in_1", "sub_1", "subscription_cycle", 1000, "open", 5000)},
        {"invoice_payment.paid", 600, invoice_payment("inpay_1", "in_1", "pi_1")},
        attempt(100, "payment_intent.payment_failed", "requires_payment_method")};
    Story("orders").given(failed).then("orders", "order_id status\n in_1 failed");
    Story("orders")
        .given(failed)
        .given({attempt(200, "payment_intent.processing", "processing")})
        .then("orders", "order_id status failed_at\n in_1 pending -");
    Story("orders")
        .given(failed)
        .given({attempt(200, "payment_intent.processing", "processing"),
                attempt(300, "payment_intent.payment_failed", "requires_payment_method"),
                {"invoice.payment_failed", 300,
                 invoice("in_1", "sub_1", "subscription_cycle", 1000, "open", 5000)}})
        .then("orders", "order_id status failed_at\n in_1 failed 300");
}

TEST_CASE("the order of an upgrade is for the new product, not for what was given up") {
    const std::string lines =
        R"("lines":{"data":[{"amount":-900,"quantity":1,"period":{"end":5000},)"
        R"("pricing":{"price_details":{"product":"prod_basic"}}},)"
        R"({"amount":1900,"quantity":1,"period":{"end":5000},)"
        R"("pricing":{"price_details":{"product":"prod_pro"}}}]})";
    Story("orders")
        .given({{"invoice.paid", 200,
                 invoice("in_2", "sub_1", "subscription_update", 1000, "paid", 0, lines)}})
        .then("orders", "order_id product_id\n in_2 prod_pro");
}

TEST_CASE("a line of an invoice comes to what discounts leave of it") {
    const std::string lines =
        metadata("o_1", "u_1", "") +
        R"(,"lines":{"data":[{"discount_amounts":[{"amount":150,"discount":"di_1"},)"
        R"({"amount":50,"discount":"di_2"}],"amount":1000,"quantity":2,)"
        R"("pricing":{"price_details":{"product":"prod_bowl"}}},)"
        R"({"amount":300,"quantity":1,"discount_amounts":[{"amount":300,"discount":"di_2"}],)"
        R"("pricing":{"price_details":{"product":"prod_gift"}}},)"
        R"({"amount":100,"quantity":1,"discount_amounts":null,)"
        R"("pricing":{"price_details":{"product":"prod_cup"}}}]})";
    const std::vector<StripeEvent> paid = {
        {"invoice.paid", 100, invoice("in_1", "", "manual", 900, "paid", 100, lines)}};
    Story("orders").given(paid).then("order_items", R"(
        item_no product_id quantity amount
        1       prod_bowl  2        800
        2       prod_gift  1        0
        3       prod_cup   1        100
    )");
    // what is given away is had, too
    Story("entitlements").given(paid).then("entitlements", R"(
        product_id active
        prod_bowl  yes
        prod_cup   yes
        prod_gift  yes
    )");
}
