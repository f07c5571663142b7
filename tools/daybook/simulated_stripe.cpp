#include <tools/daybook/simulated_stripe.hpp>

#include <ledger/logging.hpp>
#include <tools/stripe_sim/resources/webhook_endpoints.hpp>
#include <tools/stripe_sim/simulator.hpp>
#include <tools/stripe_sim/state.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <exception>
#include <random>

namespace daybook::tools {
namespace {

constexpr std::string_view state_file = "simulator.state";

// Any test key is one of its only platform.
constexpr std::string_view secret_key = "sk_test_DaybookStripeSimulator";
constexpr std::string_view publishable_key = "pk_test_DaybookStripeSimulator";

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

/// Both endpoints of the service. Port 0, while it is not known, is put right before the start.
std::vector<sim::WebhookTarget> targets(const Config& config, std::uint16_t port) {
    return {
        {own_url(config, port, "/webhooks/stripe"), config.webhook_secrets.front(), false},
        {own_url(config, port, "/webhooks/stripe/connect"), config.connect_secrets.front(), true}};
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

SimulatedStripe::SimulatedStripe(const Config& config) : config_(config) {
    sim::Config how;
    how.seed = fresh_seed();
    if (config.embedded()) how.state_file = (config.data_dir / state_file).string();
    how.webhooks = targets(config, config.listen.port);
    simulator_ = start(config, how);
    simulator_->world().ids = sim::Ids(how.seed);
}

void SimulatedStripe::run(std::uint16_t port) {
    sim::configure_endpoints(simulator_->world(), targets(config_, port));
    thread_ = std::thread([this] {
        try {
            simulator_->run();
        } catch (const std::exception& error) {
            logging::error("the Stripe simulator ended", {{"error", error.what()}});
        }
    });
}

SimulatedStripe::~SimulatedStripe() {
    if (!thread_.joinable()) return;
    simulator_->stop();
    thread_.join();
}

const std::string& SimulatedStripe::url() const {
    return simulator_->world().base_url;
}

api::StripeSettings SimulatedStripe::settings() const {
    auto settings = config_.stripe;
    settings.base = url();
    settings.secret_key = secret_key;
    settings.publishable_key = publishable_key;
    settings.simulated = true;
    return settings;
}

}  // namespace daybook::tools
