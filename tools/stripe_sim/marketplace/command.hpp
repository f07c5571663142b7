// stripe-sim marketplace: a marketplace's history into a file of events, or into a state.
#pragma once

#include <tools/stripe_sim/config.hpp>
#include <tools/stripe_sim/marketplace/plan.hpp>

#include <string>

namespace CLI {
class App;
}

namespace daybook::sim {

class MarketplaceCommand {
public:
    /// Adds the subcommand to `app`.
    explicit MarketplaceCommand(CLI::App& app);

    [[nodiscard]] bool wanted() const;

    /// Lives the plan in a world of its own, whose time starts at a fixed day unless config says
    /// when, and prints what happened. Returns the exit code. Throws StripeError or
    /// std::runtime_error.
    int run(Config config) const;

private:
    CLI::App* command_;
    Plan plan_;
    bool tiny_ = false;
    std::string events_file_;
    std::string state_file_;
};

}  // namespace daybook::sim
