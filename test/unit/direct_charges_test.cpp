// Charges on connected accounts: who has a dashboard there writes their metadata.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

const std::string known = metadata("1001", "u_1", "gold");

/// An order 1001 of the product gold, on an account or, with none, on the platform.
std::vector<StripeEvent> paid(std::string_view number, std::string account,
                              std::string_view more = known) {
    const auto intent = "pi_" + std::string(number), made = "ch_" + std::string(number);
    return {{"payment_intent.succeeded",
             101,
             payment_intent(intent, 1000, "succeeded", more),
             {},
             account},
            {"charge.succeeded", 101, charge(made, intent, 1000), {}, account}};
}

}  // namespace

TEST_CASE("two sellers and the platform may each have an order of one name") {
    Story("orders")
        .given(paid("1", ""))
        .given(paid("2", "acct_1"))
        .given(paid("3", "acct_2"))
        .given({{"refund.created",
                 200,
                 refund("re_1", "ch_2", "pi_2", 1000, "succeeded", known),
                 {},
                 "acct_1"}})
        .then("orders", R"(
            order_id    status   product_id  seller_account payment_intent_id
            1001        paid     gold        -              pi_1
            acct_1:1001 refunded acct_1:gold acct_1         pi_2
            acct_2:1001 paid     acct_2:gold acct_2         pi_3
        )");
}

TEST_CASE("no seller names an order of the platform's, whatever the platform calls it") {
    Story("orders")
        .given(paid("1", "", metadata("acct_1:1001", "u_1", "gold")))
        .given(paid("2", "acct_1"))
        .then("orders", R"(
            order_id             product_id  seller_account payment_intent_id
            acct_1:1001          acct_1:gold acct_1         pi_2
            platform:acct_1:1001 gold        -              pi_1
        )");
}

TEST_CASE("what a seller's order has lines of is the seller's") {
    const auto lines = R"("metadata":{"user_id":"u_1","line_1":"gold||1|1000"})";
    Story("orders")
        .given(paid("1", "acct_1"))
        .given(paid("2", "acct_1", lines))
        .then("order_items", R"(
            order_id    product_id
            acct_1:1001 acct_1:gold
            pi_2        acct_1:gold
        )");
}

TEST_CASE("a seller grants products of his own, whatever he calls them") {
    const auto line = R"("lines":{"data":[{"amount":500,"price":{"product":"gold"}}]},)";
    Story("entitlements")
        .given(paid("1", "acct_1"))
        .given({{"invoice.paid",
                 102,
                 invoice("in_1", "", "manual", 500, "paid", 0,
                         line + std::string(R"("metadata":{"user_id":"u_2"})")),
                 {},
                 "acct_1"}})
        .then("entitlements", R"(
            user_id product_id  active order_id
            u_1     acct_1:gold yes    acct_1:1001
            u_2     acct_1:gold yes    in_1
        )");
}

TEST_CASE("a seller's metadata name no object of the platform and no other seller") {
    const auto forged =
        R"("transfer_data":{"destination":"acct_2"},)" + metadata("pi_1", "u_9", "gold");
    Story("orders").given(paid("1", "")).given(paid("2", "acct_1", forged)).then("orders", R"(
            order_id    amount buyer_id seller_account
            1001        1000   u_1      -
            acct_1:pi_1 1000   u_9      acct_1
        )");
}

TEST_CASE("a seller's subscription is named as the orders that it makes") {
    Story("subscriptions")
        .given({{"customer.subscription.created",
                 100,
                 subscription("sub_1", "active", known),
                 {},
                 "acct_1"}})
        .then("subscriptions", R"(
            subscription_id order_id    product_id  seller_account
            sub_1           acct_1:1001 acct_1:gold acct_1
        )");
}
