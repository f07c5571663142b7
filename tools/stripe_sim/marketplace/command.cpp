// The report goes to standard output; it is the same for the same seed, but for the times.
#include <tools/stripe_sim/marketplace/command.hpp>

#include <tools/stripe_sim/marketplace/event_file.hpp>
#include <tools/stripe_sim/marketplace/marketplace.hpp>
#include <tools/stripe_sim/state.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>

namespace daybook::sim {
namespace {

constexpr Seconds usual_start = 1'767'225'600;  // 2026-01-01, so that every run is the same

}  // namespace

MarketplaceCommand::MarketplaceCommand(CLI::App& app)
    : command_(app.add_subcommand("marketplace", "Make up a marketplace's history, then end.")) {
    command_->add_option("--sellers", plan_.sellers, "who sell")->capture_default_str();
    command_->add_option("--buyers", plan_.buyers, "who buy")->capture_default_str();
    command_->add_option("--orders", plan_.orders, "over all days")->capture_default_str();
    command_->add_option("--days", plan_.days, "of virtual time")->capture_default_str();
    command_->add_option("--seed", plan_.seed, "the same seed, the same history")
        ->capture_default_str();
    command_->add_flag("--tiny", tiny_,
                       "the quickstart's: few people, within days one of each kind");
    command_->add_option("--events-to", events_file_,
                         "write every event to this file as JSON lines");
    command_->add_option("--state", state_file_, "save the world to this file");
}

bool MarketplaceCommand::wanted() const {
    return command_->parsed();
}

int MarketplaceCommand::run(Config config) const {
    auto plan = tiny_ ? tiny_market() : plan_;
    if (command_->count("--seed") > 0) plan.seed = plan_.seed;
    config.clock = Clock::Mode::frozen;
    config.seed = plan.seed;
    if (config.start == 0) config.start = tiny_ ? tiny_market_start : usual_start;
    if (!state_file_.empty()) config.state_file = state_file_;
    World world(config);
    const auto before = world.events.count();
    const auto file = events_file_.empty() ? nullptr : write_events(world, events_file_);
    // A file is all that is wanted of them.
    if (file && config.state_file.empty()) world.events.keep_none();
    const auto started = std::chrono::steady_clock::now();
    for (const auto& [what, count] : live(world, plan))
        fmt::print("{:<44} {:>10}\n", what, count);
    if (file) file->finish();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    fmt::print("{:<44} {:>10}\n", "events", world.events.count() - before);
    if (!config.state_file.empty()) save_state(world, config.state_file);
    fmt::print(stderr, "{:.1f} s, {:.0f} orders/s, {:.0f} events/s\n", took.count(),
               static_cast<double>(plan.orders) / took.count(),
               static_cast<double>(world.events.count() - before) / took.count());
    return 0;
}

}  // namespace daybook::sim
