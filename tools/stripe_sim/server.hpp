// The HTTP listener: keep-alive sessions of Daybook's own kind in front of the simulator's API.
#pragma once

#include <api/session.hpp>
#include <tools/stripe_sim/http.hpp>

#include <boost/asio.hpp>
#include <boost/beast/http.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace daybook::sim {

using api::Executor;
using api::Socket;
using api::Task;
using api::Token;

class World;

/// Takes over a connection whose request asks for an upgrade, handshake included.
using Upgrade = std::function<Task<void>(
    Socket socket, boost::beast::http::request<boost::beast::http::string_body> request)>;

class Server {
public:
    /// `world` outlives the server.
    Server(World& world, const std::string& listen);
    ~Server();

    [[nodiscard]] std::uint16_t port() const;

    /// Where the world lives; timers and clients of the simulator's own run here too.
    boost::asio::io_context& io();

    /// Gives GETs of this path that ask for an upgrade to `handler`. Before run().
    void upgrade(std::string_view path, Upgrade handler);

    /// Serves on the calling thread until stop().
    void run();
    /// From any thread, and from a signal handler.
    void stop() noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::sim
