// The HTTP listener: one I/O thread, bounded in everything that a client could let grow.
#pragma once

#include <api/context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace daybook::api {

struct ServerLimits {
    std::size_t connections_max = 4096;
    std::chrono::seconds request_max{30};  ///< from its first byte to its last; likewise the answer
    std::chrono::seconds idle_max{75};     ///< between two requests of one connection
    std::chrono::seconds append_max{5};    ///< then 503; the event may be in the log all the same
    std::chrono::seconds query_max{20};
    std::chrono::seconds behind_max{5};   ///< for a projection that ?after= waits for; then 503
    std::chrono::seconds action_max{90};  ///< then 504; the action goes on
    std::chrono::seconds drain_max{10};   ///< for requests in flight after stop()
};

class Server {
public:
    /// Binds `listen` ("127.0.0.1:8080", "[::1]:8080", "localhost:0"); throws std::runtime_error,
    /// which names the address, when that fails. `node` outlives the server.
    Server(const std::string& listen, Node& node, ServerLimits limits = {});
    ~Server();

    /// The port that is bound, also when 0 was asked for.
    [[nodiscard]] std::uint16_t port() const;

    /// Serves on the calling thread, which becomes the I/O thread, until stop() and the drain.
    void run();

    /// Stops accepting, finishes what is in flight, makes run() return. From any thread, and from
    /// a signal handler.
    void stop() noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::api
