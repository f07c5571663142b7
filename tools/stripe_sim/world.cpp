// Time, and whether the money adds up.
#include <tools/stripe_sim/world.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/embedded.hpp>
#include <tools/stripe_sim/state.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>

namespace daybook::sim {
namespace {

Seconds wall_clock() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

}  // namespace

World::World(const Config& given)
    : config(given),
      spec(embedded::file("spec/api.json")),
      clock(given.clock, given.start == 0 ? wall_clock() : given.start),
      ids(given.seed),
      deliveries(*this),
      routes(spec, *this),
      platform_id(ids.make("acct_")),
      application_id(ids.make("ca_")),
      base_url("http://" + given.listen) {
    routes.page("GET", "/", [](PageCall& call) {
        return json_reply({{"object", "simulator"},
                           {"name", "Daybook's simulator of Stripe's API; this is not Stripe"},
                           {"api_version", call.world.spec.version()},
                           {"platform", call.world.platform_id},
                           {"now", call.world.clock.now()}});
    });
    add_resources(routes);
    events.listen([this](std::size_t number) { deliveries.note(number); });
    if (!config.state_file.empty() && std::filesystem::exists(config.state_file))
        load_state(*this, config.state_file);
}

void World::run_until(Seconds time) {
    for (auto due = tasks.next(); due && *due <= time; due = tasks.next()) {
        clock.move_to(*due);
        const auto task = tasks.take();
        Scope scope(*this, task.account);
        routes.task(task.kind)(scope, task.id);
        store.rest();
    }
    clock.move_to(time);
}

void World::advance(Seconds by) {
    keep_up();
    const auto time = clock.now() + by;
    run_until(time);
    clock.jump_to(time);
}

void World::keep_up() {
    run_until(clock.target());
}

std::vector<std::string> World::imbalances() {
    std::map<std::pair<std::string, std::string>, std::int64_t> sums;
    std::set<std::string> accounts;
    for (const auto& [account, type] : store.shelves()) {
        accounts.insert(account);
        if (type != "balance_transaction") continue;
        store.each(account, type, [&sums, &owner = account](const json::object& transaction) {
            sums[{owner, std::string(text(transaction, "currency"))}] +=
                integer(transaction, "net");
        });
    }
    for (const auto& account : accounts)
        for (const auto& [currency, amounts] : balances.of(account))
            sums[{account, currency}] -= amounts.total();
    std::vector<std::string> wrong;
    for (const auto& [purse, difference] : sums)
        if (difference != 0)
            wrong.push_back(fmt::format("{} {}: transactions and balance differ by {}",
                                        purse.first.empty() ? platform_id : purse.first,
                                        purse.second, difference));
    return wrong;
}

}  // namespace daybook::sim
