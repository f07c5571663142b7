// `stripe listen`: the CLI opens a WebSocket, gets every event through it and forwards it.
#pragma once

#include <tools/stripe_sim/server.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

class World;

/// Where the CLI is to open its WebSocket, as its session says.
constexpr std::string_view cli_socket_path = "/_sim/stripecli";

/// The feature of a session for thin events; the CLI names it when it opens the WebSocket.
constexpr std::string_view cli_thin_feature = "v2_events";

/// What events to the CLI are signed with: the same for a platform's whole life.
std::string cli_secret(const World& world);

/// On the world's thread. The server outlives it.
class CliListeners {
public:
    CliListeners(World& world, Server& server);

private:
    struct Listener;

    Task<void> serve(Socket socket,
                     boost::beast::http::request<boost::beast::http::string_body> request);
    Task<void> write(std::shared_ptr<Listener> listener);
    [[nodiscard]] std::string frame(std::size_t number) const;
    [[nodiscard]] std::string thin_frame(std::size_t number) const;

    World& world_;
    std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace daybook::sim
