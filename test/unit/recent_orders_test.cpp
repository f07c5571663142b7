// Second clicks: told from repetitions of a request, and forgotten after a while.
#include <api/marketplace/recent_orders.hpp>

#include <catch2/catch.hpp>

using daybook::api::RecentOrders;

TEST_CASE("an equal order of another request is told which one was first") {
    RecentOrders orders;
    const RecentOrders::Clock::time_point now{};
    CHECK(orders.meet("two bowls for u_1", "o_1", "key_1", now).empty());
    CHECK(orders.meet("two bowls for u_1", "o_2", "key_2", now) == "o_1");
    // the same request once more, and another order
    CHECK(orders.meet("two bowls for u_1", "o_3", "key_1", now).empty());
    CHECK(orders.meet("one bowl for u_1", "o_4", "key_4", now).empty());
}

TEST_CASE("orders are forgotten when projections must know them") {
    RecentOrders orders;
    const RecentOrders::Clock::time_point now{};
    CHECK(orders.meet("a", "o_1", "key_1", now).empty());
    CHECK(orders.meet("a", "o_2", "key_2", now + RecentOrders::memory).empty());
    CHECK(orders.meet("a", "o_3", "key_3", now + RecentOrders::memory) == "o_2");
}

TEST_CASE("no more orders are remembered than the limit says") {
    RecentOrders orders;
    const RecentOrders::Clock::time_point now{};
    for (std::size_t i = 0; i <= RecentOrders::orders_max + 1; ++i)
        orders.meet(std::to_string(i), "o", "key", now);
    CHECK(orders.meet("0", "o", "another", now).empty());
    CHECK(orders.meet(std::to_string(RecentOrders::orders_max), "o", "another", now) == "o");
}
