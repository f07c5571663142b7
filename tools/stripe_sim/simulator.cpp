// Puts the parts together.
#include <tools/stripe_sim/simulator.hpp>

#include <tools/stripe_sim/cli_listeners.hpp>
#include <tools/stripe_sim/resources/webhook_endpoints.hpp>
#include <tools/stripe_sim/server.hpp>
#include <tools/stripe_sim/state.hpp>
#include <tools/stripe_sim/webhook_sender.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {

Simulator::Simulator(const Config& config)
    : world_(std::make_unique<World>(config)),
      server_(std::make_unique<Server>(*world_, config.listen)) {
    const auto host = config.listen.substr(0, config.listen.rfind(':'));
    world_->base_url = "http://" + host + ":" + std::to_string(server_->port());
    configure_endpoints(*world_, config.webhooks);
    listeners_ = std::make_unique<CliListeners>(*world_, *server_);
    sender_ = std::make_unique<WebhookSender>(*world_, server_->io());
}

Simulator::~Simulator() = default;

std::uint16_t Simulator::port() const {
    return server_->port();
}

void Simulator::run() {
    server_->run();
    if (const auto& file = world_->config.state_file; !file.empty()) save_state(*world_, file);
}

void Simulator::stop() noexcept {
    server_->stop();
}

World& Simulator::world() {
    return *world_;
}

}  // namespace daybook::sim
