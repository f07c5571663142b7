// POST /_sim/marketplace: a marketplace comes to life in this world, which runs days ahead.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/marketplace/marketplace.hpp>
#include <tools/stripe_sim/world.hpp>

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>

namespace daybook::sim {
namespace {

/// Other requests wait for some of these, since each takes several turns.
constexpr std::chrono::milliseconds slice{5};

/// A number in JSON, or as a form or query has it.
std::int64_t number_in(const json::object& params, std::string_view name, std::int64_t other) {
    const auto* given = at(params, name);
    if (!given || !given->is_string()) return integer(params, name, other);
    const auto typed = text(params, name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
    if (error != std::errc() || end != typed.data() + typed.size())
        throw invalid("It must be a whole number.").param(name);
    return number;
}

Reply report(const World& world, const Marketplace& market, std::size_t events_before) {
    json::object happened;
    for (const auto& [what, count] : market.tally())
        happened[what] = count;
    return json_reply({{"object", "marketplace"},
                       {"events", world.events.count() - events_before},
                       {"now", world.clock.now()},
                       {"happened", std::move(happened)}});
}

Plan plan_in(const json::object& params) {
    Plan plan;
    plan.sellers = number_in(params, "sellers", plan.sellers);
    plan.buyers = number_in(params, "buyers", plan.buyers);
    plan.orders = number_in(params, "orders", plan.orders);
    plan.days = number_in(params, "days", plan.days);
    plan.seed = static_cast<std::uint64_t>(number_in(params, "seed", 1));
    return plan;
}

Reply generate(PageCall& call) {
    const auto before = call.world.events.count();
    const auto market = std::make_shared<Marketplace>(call.world, plan_in(call.params));
    Reply reply;
    reply.unfinished = [market, &world = call.world, before]() -> std::optional<Reply> {
        const auto until = std::chrono::steady_clock::now() + slice;
        while (std::chrono::steady_clock::now() < until)
            if (!market->go_on()) return report(world, *market, before);
        return std::nullopt;
    };
    return reply;
}

}  // namespace

void add_marketplaces(Routes& on) {
    on.page("POST", "/_sim/marketplace", generate);
}

}  // namespace daybook::sim
