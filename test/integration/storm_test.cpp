// A thousand clients at once, two nodes, one key: Daybook's own API does it once, and everybody
// gets the same answer.
#include <test/integration/outliving_stripe.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <chrono>
#include <latch>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr int calls = 1000;
constexpr int attempts_max = 100;
constexpr std::chrono::milliseconds pause{200};

struct Nodes : Surroundings {
    Serve first{environment(port)};
    Serve second{environment(free_port())};
    const std::string key = make_key("admin");

    [[nodiscard]] Answer post(const std::string& path, const std::string& idempotency_key,
                              const std::string& body) const {
        return post_json(port, key, path, idempotency_key, body);
    }
    /// What the order says once `condition` holds of it.
    [[nodiscard]] bool order_becomes(const std::string& order, const std::string& status) const {
        return eventually([&] {
            const auto answer = HttpClient(second.port()).get("/orders/" + order, key);
            return answer.status == 200 && Json(answer.body).text("/status") == status;
        });
    }
    [[nodiscard]] std::size_t count_at_stripe(const std::string& target) const {
        return Json(stripe.ask(target).body).data().size();
    }
    [[nodiscard]] std::int64_t logged(const std::string& type, const std::string& action) const {
        return database.connect()
            .run("SELECT count(*) FROM ledger.events WHERE type = $1 AND object_id = $2",
                 pg::Params().text(type).text(action))
            .number(0, 0);
    }
};

/// What a storm brought: how often each answer came, and the action that they all name.
struct Storm {
    std::map<std::string, int> answers;  ///< status and body
    std::set<std::string> actions;
    int repeated = 0;  ///< calls that were told to come again

    [[nodiscard]] const std::string& answer() const { return answers.begin()->first; }
};

/// Told so by 409 while a twin is at it, by 503 while a queue is full; or nobody answered.
bool is_to_come_again(const Answer& answer) {
    return answer.status == 0 || answer.status == 503 ||
           answer.body.find("idempotency-key-in-use") != std::string::npos;
}

/// Half of the clients call one node and half the other, all at the same moment.
Storm storm(const Nodes& nodes, const std::string& path, const std::string& idempotency_key,
            const std::string& body) {
    Storm storm;
    std::mutex mutex;
    std::latch start(calls);
    std::vector<std::thread> clients;
    const auto client = [&](std::uint16_t port) {
        start.arrive_and_wait();
        auto answer = post_json(port, nodes.key, path, idempotency_key, body);
        int repeated = 0;
        for (; is_to_come_again(answer) && repeated < attempts_max; ++repeated) {
            std::this_thread::sleep_for(pause);
            answer = post_json(port, nodes.key, path, idempotency_key, body);
        }
        const std::lock_guard lock(mutex);
        storm.repeated += repeated;
        ++storm.answers[fmt::format("{} {}", answer.status, answer.body)];
        const auto action = answer.headers.find("daybook-action");
        storm.actions.insert(action == answer.headers.end() ? "none" : action->second);
    };
    for (int i = 0; i < calls; ++i)
        clients.emplace_back(client, i % 2 == 0 ? nodes.first.port() : nodes.second.port());
    for (auto& thread : clients)
        thread.join();
    return storm;
}

/// All got one answer, and the log has one request and one outcome.
void check_once(const Nodes& nodes, const Storm& storm) {
    for (const auto& [answer, times] : storm.answers)
        UNSCOPED_INFO(times << " times " << answer);
    UNSCOPED_INFO(storm.repeated << " times told to come again");
    REQUIRE(storm.answers.size() == 1);
    REQUIRE(storm.actions.size() == 1);
    CHECK_THAT(storm.answer(), Catch::StartsWith("200 "));
    CHECK(nodes.logged("action.requested", *storm.actions.begin()) == 1);
    CHECK(nodes.logged("action.succeeded", *storm.actions.begin()) == 1);
    CHECK(nodes.logged("action.failed", *storm.actions.begin()) == 0);
}

/// A body for POST /payment-intents, of a product that both nodes know.
std::string order_of_a_bowl(const Nodes& nodes) {
    const auto made = nodes.post("/products", "bowl", R"({"name":"Bowl","price":
        {"currency":"usd","unit_amount":1500}})");
    REQUIRE(made.status == 200);
    const Json product(made.body);
    REQUIRE(eventually([&] {
        return HttpClient(nodes.second.port())
                   .get("/products/" + product.text("/product_id"), nodes.key)
                   .status == 200;
    }));
    return fmt::format(R"({{"buyer":{{"user_id":"user_1"}},"lines":[{{"price":"{}"}}]}})",
                       product.text("/default_price_id"));
}

/// The same request of many clients at the same moment, half of them on one node and half on the
/// other, each with a key of its own. They come again when they are told to.
std::vector<Answer> click(const Nodes& nodes, const std::string& path, const std::string& body) {
    std::vector<Answer> answers(20);
    std::latch start(std::ssize(answers));
    std::vector<std::thread> clients;
    const auto client = [&](std::uint16_t port, const std::string& key, Answer& answer) {
        start.arrive_and_wait();
        answer = post_json(port, nodes.key, path, key, body);
        for (int repeated = 0; answer.status == 503 && repeated < attempts_max; ++repeated) {
            std::this_thread::sleep_for(pause);
            answer = post_json(port, nodes.key, path, key, body);
        }
    };
    for (auto& answer : answers) {
        const auto number = clients.size();
        clients.emplace_back(client, number % 2 == 0 ? nodes.first.port() : nodes.second.port(),
                             fmt::format("click-{}", number), std::ref(answer));
    }
    for (auto& thread : clients)
        thread.join();
    return answers;
}

