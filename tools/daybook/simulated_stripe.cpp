#include <tools/daybook/simulated_stripe.hpp>

#include <ledger/logging.hpp>
#include <tools/stripe_sim/simulator.hpp>
#include <tools/stripe_sim/state.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <exception>
#include <random>

namespace daybook::tools {
namespace {

constexpr std::string_view state_file = "simulator.state";

/// Another each time: after a crash the ids of what was forgotten must not come again, for the log
/// has not forgotten them.
std::uint64_t fresh_seed() {
    std::random_device random;
    return (std::uint64_t{random()} << 32U) | random();
}

/// Where the service hears requests from its own machine.
std::string own_url(const Config& config, std::uint16_t port, std::string_view path) {
    Listen address{.host = config.listen.host, .port = port};
    if (address.host == "0.0.0.0") address.host = "127.0.0.1";
    if (address.host == "::") address.host = "::1";
    return fmt::format("http://{}{}", address.text(), path);
}

std::unique_ptr<sim::Simulator> start(const Config& config, sim::Config how) {
    const Listen listen = config.simulator_listen.value_or(default_simulator_listen);
    try {
        how.listen = listen.text();
        return std::make_unique<sim::Simulator>(how);
    } catch (const sim::BadState& bad) {
        throw BadConfig(fmt::format("DAYBOOK_DATA_DIR: {}; remove it to begin anew", bad.what()));
    } catch (const std::runtime_error& error) {
        if (config.simulator_listen)
            throw BadConfig(fmt::format("DAYBOOK_SIMULATOR_LISTEN: {}", error.what()));
        // Perhaps another Daybook's: nobody said that it has to be this port.
        how.listen = Listen{.host = listen.host, .port = 0}.text();
        return std::make_unique<sim::Simulator>(how);
    }
}

}  // namespace

SimulatedStripe::SimulatedStripe(const Config& config, std::uint16_t port) {
    sim::Config how;
    how.seed = fresh_seed();
    if (config.embedded()) how.state_file = (config.data_dir / state_file).string();
    how.webhooks = {
        {own_url(config, port, "/webhooks/stripe"), config.webhook_secrets.front(), false},
        {own_url(config, port, "/webhooks/stripe/connect"), config.connect_secrets.front(), true}};
    simulator_ = start(config, how);
    simulator_->world().ids = sim::Ids(how.seed);
    thread_ = std::thread([this] {
        try {
            simulator_->run();
        } catch (const std::exception& error) {
            logging::error("the Stripe simulator ended", {{"error", error.what()}});
        }
    });
}

SimulatedStripe::~SimulatedStripe() {
    simulator_->stop();
    thread_.join();
}

const std::string& SimulatedStripe::url() const {
    return simulator_->world().base_url;
}

}  // namespace daybook::tools
