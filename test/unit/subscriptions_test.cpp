// Subscriptions: terms, items and periods, whatever the API version.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr char terms[] =
    R"("currency":"usd","latest_invoice":{"id":"in_1"},"collection_method":"charge_automatically",)"
    R"("transfer_data":{"destination":"acct_1","amount_percent":87.5},"trial_end":90,)"
    R"("application_fee_percent":null,"default_payment_method":"pm_1",)"
    R"("metadata":{"order_id":"o_1","user_id":"u_1","product_id":"p_1"},)"
    R"("items":{"data":[{"id":"si_2","quantity":2,"current_period_start":20,)"
    R"("current_period_end":50,"price":{"id":"price_2","product":"prod_2"}},)"
    R"({"id":"si_1","quantity":1,"current_period_start":10,"current_period_end":40,)"
    R"("price":{"id":"price_1","product":{"id":"prod_1"}}}]})";

}  // namespace

TEST_CASE("a subscription has its terms, its seller's share and whose it is") {
    Story("subscriptions")
        .given({{"customer.subscription.created", 100, subscription("sub_1", "trialing", terms)}})
        .then("subscriptions", R"(
            subscription_id status   customer_id user_id order_id product_id seller_account seller_percent latest_invoice_id
            sub_1           trialing cus_1       u_1     o_1      p_1        acct_1         87.5           in_1
        )")
        .then("subscriptions", R"(
            subscription_id current_period_start current_period_end trial_end application_fee_percent currency
            sub_1           10                   50                 90        -                       usd
        )")
        .then("subscription_items", R"(
            subscription_id item_id price_id product_id quantity current_period_end
            sub_1           si_1    price_1  prod_1     1        40
            sub_1           si_2    price_2  prod_2     2        50
        )");
}

TEST_CASE("before basil the period belongs to the subscription") {
    Story("subscriptions")
        .given({{"customer.subscription.created", 100,
                 subscription("sub_1", "active",
                              R"("current_period_start":5,"current_period_end":6,)"
                              R"("items":{"data":[{"id":"si_1","plan":{"id":"gold",)"
                              R"("product":"prod_1"}}]})")}})
        .then("subscriptions", R"(
            subscription_id current_period_start current_period_end
            sub_1           5                    6
        )")
        .then("subscription_items", R"(
            item_id price_id product_id
            si_1    gold     prod_1
        )");
}

TEST_CASE("a removed item goes, and an older snapshot does not bring it back") {
    const auto items = [](const char* ids) {
        return R"("items":{"data":[)" + std::string(ids) + "]}";
    };
    constexpr char one[] = R"({"id":"si_1","quantity":1,"price":{"id":"price_1"}})";
    constexpr char two[] =
        R"({"id":"si_1","quantity":1,"price":{"id":"price_1"}},{"id":"si_2","quantity":1})";
    Story("subscriptions")
        .given({{"customer.subscription.created", 100, subscription("sub_1", "active", items(one))},
                {"customer.subscription.updated", 100, subscription("sub_1", "active", items(two)),
                 '{' + items(one) + '}'},
                {"customer.subscription.updated", 100, subscription("sub_1", "active", items(one)),
                 '{' + items(two) + '}'}})
        .then("subscription_items", R"(
            item_id
            si_1
        )");
}

TEST_CASE("an end that is set and one that came are told apart") {
    Story("subscriptions")
        .given({{"customer.subscription.updated", 200,
                 subscription("sub_1", "active",
                              R"("cancel_at_period_end":true,"cancel_at":500,"canceled_at":200)"),
                 R"({"cancel_at_period_end":false,"cancel_at":null,"canceled_at":null})"},
                {"customer.subscription.deleted", 500,
                 subscription("sub_2", "canceled", R"("ended_at":500,"canceled_at":200)")}})
        .then("subscriptions", R"(
            subscription_id status   cancel_at_period_end cancel_at canceled_at ended_at
            sub_1           active   yes                  500       200         -
            sub_2           canceled no                   -         200         500
        )");
}

TEST_CASE("of changes of a seller's share within a second the last one is known") {
    const auto share = [](const char* percent) {
        return subscription("sub_1", "active",
                            R"("transfer_data":{"destination":"acct_1","amount_percent":)" +
                                std::string(percent) + "}");
    };
    const auto before = [](const char* percent) {
        return R"({"transfer_data":{"amount_percent":)" + std::string(percent) + "}}";
    };
    const std::vector<StripeEvent> changes = {
        {"customer.subscription.updated", 100, share("70"), before("90")},
        {"customer.subscription.updated", 100, share("100"), before("70")},
        {"customer.subscription.created", 100, share("90")},
        {"customer.subscription.updated", 100, share("80"), before("100")}};
    Story("subscriptions").given(changes).then("subscriptions", R"(
        seller_account seller_percent
        acct_1         80
    )");
    Story("subscriptions")
        .given(changes)
        .given({{"customer.subscription.updated", 100, subscription("sub_1", "active"),
                 R"({"transfer_data":{"destination":"acct_1","amount_percent":80}})"}})
        .then("subscriptions", R"(
            seller_account seller_percent
            -              -
        )");
}
