#include <test/day.hpp>

#include <api/envelope.hpp>

#include <simdjson.h>

#include <fstream>
#include <stdexcept>

namespace daybook::test {

std::vector<Delivery> day_deliveries() {
    std::ifstream file(DAYBOOK_SOURCE "/test/unit/data/day.jsonl");
    if (!file) throw std::runtime_error("test/unit/data/day.jsonl is not there");
    simdjson::dom::parser parser;
    std::vector<Delivery> deliveries;
    for (std::string line; std::getline(file, line);) {
        const simdjson::dom::element delivery = parser.parse(line);
        const std::string_view endpoint = delivery["endpoint"];
        const std::string_view body = delivery["body"];
        deliveries.push_back({endpoint == "connect", std::string(body)});
    }
    return deliveries;
}

std::vector<NewEvent> day_events() {
    std::vector<NewEvent> events;
    for (auto& delivery : day_deliveries())
        events.push_back(api::parse_envelope(std::move(delivery.body), 1).value());
    return events;
}

}  // namespace daybook::test
