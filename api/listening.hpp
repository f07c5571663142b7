// Opening the port that the server listens on.
#pragma once

#include <api/asio.hpp>

#include <boost/asio.hpp>

#include <cstdint>
#include <string>

namespace daybook::api {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

/// Binds the acceptor to "host:port" and listens; gives the port, which the system chooses for 0.
/// Throws std::runtime_error that names the address when that is not possible, and
/// std::invalid_argument when it is no address.
std::uint16_t open_port(Acceptor& acceptor, const std::string& listen);

}  // namespace daybook::api
