// The small marketplace that the quickstart sends, as events for tests.
#pragma once

#include <ledger/event.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

struct Delivery {
    bool connect = false;  ///< to /webhooks/stripe/connect
    std::string body;
};

/// What the simulator's generator makes of its tiny market, in the order in which things happened.
std::vector<Delivery> day_deliveries();
std::vector<NewEvent> day_events();

/// An order with the shop's names on it, by the charge that paid it, as the events tell in the end.
struct Sale {
    std::string order;
    std::string user;
    std::string product;
    std::string seller;
    std::string charge;
    std::int64_t amount = 0;
    std::int64_t refunded = 0;
    bool disputed = false;
};
std::vector<Sale> day_sales();

/// What the platform's objects of this kind ("charge") were in the end, straight from the events.
std::vector<sim::json::object> day_objects(std::string_view kind);

}  // namespace daybook::test
