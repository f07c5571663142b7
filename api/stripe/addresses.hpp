// The addresses of one host: looked up by one query at a time, remembered for a while.
#pragma once

#include <api/asio.hpp>
#include <api/stripe/waiting.hpp>

#include <boost/asio/ip/basic_resolver.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace daybook::api::stripe {

/// One thread. The system's look-up blocks a thread of Asio's and cannot be given up, so it is
/// waited for apart from it: a caller's deadline holds even when the name server is silent.
class Addresses : public std::enable_shared_from_this<Addresses> {
public:
    using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

    Addresses(Executor executor, const std::string& host, std::uint16_t port);

    /// Empty when the host has none, or none was found before the deadline; error() then says why.
    Task<Endpoints> get(Clock::time_point deadline);
    [[nodiscard]] const boost::system::error_code& error() const { return error_; }

    /// Nobody could be reached there: look them up again the next time.
    void doubt() { fresh_until_ = {}; }

private:
    void look_up();

    const std::string host_;
    const std::string service_;
    boost::asio::ip::basic_resolver<boost::asio::ip::tcp, Executor> resolver_;
    Waiting waiting_;
    Endpoints found_;
    boost::system::error_code error_;
    Clock::time_point fresh_until_{};
    bool literal_ = false;  ///< the host is an address
    bool looking_up_ = false;
};

}  // namespace daybook::api::stripe
