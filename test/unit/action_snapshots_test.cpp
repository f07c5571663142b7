// What our own calls to Stripe answered counts like a webhook, and gives way to what is newer.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A product that we made and changed again and again, within few seconds and back and forth, as
/// webhooks and answers tell of it.
struct History {
    std::vector<StripeEvent> events;
    std::string name = "A";
    bool active = true;

    explicit History(std::uint64_t seed) : random(seed), lag(static_cast<int>(random() % 2)) {
        events.push_back({"product.created", second - lag, object()});
        events.push_back(answered("/v1/products", second, object()));
        for (auto changes = random() % 8; changes > 0; --changes)
            change();
    }

private:
    [[nodiscard]] std::string object() const {
        return mirrored("product", "prod_1",
                        R"("name":")" + name + R"(","active":)" + (active ? "true" : "false"));
    }
    void change() {
        if (random() % 4 == 0) ++second;
        std::string before;
        if (random() % 2 == 0) {
            before = std::string(R"({"active":)") + (active ? "true}" : "false}");
            active = !active;
        } else {
            before = R"({"name":")" + name + R"("})";
            name = name == "A" ? "B" : "A";
        }
        events.push_back({"product.updated", second - lag, object(), before});
        // Stripe's second is read off its clock minus the time that the call took.
        const auto seen = second - static_cast<std::int64_t>(random() % 2);
        events.push_back(
            answered("/v1/products/prod_1", std::max<std::int64_t>(seen, 101), object()));
        events.back().answered_at = second;
        events.back().answered_at_us =
            second * 1'000'000 + static_cast<std::int64_t>(events.size());
        events.back().until = second + static_cast<std::int64_t>(random() % 2);
    }

    std::mt19937_64 random;
    const int lag;  ///< of the clock that webhooks are stamped by, in seconds
    std::int64_t second = 101;
};

}  // namespace

TEST_CASE("an order is there as soon as our own call was answered") {
    Story("orders")
        .given({answered("/v1/payment_intents", 100,
                         payment_intent("pi_1", 1000, "requires_payment_method",
                                        metadata("o_1", "u_1", "p_1")))})
        .then("orders", R"(
            order_id  status   amount  buyer_id  product_id  payment_intent_id
            o_1       pending  1000    u_1       p_1         pi_1
        )");
}

TEST_CASE("a webhook of the same second does not take back what a change answered") {
    // No event tells of a payment intent's new amount: only the answer does.
    Story("orders")
        .given({{"payment_intent.created", 100,
                 payment_intent("pi_1", 1000, "requires_payment_method",
                                metadata("o_1", "u_1", "p_1"))},
                answered("/v1/payment_intents", 100,
                         payment_intent("pi_1", 1000, "requires_payment_method")),
                answered("/v1/payment_intents/pi_1", 100,
                         payment_intent("pi_1", 2500, "requires_payment_method"))})
        .then("orders", R"(
            order_id  status   amount
            o_1       pending  2500
        )");
}

TEST_CASE("what Stripe did after our call was answered is not undone by the answer") {
    Story("orders")
        .given({answered("/v1/payment_intents/pi_1/confirm", 100,
                         payment_intent("pi_1", 1000, "processing", metadata("o_1", "u_1", "p_1"))),
                {"payment_intent.succeeded", 100, payment_intent("pi_1", 1000, "succeeded")},
                {"charge.succeeded", 100, charge("ch_1", "pi_1", 1000)}})
        .then("orders", R"(
            order_id  status  amount
            o_1       paid    1000
        )");
}

TEST_CASE("a refund counts as soon as it was answered, and once") {
    Story("orders")
        .given({{"payment_intent.succeeded", 100,
                 payment_intent("pi_1", 1000, "succeeded", metadata("o_1", "u_1", "p_1"))},
                {"charge.succeeded", 100, charge("ch_1", "pi_1", 1000)},
                answered("/refunds", 200, refund("re_1", "ch_1", "pi_1", 400, "succeeded"))})
        .then("orders", R"(
            order_id  status              amount_refunded
            o_1       partially_refunded  400
        )")
        .given({{"refund.created", 200, refund("re_1", "ch_1", "pi_1", 400, "succeeded")},
                {"charge.refunded", 200, charge("ch_1", "pi_1", 1000, R"("amount_refunded":400)"),
                 R"({"amount_refunded":0})"}})
        .then("orders", R"(
            order_id  status              amount_refunded
            o_1       partially_refunded  400
        )");
}

TEST_CASE("a subscription that was cancelled by us stays so when older webhooks come late") {
    Story("subscriptions")
        .given({answered("/v1/subscriptions/sub_1", 200, subscription("sub_1", "canceled")),
                {"customer.subscription.updated", 200, subscription("sub_1", "active"),
                 R"({"status":"incomplete"})"}})
        .then("subscriptions", R"(
            subscription_id  status
            sub_1            canceled
        )");
}

TEST_CASE("within one second previous_attributes put webhooks behind the answer they follow") {
    const auto keeps = subscription("sub_1", "active");
    const auto ends = subscription("sub_1", "active", R"("cancel_at_period_end":true)");
    Story("subscriptions")
        .given({{"customer.subscription.created", 100, keeps},
                answered("/v1/subscriptions/sub_1", 100, ends)})
        .then("subscriptions", R"(
            subscription_id  cancel_at_period_end
            sub_1            yes
        )")
        .given({{"customer.subscription.updated", 100, ends, R"({"cancel_at_period_end":false})"},
                {"customer.subscription.updated", 100, keeps, R"({"cancel_at_period_end":true})"}})
        .then("subscriptions", R"(
            subscription_id  cancel_at_period_end
            sub_1            no
        )");
}

