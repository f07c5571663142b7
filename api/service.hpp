// The HTTP side of Daybook put together: endpoints, query threads, listener.
#pragma once

#include <api/stripe/settings.hpp>
#include <ledger/appender.hpp>
#include <projections/projectors.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace daybook::api {

struct ApiOptions {
    std::string listen = "127.0.0.1:8080";  ///< port 0 lets the system choose
    std::string conninfo;
    std::int32_t log_id = 0;
    std::vector<std::string> secrets;          ///< of /webhooks/stripe; at least one
    std::vector<std::string> connect_secrets;  ///< of /webhooks/stripe/connect; at least one
    std::size_t connections_max = 4096;
    std::size_t query_threads = 4;
    bool livemode = false;
    StripeSettings stripe{};  ///< without a secret key there are no actions
};

/// The appender and the projectors outlive it.
class Service {
public:
    /// Binds the listener. Throws std::invalid_argument for a missing or blank secret or a bad
    /// address, std::runtime_error, naming the address, when it cannot be bound.
    Service(Appender& appender, projections::Projectors& projectors, ApiOptions options);
    ~Service();

    /// The port that is bound.
    [[nodiscard]] std::uint16_t port() const;

    /// Serves on the calling thread until stop(); requests in flight get up to ten seconds.
    void run();

    /// From any thread, and from a signal handler.
    void stop() noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::api
