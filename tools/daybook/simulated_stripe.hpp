// A Stripe for who has none: the simulator, on a thread of the service, wired to its webhooks.
#pragma once

#include <tools/daybook/config.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace daybook::sim {
class Simulator;
}

namespace daybook::tools {

/// Goes on where the one of the last orderly end stood, if there is a file of it in the data
/// directory of an embedded database; with an external one it begins anew each time.
class SimulatedStripe {
public:
    /// Listens on config.simulator_listen, which is refused by name when it cannot be bound; when
    /// it is not configured, any port does. Nobody is answered before run().
    explicit SimulatedStripe(const Config& config);
    /// Stops it and keeps its state.
    ~SimulatedStripe();
    SimulatedStripe(const SimulatedStripe&) = delete;
    SimulatedStripe& operator=(const SimulatedStripe&) = delete;

    /// http://127.0.0.1:12111: what STRIPE_API_BASE would say.
    [[nodiscard]] const std::string& url() const;
    /// How to act on it: its address and keys, the rest as configured.
    [[nodiscard]] api::StripeSettings settings() const;

    /// Begins to answer, and to deliver to the service on `port`, signed with the first secrets of
    /// the configuration. Once.
    void run(std::uint16_t port);

private:
    const Config config_;
    std::unique_ptr<sim::Simulator> simulator_;
    std::thread thread_;
};

}  // namespace daybook::tools