TEST_CASE("what was changed is there at once, whichever second its answer counts for") {
    const auto named = [](const char* name) {
        return mirrored("product", "prod_1", R"("name":")" + std::string(name) + '"');
    };
    // Made and changed within a second or two: Stripe's Date less the time of the call is before.
    for (const std::int64_t seen : {99, 100, 101}) {
        auto renamed = answered("/v1/products/prod_1", seen, named("B"));
        renamed.until = 101;
        Story("products")
            .given({{"product.created", 100, named("A")}, renamed})
            .then("products", "product_id name\nprod_1 B");
        auto again = answered("/v1/products/prod_1", seen, named("C"));
        again.until = again.answered_at = 102;
        Story("products")
            .given({{"product.created", 100, named("A")},
                    renamed,
                    {"product.updated", 101, named("B"), R"({"name":"A"})"},
                    again})
            .then("products", "product_id name\nprod_1 C");
        Story("products")
            .given({{"product.created", 100, named("A")},
                    renamed,
                    {"product.updated", 101, named("C"), R"({"name":"B"})"}})
            .then("products", "product_id name\nprod_1 C");
    }
}

TEST_CASE("a product that was made with its price can be sold before any webhook comes") {
    const auto price =
        mirrored("price", "price_1",
                 R"("product":"prod_1","currency":"usd","unit_amount":900,"active":true)");
    const auto both = answered(
        "/products", 100, mirrored("product", "prod_1", R"("name":"A","default_price":)" + price));
    const StripeEvent changed{
        "price.updated", 100,
        mirrored("price", "price_1",
                 R"("product":"prod_1","currency":"usd","unit_amount":900,"active":false)"),
        R"({"active":true})"};
    Story("products").given({both}).then("products", R"(
        product_id  name  default_price_id
        prod_1      A     price_1
    )");
    Story("prices").given({both}).then("prices", R"(
        price_id  product_id  unit_amount  active
        price_1   prod_1      900          yes
    )");
    // what Stripe said of the price itself is newer
    Story("prices").given({changed, both}).then("prices", R"(
        price_id  product_id  unit_amount  active
        price_1   prod_1      900          no
    )");
}

TEST_CASE("what a creation answered is newer than its event, and older than all other events") {
    const auto product = [](const std::string& price) {
        return mirrored("product", "prod_1", R"("name":"A","default_price":)" + price);
    };
    const StripeEvent created{"product.created", 100, product("null")};
    const auto made = answered("/products", 100, product(R"("price_1")"));
    const StripeEvent priced{"product.updated", 100, product(R"("price_1")"),
                             R"({"default_price":null})"};
    const StripeEvent bared{"product.updated", 100, product("null"),
                            R"({"default_price":"price_1"})"};
    const char* with_price = "product_id default_price_id\nprod_1 price_1";
    Story("products").given({created, made}).then("products", with_price);
    Story("products").given({created, made, priced}).then("products", with_price);
    Story("products").given({made, priced}).then("products", with_price);
    Story("products")
        .given({created, made, priced, bared})
        .then("products", "product_id default_price_id\nprod_1 -");
}

TEST_CASE("an account made by the platform is filed under its own id") {
    const auto account =
        R"({"id":"acct_9","object":"account","country":"DE","created":100,)"
        R"("charges_enabled":false,"payouts_enabled":false,"details_submitted":false})";
    Story("accounts").given({answered("/connect/accounts", 100, account)}).then("accounts", R"(
            account_id  readiness   country
            acct_9      onboarding  DE
        )");
}

TEST_CASE("each step of an action counts, in the second in which its object was made") {
    const auto customer = mirrored("customer", "cus_1", R"("email":"ada@example.com")");
    Story("customers")
        .given({answered("/checkout/subscription", 105, subscription("sub_1", "incomplete"),
                         R"([{"status":200,"object":)" + customer + "}]")})
        .then("customers", R"(
            customer_id  email            created_at
            cus_1        ada@example.com  100
        )")
        .given({{"customer.updated", 101,
                 mirrored("customer", "cus_1", R"("email":"ada@example.org")"),
                 R"({"email":"ada@example.com"})"}})
        .then("customers", R"(
            customer_id  email            created_at
            cus_1        ada@example.org  100
        )");
}

TEST_CASE("stubs of what was deleted, lists, unknown objects and no object at all say nothing") {
    for (const auto* object :
         {R"({"id":"pi_1","object":"payment_intent","deleted":true})",
          R"({"object":"list","data":[{"id":"pi_1","object":"payment_intent"}]})",
          R"({"id":"x_1","object":"v2.core.account"})", R"({"object":"unheard.of"})", "null",
          R"({"id":"card_1","object":"card","customer":"cus_1"})"}) {
        INFO(object);
        Story("orders").given({answered("/v1/x", 100, object)}).then("orders", "order_id");
        Story("accounts").given({answered("/v1/x", 100, object)}).then("accounts", "account_id");
    }
}

TEST_CASE("what failed or is open is no snapshot of anything") {
    for (const auto* type : {"action.requested", "action.indeterminate", "action.failed"}) {
        auto event = answered("/v1/payment_intents", 100,
                              payment_intent("pi_1", 1000, "requires_payment_method"));
        event.type = type;
        Story("orders").given({event}).then("orders", "order_id");
    }
}

TEST_CASE("once all webhooks are there, the answers of our own calls change nothing") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const History history(seed);
        INFO("seed " << seed);
        Story("products")
            .given(history.events)
            .then("products", "product_id name active\nprod_1 " + history.name +
                                  (history.active ? " yes" : " no"));
    }
}
