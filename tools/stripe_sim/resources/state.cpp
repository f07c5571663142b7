// GET /_sim/state: what exists, at a glance and for programs.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::size_t events_shown = 50;
constexpr std::size_t tasks_shown = 20;

std::string_view account_name(const World& world, std::string_view account) {
    return account.empty() ? std::string_view(world.platform_id) : account;
}

/// How many of each type, in total and per account.
json::object counts(World& world) {
    json::object total;
    json::object by_account;
    for (const auto& [account, type] : world.store.shelves()) {
        const auto count = static_cast<std::int64_t>(world.store.count(account, type));
        if (count == 0 || type.ends_with(".hidden")) continue;
        total[type] = integer(total, type) + count;
        auto& own = by_account[account_name(world, account)];
        if (own.is_null()) own = json::object();
        own.get_object()[type] = count;
    }
    total["event"] = world.events.count();
    return {{"total", std::move(total)}, {"by_account", std::move(by_account)}};
}

json::object balances(World& world) {
    json::object all;
    std::string_view last;
    for (const auto& [account, type] : world.store.shelves()) {
        if (!all.empty() && account == last) continue;
        last = account;
        json::object purses;
        for (const auto& [currency, amounts] : world.balances.of(account))
            purses[currency] = {{"available", amounts.available},
                                {"pending", amounts.pending},
                                {"reserved", amounts.reserved}};
        if (!purses.empty()) all[account_name(world, account)] = std::move(purses);
    }
    return all;
}

json::object tasks(World& world) {
    json::array next;
    for (const auto& [at, task] : world.tasks.all()) {
        if (next.size() == tasks_shown) break;
        next.push_back({{"at", at.first},
                        {"kind", task.kind},
                        {"account", account_name(world, task.account)},
                        {"id", task.id}});
    }
    return {{"count", world.tasks.all().size()}, {"next", std::move(next)}};
}

/// The latest, newest first.
json::object events(World& world) {
    json::array latest;
    std::size_t pending = 0;
    for (std::size_t number = world.events.count(); number-- > 0;) {
        const auto& head = world.events.head(number);
        if (head.pending_webhooks > 0) ++pending;
        if (latest.size() == events_shown) continue;
        latest.push_back({{"id", head.id},
                          {"type", head.type},
                          {"account", account_name(world, head.account)},
                          {"created", head.created},
                          {"pending_webhooks", head.pending_webhooks}});
    }
    return {
        {"count", world.events.count()}, {"undelivered", pending}, {"latest", std::move(latest)}};
}

Reply state(PageCall& call) {
    auto& world = call.world;
    json::object body;
    body["simulator"] = "Daybook's Stripe simulator: no real money";
    body["platform"] = world.platform_id;
    body["api_version"] = world.spec.version();
    body["seed"] = world.config.seed;
    body["clock"] = {{"now", world.clock.now()},
                     {"mode", world.clock.mode() == Clock::Mode::wall ? "wall" : "frozen"}};
    body["counts"] = counts(world);
    body["balances"] = balances(world);
    // Adds up every balance transaction: a page that asks each second leaves it out.
    if (text(call.params, "imbalances") != "no") {
        json::array lines;
        for (const auto& line : world.imbalances())
            lines.push_back(json::string(line));
        body["imbalances"] = std::move(lines);
    }
    body["tasks"] = tasks(world);
    body["events"] = events(world);
    return json_reply(body);
}

}  // namespace

void add_state(Routes& on) {
    on.page("GET", "/_sim/state", state);
}

}  // namespace daybook::sim
