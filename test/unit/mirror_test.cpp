// Customers and the catalogue: tables that show Stripe's objects as they are now.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

TEST_CASE("a customer is shown with who it is to the marketplace, and stays when deleted") {
    Story("customers")
        .given(
            {{"customer.created", 100,
              mirrored("customer", "cus_1",
                       R"("email":"ada@example.com","name":"Ada","balance":-500,)"
                       R"("delinquent":false,"invoice_settings":{"default_payment_method":null},)"
                       R"("metadata":{"userId":"u_1","b":"2","a":"1"})")},
             {"customer.updated", 200,
              mirrored("customer", "cus_1",
                       R"("email":"ada@example.com","name":"Ada L","balance":0,)"
                       R"("delinquent":true,)"
                       R"("invoice_settings":{"default_payment_method":{"id":"pm_1"}},)"
                       R"("metadata":{"userId":"u_1","a":"1"})"),
              R"({"name":"Ada","balance":-500,"delinquent":false,"metadata":{"b":"2"},)"
              R"("invoice_settings":{"default_payment_method":null}})"},
             {"customer.deleted", 300,
              mirrored("customer", "cus_1", R"("email":"ada@example.com","name":"Ada L")")},
             {"customer.created",
              150,
              mirrored("customer", "cus_2", R"("currency":"eur","metadata":{"user_id":"u_2"})"),
              {},
              "acct_1"}})
        .then("customers", R"(
            customer_id account_id email           name  user_id currency deleted created_at
            cus_1       ""         ada@example.com Ada_L -       -        yes     100
            cus_2       acct_1     -               -     u_2     eur      no      100
        )");
}

TEST_CASE("two changes within one second end where previous_attributes lead") {
    const auto product = [](std::string_view name, std::string_view active) {
        return mirrored("product", "prod_1",
                        R"("name":")" + std::string(name) + R"(","active":)" + std::string(active) +
                            R"(,"metadata":{"seller":"acct_1"})");
    };
    Story("products")
        .given({{"product.created", 100, product("A", "true")},
                {"product.updated", 100, product("B", "false"), R"({"active":true})"},
                {"product.updated", 100, product("B", "true"), R"({"name":"A"})"},
                {"product.updated", 100, product("C", "false"), R"({"name":"B"})"}})
        .then("products", R"(
            product_id name active seller metadata
            prod_1     C    no     acct_1 {"seller":"acct_1"}
        )");
}

TEST_CASE("a product's seller has several names, and metadata can be taken away") {
    const auto named = [](const char* id, const char* metadata) {
        return StripeEvent{"product.created", 100,
                           mirrored("product", id, R"("metadata":)" + std::string(metadata))};
    };
    Story("products")
        .given({named("p1", R"({"account_id":"acct_2"})"),
                named("p2", R"({"seller_id":"s"})"),
                named("p3", R"({"sellerId":"t","seller":"u"})"),
                named("p4", "null"),
                {"product.updated", 100, mirrored("product", "p1", R"("metadata":{})"),
                 R"({"metadata":{"account_id":"acct_2"}})"}})
        .then("products", R"(
            product_id seller metadata
            p1         -      {}
            p2         s      {"seller_id":"s"}
            p3         u      {"seller":"u","sellerId":"t"}
            p4         -      {}
        )");
}

TEST_CASE("prices keep amounts exact, decimals as text, and what recurs") {
    Story("prices")
        .given(
            {{"price.created", 100,
              mirrored("price", "price_1",
                       R"("product":"prod_1","active":true,"currency":"usd",)"
                       R"("unit_amount":9007199254740993,"unit_amount_decimal":"9007199254740993",)"
                       R"("type":"recurring","recurring":{"interval":"month","interval_count":3,)"
                       R"("usage_type":"licensed"},"lookup_key":"gold")")},
             {"price.created", 100,
              mirrored("price", "price_2",
                       R"("product":{"id":"prod_1","object":"product"},"active":false,)"
                       R"("currency":"usd","unit_amount":null,"unit_amount_decimal":0.50,)"
                       R"("type":"one_time","recurring":null,)"
                       R"("transform_quantity":{"divide_by":10,"round":"up"})")}})
        .then("prices", R"(
            price_id product_id active unit_amount      unit_amount_decimal recurring_interval recurring_interval_count package_size lookup_key
            price_1  prod_1     yes    9007199254740993 9007199254740993    month              3                        -            gold
            price_2  prod_1     no     -                0.5                 -                  -                        10           -
        )");
}

TEST_CASE("an amount that is no integer sets the event aside") {
    StripeEvent event{"price.created", 100, mirrored("price", "p", R"("unit_amount":1.5)")};
    CHECK_THROWS_WITH(Story("prices").given({event}).then("prices", "price_id"),
                      Catch::Contains("unit_amount is not an integer"));
}

TEST_CASE("a coupon's id may be given anew after it was deleted, and each account has its own") {
    const auto coupon = [](const char* percent, std::int64_t created) {
        return mirrored("coupon", "SUMMER",
                        R"("valid":true,"duration":"once","percent_off":)" + std::string(percent),
                        created);
    };
    Story("coupons")
        .given({{"coupon.created", 100, coupon("12.5", 100)},
                {"coupon.deleted", 200, coupon("12.5", 100)},
                {"coupon.created", 100, coupon("50.0", 100), {}, "acct_1"}})
        .then("coupons", R"(
            coupon_id account_id percent_off deleted
            SUMMER    ""         12.5        yes
            SUMMER    acct_1     50          no
        )")
        .given({{"coupon.created", 200, coupon("30", 200)}})
        .then("coupons", R"(
            coupon_id account_id percent_off deleted created_at
            SUMMER    ""         30          no      200
            SUMMER    acct_1     50          no      100
        )");
}

TEST_CASE("promotion codes name their coupon, in the shapes of all versions") {
    Story("promotion_codes")
        .given({{"promotion_code.created", 100,
                 mirrored("promotion_code", "promo_1",
                          R"("code":"FALL","active":true,"promotion":{"type":"coupon",)"
                          R"("coupon":"SUMMER"},"times_redeemed":2,"expires_at":900,)"
                          R"("restrictions":{"first_time_transaction":true,)"
                          R"("minimum_amount":500,"minimum_amount_currency":"usd"})")},
                {"promotion_code.created", 100,
                 mirrored("promotion_code", "promo_2",
                          R"("code":"OLD","coupon":{"id":"WINTER","object":"coupon"})")},
                {"promotion_code.updated", 200,
                 mirrored("promotion_code", "promo_2",
                          R"("code":"OLD","active":false,"coupon":{"id":"WINTER"})"),
                 R"({"active":true})"}})
        .then("promotion_codes", R"(
            promotion_code_id code coupon_id active times_redeemed expires_at minimum_amount first_time_transaction
            promo_1           FALL SUMMER    yes    2              900        500            yes
            promo_2           OLD  WINTER    no     -              -          -              no
        )");
}
