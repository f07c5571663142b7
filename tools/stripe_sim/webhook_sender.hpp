// Sends what the deliveries have ready, over connections that are kept, several at a time.
#pragma once

#include <tools/stripe_sim/server.hpp>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace daybook::sim {

class World;

/// On the world's thread. Lives until io has stopped.
class WebhookSender {
public:
    WebhookSender(World& world, boost::asio::io_context& io);
    ~WebhookSender();
    WebhookSender(const WebhookSender&) = delete;
    WebhookSender& operator=(const WebhookSender&) = delete;

private:
    class Connection;
    using Connections = std::vector<std::unique_ptr<Connection>>;
    using Timer = boost::asio::basic_waitable_timer<
        std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

    void pump();
    Task<void> work(std::string target);
    Task<bool> send(std::string target_id, std::string url, std::string signature,
                    std::string body);
    Task<void> release_held();

    World& world_;
    boost::asio::io_context& io_;
    Timer quiet_;
    bool pumping_ = false;
    bool releasing_ = false;
    std::map<std::string, std::size_t> workers_;  ///< per target
    std::map<std::string, Connections> idle_;     ///< per scheme, host and port
    boost::asio::ssl::context tls_;
};

}  // namespace daybook::sim
