// Second clicks: told from repetitions of a request, on every node, and forgotten after a minute.
#include <api/marketplace/recent_orders.hpp>
#include <test/integration/cluster.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using daybook::api::RecentOrders;
using daybook::test::Database;

namespace {

struct Table {
    Database database;
    daybook::pg::Connection db = database.connect_service();
    RecentOrders orders{db, 0};

    /// The order that is met; "-" for none.
    std::string met(const std::vector<std::string>& likenesses, const std::string& order,
                    const std::string& key) {
        const auto before = orders.meet(likenesses, {order, key});
        return before ? before->order.order_id : "-";
    }
    void seconds_pass(int seconds) {
        db.run("UPDATE ledger.recent_orders SET placed_at = placed_at - $1 * interval '1 s'",
               daybook::pg::Params().number(seconds));
    }
    std::int64_t rows() { return db.run("SELECT count(*) FROM ledger.recent_orders").number(0, 0); }
};

}  // namespace

TEST_CASE("an equal order of another request is told which one was first") {
    Table table;
    CHECK(table.met({"two bowls for u_1"}, "o_1", "key_1") == "-");
    CHECK(table.met({"two bowls for u_1"}, "o_2", "key_2") == "o_1");
    // the same request once more, and another order
    CHECK(table.met({"two bowls for u_1"}, "o_3", "key_1") == "-");
    CHECK(table.met({"one bowl for u_1"}, "o_4", "key_4") == "-");
}

TEST_CASE("an order that came to nothing leaves its place to the next") {
    Table table;
    CHECK(table.met({"a"}, "o_1", "key_1") == "-");
    const auto first = table.orders.meet({"a"}, {"o_2", "key_2"});
    REQUIRE(first);
    table.orders.replace(*first, {"o_2", "key_2"});
    CHECK(table.met({"a"}, "o_3", "key_3") == "o_2");
    // whoever comes second to that place meets who took it
    table.orders.replace(*first, {"o_4", "key_4"});
    CHECK(table.met({"a"}, "o_4", "key_4") == "o_2");
}

TEST_CASE("an order that meets another is remembered under none of its likenesses") {
    Table table;
    CHECK(table.met({"o_1"}, "o_1", "key_1") == "-");
    const auto before = table.orders.meet({"two bowls for u_1", "o_1"}, {"o_1", "key_2"});
    REQUIRE(before);
    CHECK(before->likeness == "o_1");
    CHECK(table.met({"two bowls for u_1"}, "o_3", "key_3") == "-");
}

TEST_CASE("orders are forgotten after a minute, and their rows removed") {
    Table table;
    for (const auto* likeness : {"a", "b", "c"})
        CHECK(table.met({likeness}, "o_1", likeness) == "-");
    table.seconds_pass(59);
    CHECK(table.met({"a"}, "o_2", "key_2") == "o_1");
    table.seconds_pass(1);
    CHECK(table.met({"a"}, "o_2", "key_2") == "-");
    CHECK(table.met({"a"}, "o_3", "key_3") == "o_2");
    CHECK(table.rows() == 1);
}

TEST_CASE("of equal orders at one moment one is the first, and no two wait for each other") {
    const Table table;
    constexpr int clients = 8;
    constexpr int rounds = 50;
    std::atomic<int> firsts = 0;
    std::vector<std::thread> threads;
    for (int client = 0; client < clients; ++client)
        threads.emplace_back([&, client] {
            auto db = table.database.connect_service();
            RecentOrders orders(db, 0);
            for (int round = 0; round < rounds; ++round) {
                const auto name = std::to_string(round);
                std::vector<std::string> likenesses{"id " + name, "lines " + name};
                if (client % 2 == 1) std::swap(likenesses[0], likenesses[1]);
                if (!orders.meet(likenesses, {"o", std::to_string(client)})) ++firsts;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(firsts == rounds);
}
