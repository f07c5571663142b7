#include <api/listening.hpp>

#include <api/wire.hpp>

#include <stdexcept>

namespace daybook::api {
namespace {

constexpr int waiting_max = 1024;  // connections that nobody has accepted yet

}  // namespace

std::uint16_t open_port(Acceptor& acceptor, const std::string& listen) {
    using boost::asio::ip::tcp;
    const auto [host, service] = split_address(listen);
    try {
        boost::asio::io_context io;
        tcp::resolver resolver(io);
        const auto found = resolver.resolve(host, service, tcp::resolver::passive);
        const tcp::endpoint endpoint = found.begin()->endpoint();
        acceptor.open(endpoint.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.bind(endpoint);
        acceptor.listen(waiting_max);
        return acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen on " + listen + ": " + error.code().message());
    }
}

}  // namespace daybook::api
