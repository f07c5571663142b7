// Lines of orders that stand in metadata, and refunds of single lines.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

const std::string two_lines =
    R"("metadata":{"order_id":"o_1","user_id":"u_1","line_2":"p_2||1|333","line_10":"p_1|x|1|1",)"
    R"("line_1":"p_1|price_1|2|667","line_x":"p_9|a|1|1","line_3":"nonsense","line_4":"p|q|-1|5"})";

std::vector<StripeEvent> paid() {
    return {{"payment_intent.created", 100,
             payment_intent("pi_1", 1001, "requires_payment_method", two_lines)},
            {"payment_intent.succeeded", 101, payment_intent("pi_1", 1001, "succeeded", two_lines)},
            {"charge.succeeded", 101, charge("ch_1", "pi_1", 1001)}};
}

}  // namespace

TEST_CASE("an order that is paid by an intent has the lines of its metadata, by number") {
    Story("orders")
        .given(paid())
        .then("order_items", R"(
            order_id item_no product_id price_id quantity amount currency
            o_1      1       p_1        price_1  2        667    usd
            o_1      2       p_2        -        1        333    usd
            o_1      3       p_1        x        1        1      usd
        )")
        .then("orders", R"(
            order_id status amount product_id complete
            o_1      paid   1001   p_1        yes
        )");
}

TEST_CASE("every product of an order's lines entitles its buyer") {
    Story("entitlements").given(paid()).then("entitlements", R"(
        user_id product_id source_id active
        u_1     p_1        o_1       yes
        u_1     p_2        o_1       yes
    )");
}

TEST_CASE("a session that nothing was due for has the lines of its metadata") {
    const std::vector<StripeEvent> given_away = {
        {"checkout.session.completed", 100,
         session("cs_1", 0, "complete", "no_payment_required", two_lines)}};
    Story("orders").given(given_away).then("order_items", R"(
        order_id item_no product_id quantity amount
        o_1      1       p_1        2        667
        o_1      2       p_2        1        333
        o_1      3       p_1        1        1
    )");
    Story("entitlements").given(given_away).then("entitlements", R"(
        user_id product_id source_id active
        u_1     p_1        o_1       yes
        u_1     p_2        o_1       yes
    )");
}

TEST_CASE("a refund says what of which lines it gave back") {
    Story("orders")
        .given(paid())
        .given({{"refund.created", 102,
                 refund("re_1", "ch_1", "pi_1", 334, "succeeded",
                        R"("metadata":{"order_id":"o_1","line_1":"1","line_2":"many"})")}})
        .then("refunds", R"(
            refund_id amount lines
            re_1      334    [{"item_no":1,"quantity":1}]
        )");
}
