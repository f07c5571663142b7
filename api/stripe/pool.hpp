// Connections to one place: opened on demand, kept while they are of use.
#pragma once

#include <api/asio.hpp>
#include <api/stripe/addresses.hpp>
#include <api/stripe/connection.hpp>
#include <api/stripe/endpoint.hpp>

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace daybook::api::stripe {

struct PoolOptions {
    Endpoint base;
    std::optional<Endpoint> proxy;
    std::string ca_file;  ///< empty: what the system trusts
    std::size_t idle_max = 25;
    std::chrono::milliseconds idle_for{30'000};
    std::chrono::milliseconds connect_max{10'000};
};

/// One thread.
class Pool {
public:
    /// Throws std::invalid_argument when the certificates to trust cannot be read.
    Pool(Executor executor, PoolOptions options);

    struct Taken {
        std::shared_ptr<Connection> connection;  ///< null: none could be opened
        bool reused = false;
        error_code error;
        std::string complaint;  ///< beside the error, for people; may be empty
    };
    /// An open connection: the one that was used last, if any is left; with `fresh` a new one.
    Task<Taken> take(bool fresh, Clock::time_point end);

    /// Keeps it if it can be used again.
    void give_back(std::shared_ptr<Connection> connection);

    void close_idle();
    /// Those in use as well: their exchanges end with errors.
    void close_all();

private:
    Task<error_code> open(Connection& connection, boost::asio::ip::tcp::endpoint endpoint);

    Executor executor_;
    const PoolOptions options_;
    std::optional<boost::asio::ssl::context> trust_;
    std::shared_ptr<Addresses> addresses_;
    std::vector<std::shared_ptr<Connection>> idle_;  ///< the last used at the end
    std::vector<std::weak_ptr<Connection>> all_;
};

}  // namespace daybook::api::stripe
