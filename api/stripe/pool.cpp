// Opening a connection step by step, address by address, within one limit.
#include <api/stripe/pool.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace daybook::api::stripe {
namespace {

namespace ssl = boost::asio::ssl;

ssl::context make_trust(const std::string& ca_file) {
    ssl::context trust(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(trust.native_handle(), TLS1_2_VERSION);
    constexpr std::array<unsigned char, 9> http_1_1 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(trust.native_handle(), http_1_1.data(), http_1_1.size());
    trust.set_verify_mode(ssl::verify_peer);
    error_code error;
    if (ca_file.empty())
        trust.set_default_verify_paths(error);
    else
        trust.load_verify_file(ca_file, error);
    if (error)
        throw std::invalid_argument("the certificates to trust cannot be read: " + error.message());
    return trust;
}

}  // namespace

Pool::Pool(Executor executor, PoolOptions options)
    : executor_(executor), options_(std::move(options)) {
    if (options_.base.tls) trust_.emplace(make_trust(options_.ca_file));
    const auto& next = options_.proxy ? *options_.proxy : options_.base;
    addresses_ = std::make_shared<Addresses>(executor_, next.host, next.port);
}

Task<Pool::Taken> Pool::take(bool fresh, Clock::time_point end) {
    Taken taken;
    while (!fresh && !idle_.empty()) {
        taken.connection = std::move(idle_.back());
        idle_.pop_back();
        taken.reused = taken.connection->alive();
        if (taken.reused) co_return taken;
        taken.connection->close();
    }
    end = std::min(end, Clock::now() + options_.connect_max);
    const auto endpoints = co_await addresses_->get(end);
    if (endpoints.empty()) {
        taken.error = addresses_->error();
        taken.complaint = "its address cannot be found";
    }
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        // A silent address must not use up what the others need.
        const auto left = endpoints.size() - i;
        const auto share = (end - Clock::now()) / static_cast<long>(left);
        taken.connection = std::make_shared<Connection>(executor_);
        std::erase_if(all_, [](const auto& weak) { return weak.expired(); });
        all_.push_back(taken.connection);
        taken.connection->close_at(Clock::now() + share);
        taken.error = co_await open(*taken.connection, endpoints[i]);
        if (!taken.error) co_return taken;
        taken.complaint = taken.connection->complaint();
        taken.connection->close();
    }
    addresses_->doubt();
    taken.connection.reset();
    co_return taken;
}

Task<error_code> Pool::open(Connection& connection, boost::asio::ip::tcp::endpoint endpoint) {
    auto error = co_await connection.connect(endpoint);
    if (!error && options_.proxy && trust_)
        error = co_await connection.tunnel(options_.base.host_and_port(), options_.proxy->user);
    if (!error && trust_) error = co_await connection.secure(*trust_, options_.base.host);
    co_return error;
}

void Pool::give_back(std::shared_ptr<Connection> connection) {
    if (!connection->reusable() || idle_.size() >= options_.idle_max) return connection->close();
    connection->close_at(Clock::now() + options_.idle_for);
    std::erase_if(idle_, [](const auto& other) { return !other->reusable(); });
    idle_.push_back(std::move(connection));
}

void Pool::close_idle() {
    for (const auto& connection : idle_)
        connection->close();
    idle_.clear();
}

void Pool::close_all() {
    close_idle();
    for (const auto& weak : all_)
        if (const auto connection = weak.lock()) connection->close();
}

}  // namespace daybook::api::stripe
