// The simulator as a whole: a world behind an HTTP listener. Runs in its own program or inside of
// daybook serve, on a thread of its own.
#pragma once

#include <tools/stripe_sim/config.hpp>

#include <cstdint>
#include <memory>

namespace daybook::sim {

class CliListeners;
class Server;
class WebhookSender;
class World;

class Simulator {
public:
    /// Binds config.listen (port 0 takes any); throws std::runtime_error, which names the address,
    /// when that fails. Throws BadState when config.state_file exists and cannot be loaded.
    explicit Simulator(const Config& config);
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    [[nodiscard]] std::uint16_t port() const;

    /// Serves on the calling thread until stop(), then writes config.state_file, if there is one.
    void run();
    /// From any thread, and from a signal handler.
    void stop() noexcept;

    /// Before run(), or on its thread.
    World& world();

private:
    std::unique_ptr<World> world_;
    std::unique_ptr<Server> server_;
    std::unique_ptr<WebhookSender> sender_;
    std::unique_ptr<CliListeners> listeners_;
};

}  // namespace daybook::sim
