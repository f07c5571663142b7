// How one simulator is to run; from the command line, or from whoever runs it in-process.
#pragma once

#include <tools/stripe_sim/clock.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace daybook::sim {

/// Where events are delivered from the start, without a request to create the endpoint.
struct WebhookTarget {
    std::string url;
    std::string secret;    ///< whsec_...; made when empty
    bool connect = false;  ///< events of connected accounts instead of the platform's own
};

struct Config {
    std::string listen = "127.0.0.1:12111";
    std::uint64_t seed = 1;
    Clock::Mode clock = Clock::Mode::wall;
    Seconds start = 0;  ///< virtual time at the start; 0 is the wall clock's
    std::vector<WebhookTarget> webhooks;
    std::string state_file;  ///< loaded when it exists, saved at the end; "" for none
};

}  // namespace daybook::sim
