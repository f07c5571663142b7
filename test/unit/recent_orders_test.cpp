// Second clicks: told from repetitions of a request, and forgotten after a while.
#include <api/marketplace/recent_orders.hpp>

#include <catch2/catch.hpp>

using daybook::api::RecentOrders;

namespace {

constexpr RecentOrders::Clock::time_point now{};

/// The order that is met; "-" for none.
std::string met(RecentOrders& orders, const std::string& likeness, const std::string& order,
                const std::string& key, RecentOrders::Clock::time_point at = now) {
    const std::string likenesses[] = {likeness};
    const auto before = orders.meet(likenesses, {order, key}, at);
    return before ? before->order.order_id : "-";
}

}  // namespace

TEST_CASE("an equal order of another request is told which one was first") {
    RecentOrders orders;
    CHECK(met(orders, "two bowls for u_1", "o_1", "key_1") == "-");
    CHECK(met(orders, "two bowls for u_1", "o_2", "key_2") == "o_1");
    // the same request once more, and another order
    CHECK(met(orders, "two bowls for u_1", "o_3", "key_1") == "-");
    CHECK(met(orders, "one bowl for u_1", "o_4", "key_4") == "-");
}

TEST_CASE("an order that came to nothing leaves its place to the next") {
    RecentOrders orders;
    CHECK(met(orders, "a", "o_1", "key_1") == "-");
    const RecentOrders::Met first{"a", {"o_1", "key_1"}};
    orders.replace(first, {"o_2", "key_2"});
    CHECK(met(orders, "a", "o_3", "key_3") == "o_2");
    // whoever comes second to that place meets who took it
    orders.replace(first, {"o_4", "key_4"});
    CHECK(met(orders, "a", "o_4", "key_4") == "o_2");
}

TEST_CASE("an order that meets another is remembered under none of its likenesses") {
    RecentOrders orders;
    CHECK(met(orders, "o_1", "o_1", "key_1") == "-");
    const std::string likenesses[] = {"two bowls for u_1", "o_1"};
    const auto before = orders.meet(likenesses, {"o_1", "key_2"}, now);
    REQUIRE(before);
    CHECK(before->likeness == "o_1");
    CHECK(met(orders, "two bowls for u_1", "o_3", "key_3") == "-");
}

TEST_CASE("orders are forgotten when projections must know them") {
    RecentOrders orders;
    CHECK(met(orders, "a", "o_1", "key_1") == "-");
    CHECK(met(orders, "a", "o_2", "key_2", now + RecentOrders::memory) == "-");
    CHECK(met(orders, "a", "o_3", "key_3", now + RecentOrders::memory) == "o_2");
}

TEST_CASE("no more orders are remembered than the limit says") {
    RecentOrders orders;
    for (std::size_t i = 0; i <= RecentOrders::orders_max + 1; ++i)
        met(orders, std::to_string(i), "o", "key");
    CHECK(met(orders, "0", "o", "another") == "-");
    CHECK(met(orders, std::to_string(RecentOrders::orders_max), "o", "another") == "o");
}