std::map<int, int> statuses_of(const std::vector<Answer>& answers) {
    std::map<int, int> statuses;
    for (const auto& answer : answers)
        ++statuses[answer.status];
    return statuses;
}

}  // namespace

TEST_CASE("a thousand orders and refunds with one key on two nodes are one of each") {
    // given a product, which both nodes know
    const Nodes nodes;
    const auto order_body = order_of_a_bowl(nodes);

    // when a thousand clients place the order, which has no id of its own
    const auto placed = storm(nodes, "/payment-intents", "order", order_body);

    // then there is one payment intent
    check_once(nodes, placed);
    const auto order = Json(placed.answer().substr(4)).text("/order_id");
    const auto intent = Json(placed.answer().substr(4)).text("/payment_intent_id");
    CHECK(nodes.count_at_stripe("/v1/payment_intents?limit=100") == 1);
    CHECK(nodes.stripe.intents_of(order) == 1);

    // and when it is paid, and a thousand clients ask for a part of the money, then for the rest
    nodes.stripe.pay(intent);
    REQUIRE(nodes.order_becomes(order, "paid"));
    const auto part =
        storm(nodes, "/refunds", "part", fmt::format(R"({{"order_id":"{}","amount":400}})", order));
    check_once(nodes, part);
    REQUIRE(nodes.order_becomes(order, "partially_refunded"));
    const auto rest =
        storm(nodes, "/refunds", "rest", fmt::format(R"({{"order_id":"{}"}})", order));
    check_once(nodes, rest);

    // then there are two refunds, and all of the money is back
    const auto target = "/v1/refunds?limit=100&payment_intent=" + intent;
    CHECK(nodes.count_at_stripe(target) == 2);
    const auto refund = Json(nodes.stripe.ask(target).body);
    CHECK(refund.number("/data/0/amount") + refund.number("/data/1/amount") == 1500);
    CHECK(nodes.order_becomes(order, "refunded"));

    // and whoever comes late gets the same bytes
    const auto late =
        post_json(nodes.second.port(), nodes.key, "/payment-intents", "order", order_body);
    CHECK(fmt::format("{} {}", late.status, late.body) == placed.answer());
    CHECK(late.headers.at("idempotent-replayed") == "true");
}

TEST_CASE("of equal orders with different keys at once on two nodes one is placed") {
    // given a product
    const Nodes nodes;
    const auto body = order_of_a_bowl(nodes);

    // when the buyer clicks many times, and each click is a request of its own
    const auto answers = click(nodes, "/payment-intents", body);

    // then all are told of the same order, and there is one payment intent
    CHECK(statuses_of(answers) == std::map<int, int>{{200, 1}, {409, 19}});
    std::set<std::string> orders;
    for (const auto& answer : answers)
        orders.insert(Json(answer.body).text("/order_id"));
    CHECK(orders.size() == 1);
    CHECK(nodes.count_at_stripe("/v1/payment_intents?limit=100") == 1);
}

TEST_CASE("a line that many refund at once on two nodes is refunded once") {
    // given a paid order of two bowls, and five more in a line of their own
    const Nodes nodes;
    auto body = order_of_a_bowl(nodes);
    const auto from = body.find('[') + 1, to = body.find(']');
    const auto line = body.substr(from, to - from);
    body.replace(
        from, to - from,
        fmt::format(R"({0},"quantity":2}},{0},"quantity":5}})", line.substr(0, line.size() - 1)));
    const Json placed(nodes.post("/payment-intents", "order", body).body);
    const auto order = placed.text("/order_id");
    nodes.stripe.pay(placed.text("/payment_intent_id"));
    REQUIRE(nodes.order_becomes(order, "paid"));

    // when many ask for one of the two back
    const auto answers =
        click(nodes, "/refunds",
              fmt::format(R"({{"order_id":"{}","lines":[{{"item_no":1,"quantity":1}}]}})", order));

    // then there is a refund for each of them, and the others are told so
    for (const auto& answer : answers)
        UNSCOPED_INFO(answer.status << " " << answer.body);
    CHECK(statuses_of(answers) == std::map<int, int>{{200, 2}, {422, 18}});
    CHECK(nodes.count_at_stripe("/v1/refunds?limit=100") == 2);
}

TEST_CASE("of many subscriptions that begin at one moment on two nodes all are one customer's") {
    // given a price that both nodes know
    const Nodes nodes;
    const auto club = nodes.post("/products", "club", R"({"name":"Club","price":
        {"currency":"usd","unit_amount":1500,"recurring":{"interval":"month"}}})");
    REQUIRE(club.status == 200);
    const Json product(club.body);
    REQUIRE(eventually([&] {
        return HttpClient(nodes.second.port())
                   .get("/products/" + product.text("/product_id"), nodes.key)
                   .status == 200;
    }));

    // when a user who is no customer yet subscribes many times, and means it
    const auto answers = click(
        nodes, "/checkout/subscription",
        fmt::format(R"({{"buyer":{{"user_id":"user_1"}},"lines":[{{"price":"{}"}}],"force":true}})",
                    product.text("/default_price_id")));

    // then there is a subscription for each, and one customer
    for (const auto& answer : answers)
        UNSCOPED_INFO(answer.status << " " << answer.body);
    CHECK(statuses_of(answers) == std::map<int, int>{{200, 20}});
    CHECK(nodes.count_at_stripe("/v1/subscriptions?limit=100") == 20);
    CHECK(nodes.count_at_stripe("/v1/customers?limit=100") == 1);
}
