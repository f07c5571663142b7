// Ids that are asked for: taken, free again, and taken by another.
#include <test/shop.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Shop;

TEST_CASE("A plan's id is taken once") {
    Shop shop;
    const std::string gold = "id=gold&amount=100&currency=usd&interval=month&product[name]=Gold";
    CHECK(shop.sim.post("/v1/plans", gold).status == 200);
    const auto again = shop.sim.post("/v1/plans", gold);
    CHECK(again.status == 400);
    CHECK(again.code() == "resource_already_exists");
    CHECK(shop.sim
              .post("/v1/plans",
                    "amount=1&currency=usd&interval=month&product[name]=B&id=" + shop.price)
              .code() == "resource_already_exists");
    CHECK(shop.sim.del("/v1/plans/gold").status == 200);
    CHECK(shop.sim.post("/v1/plans", gold).status == 200);
}

TEST_CASE("A coupon's id is free again, and what was made of it goes on") {
    Shop shop;
    const auto total_of = [&shop](const std::string& subscription) {
        shop.sim.world.advance(32 * day);
        return integer(shop.latest(subscription), "total");
    };
    const auto summer = [&shop](const std::string& terms) {
        CHECK(shop.sim.post("/v1/coupons", "id=SUMMER&duration=forever&" + terms).status == 200);
        return std::string(shop.subscribe("&discounts[0][coupon]=SUMMER").id());
    };
    const auto first = summer("percent_off=10&applies_to[products][0]=prod_other");
    CHECK(shop.sim.del("/v1/coupons/SUMMER").status == 200);
    const auto second = summer("percent_off=20");
    CHECK(
        array(shop.sim.get("/v1/coupons/SUMMER", "expand[]=applies_to").body, "applies_to.products")
            .empty());
    CHECK(shop.sim.del("/v1/coupons/SUMMER").status == 200);
    CHECK(total_of(second) == 1200);
    const auto third = summer("percent_off=50");
    CHECK(total_of(first) == 1500);
    CHECK(total_of(second) == 1200);
    CHECK(total_of(third) == 750);
}

TEST_CASE("A coupon does not end with the time of one that had its id") {
    Shop shop;
    const auto ends = std::to_string(shop.sim.world.clock.now() + day);
    shop.sim.post("/v1/coupons", "id=SUMMER&percent_off=10&redeem_by=" + ends);
    shop.sim.del("/v1/coupons/SUMMER");
    shop.sim.post("/v1/coupons", "id=SUMMER&percent_off=10");
    shop.sim.world.advance(2 * day);
    CHECK(flag(shop.sim.get("/v1/coupons/SUMMER").body, "valid"));
}
