#include <test/day.hpp>

#include <api/envelope.hpp>
#include <tools/stripe_sim/marketplace/marketplace.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::test {
namespace {

std::vector<Delivery> recorded() {
    const auto plan = sim::tiny_market();
    sim::Config config;
    config.seed = plan.seed;
    config.clock = sim::Clock::Mode::frozen;
    config.start = sim::tiny_market_start;
    sim::World world(config);
    sim::live(world, plan);
    std::vector<Delivery> deliveries;
    for (std::size_t number = 0; number < world.events.count(); ++number)
        deliveries.push_back(
            {!world.events.head(number).account.empty(), sim::pretty(world.events.get(number))});
    return deliveries;
}

}  // namespace

std::vector<Delivery> day_deliveries() {
    static const auto deliveries = recorded();
    return deliveries;
}

std::vector<NewEvent> day_events() {
    std::vector<NewEvent> events;
    for (auto& delivery : day_deliveries())
        events.push_back(api::parse_envelope(std::move(delivery.body), 1).value());
    return events;
}

std::vector<Sale> day_sales() {
    std::vector<Sale> sales;
    for (const auto& charge : day_objects("charge")) {
        const auto told = [&charge](std::string_view path) {
            return std::string(sim::text(charge, path));
        };
        if (told("status") != "succeeded" || told("metadata.order_id").empty()) continue;
        sales.push_back({.order = told("metadata.order_id"),
                         .user = told("metadata.user_id"),
                         .product = told("metadata.product_id"),
                         .seller = told("transfer_data.destination"),
                         .charge = told("id"),
                         .amount = sim::integer(charge, "amount"),
                         .refunded = sim::integer(charge, "amount_refunded"),
                         .disputed = sim::flag(charge, "disputed")});
    }
    return sales;
}

std::vector<sim::json::object> day_objects(std::string_view kind) {
    std::vector<sim::json::object> objects;
    for (const auto& delivery : day_deliveries()) {
        if (delivery.connect) continue;
        const auto event = std::move(sim::json::parse(delivery.body).as_object());
        const auto& object = sim::object(event, "data.object");
        if (sim::text(object, "object") != kind) continue;
        std::erase_if(objects, [&](const auto& earlier) {
            return sim::text(earlier, "id") == sim::text(object, "id");
        });
        objects.push_back(object);
    }
    return objects;
}

}  // namespace daybook::test
