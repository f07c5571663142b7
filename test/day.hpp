// The marketplace's day that quickstart sends, as events for tests.
#pragma once

#include <ledger/event.hpp>

#include <string>
#include <vector>

namespace daybook::test {

struct Delivery {
    bool connect = false;  ///< to /webhooks/stripe/connect
    std::string body;
};

/// test/unit/data/day.jsonl, in the order in which things happened.
std::vector<Delivery> day_deliveries();
std::vector<NewEvent> day_events();

}  // namespace daybook::test
