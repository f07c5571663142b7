// All state of one simulator, and its time. One thread owns it.
#pragma once

#include <tools/stripe_sim/balances.hpp>
#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/config.hpp>
#include <tools/stripe_sim/deliveries.hpp>
#include <tools/stripe_sim/events.hpp>
#include <tools/stripe_sim/faults.hpp>
#include <tools/stripe_sim/http.hpp>
#include <tools/stripe_sim/idempotency.hpp>
#include <tools/stripe_sim/ids.hpp>
#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/spec.hpp>
#include <tools/stripe_sim/store.hpp>
#include <tools/stripe_sim/tasks.hpp>

#include <string>
#include <vector>

namespace daybook::sim {

/// The API request that is being handled.
struct Cause {
    std::string request_id;
    std::string idempotency_key;
};

class World {
public:
    explicit World(const Config& config);
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Moves virtual time, running what is due on the way, each task at its own time.
    void advance(Seconds by);
    /// Catches up with the wall clock; in frozen mode, runs what is due now.
    void keep_up();

    /// Where an account's balance is not what its balance transactions say: one line each, naming
    /// the account and currency. Empty is right.
    [[nodiscard]] std::vector<std::string> imbalances();

    Config config;
    Spec spec;
    Clock clock;
    Ids ids;
    Store store;
    Events events;
    Balances balances;
    Tasks tasks;
    Idempotency idempotency;
    FaultRules faults;
    Deliveries deliveries;
    Routes routes;
    std::string platform_id;       ///< acct_... of the platform itself
    std::string application_id;    ///< ca_..., the platform as its connected accounts see it
    std::string base_url;          ///< "http://127.0.0.1:12111", for links to pages
    const Cause* cause = nullptr;  ///< while a request is handled

private:
    void run_until(Seconds time);
};

}  // namespace daybook::sim
