// The stripe-sim binary: reads the command line, says what it is, serves until it is stopped.
#include <tools/stripe_sim/simulator.hpp>

#include <tools/stripe_sim/marketplace/command.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>

namespace {

daybook::sim::Simulator* running = nullptr;

void on_signal(int) {
    if (running) running->stop();
}

/// The secrets belong to the addresses in the same order.
std::vector<daybook::sim::WebhookTarget> targets(const std::vector<std::string>& urls,
                                                 const std::vector<std::string>& secrets,
                                                 bool connect) {
    std::vector<daybook::sim::WebhookTarget> all;
    for (std::size_t i = 0; i < urls.size(); ++i)
        all.push_back({urls[i], i < secrets.size() ? secrets[i] : "", connect});
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace daybook::sim;
    Config config;
    std::vector<std::string> urls;
    std::vector<std::string> secrets;
    std::vector<std::string> connect_urls;
    std::vector<std::string> connect_secrets;
    CLI::App app("A simulator of Stripe's API, for development and tests. It is not Stripe.");
    app.name("stripe-sim");
    app.add_option("--listen", config.listen, "host:port; port 0 takes any")->capture_default_str();
    app.add_option("--seed", config.seed, "ids and chance; the same seed, the same run")
        ->capture_default_str();
    const std::map<std::string, Clock::Mode> modes = {{"wall", Clock::Mode::wall},
                                                      {"frozen", Clock::Mode::frozen}};
    app.add_option("--clock", config.clock,
                   "wall: time passes; frozen: only /_sim/advance moves it")
        ->transform(CLI::CheckedTransformer(modes));
    app.add_option("--start", config.start, "virtual time at the start, unix seconds; 0 is now")
        ->capture_default_str();
    app.add_option("--webhook", urls, "deliver the platform's events to this URL (repeatable)");
    app.add_option("--webhook-secret", secrets, "its signing secret, in the same order");
    app.add_option("--connect-webhook", connect_urls, "likewise, connected accounts' events");
    app.add_option("--connect-webhook-secret", connect_secrets, "its signing secret");
    app.add_option("--state", config.state_file, "load this file if it exists, save it at the end");
    MarketplaceCommand marketplace(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    config.webhooks = targets(urls, secrets, false);
    for (auto& target : targets(connect_urls, connect_secrets, true))
        config.webhooks.push_back(std::move(target));
    try {
        if (marketplace.wanted()) return marketplace.run(config);
        Simulator simulator(config);
        running = &simulator;
        std::signal(SIGINT, on_signal);
        std::signal(SIGTERM, on_signal);
        fmt::print("Stripe simulator (not Stripe) on {} as platform {}\n",
                   simulator.world().base_url, simulator.world().platform_id);
        std::fflush(stdout);
        simulator.run();
        running = nullptr;
    } catch (const std::exception& error) {
        fmt::print(stderr, "stripe-sim: {}\n", error.what());
        return 4;
    }
    return 0;
}
