// One coroutine per delivery under way; connections go back to their pool between deliveries.
#include <tools/stripe_sim/webhook_sender.hpp>

#include <ledger/logging.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <exception>

namespace daybook::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t at_once_max = 16;  // per target
constexpr std::chrono::seconds answer_max{20};
constexpr std::chrono::milliseconds quiet_for{200};
constexpr std::size_t answer_bytes_max = 1 << 20;

using Plain = beast::basic_stream<tcp, Executor>;
using Secure = asio::ssl::stream<Plain&>;

struct Address {
    bool secure = false;
    std::string host;
    std::string port;
    std::string path;

    [[nodiscard]] std::string authority() const { return host + ":" + port; }
    [[nodiscard]] std::string origin() const { return (secure ? "https " : "http ") + authority(); }
};

/// Nothing for what is neither http nor https.
std::optional<Address> address_of(std::string_view url) {
    const auto scheme = url.substr(0, url.find("://"));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    url.remove_prefix(scheme.size() + 3);
    const bool secure = scheme == "https";
    const auto slash = url.find('/');
    const auto authority = url.substr(0, slash);
    Address address{.secure = secure, .host = {}, .port = secure ? "443" : "80", .path = "/"};
    if (slash != std::string_view::npos) address.path = url.substr(slash);
    const auto colon = authority.rfind(':');
    const bool has_port = colon != std::string_view::npos && !authority.ends_with(']');
    address.host = authority.substr(0, has_port ? colon : std::string_view::npos);
    if (has_port) address.port = authority.substr(colon + 1);
    if (address.host.starts_with('['))
        address.host = address.host.substr(1, address.host.size() - 2);
    return address;
}

std::string request_text(const Address& address, const std::string& signature,
                         const std::string& body) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json; charset=utf-8\r\n"
        "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nAccept: */*; q=0.5, "
        "application/xml\r\nCache-Control: no-cache\r\nStripe-Signature: {}\r\n"
        "Content-Length: {}\r\n\r\n{}",
        address.path, address.authority(), signature, body.size(), body);
}

void report(const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        logging::error("simulator: a delivery failed", {{"error", error.what()}});
    }
}

}  // namespace

class WebhookSender::Connection {
public:
    explicit Connection(asio::io_context& io) : stream_(io.get_executor()) {}

    /// A certificate is taken as it is: receivers in development make their own.
    Task<bool> open(Address address, asio::ssl::context& tls) {
        error_code error;
        asio::ip::basic_resolver<tcp, Executor> resolver(stream_.get_executor());
        const auto found = co_await resolver.async_resolve(address.host, address.port,
                                                           asio::redirect_error(Token(), error));
        if (error) co_return false;
        stream_.expires_after(answer_max);
        co_await stream_.async_connect(found, asio::redirect_error(Token(), error));
        if (error) co_return false;
        stream_.socket().set_option(tcp::no_delay(true), error);
        if (!address.secure) co_return true;
        auto& secure = secure_.emplace(stream_, tls);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): a macro of OpenSSL
        SSL_set_tlsext_host_name(secure.native_handle(), address.host.c_str());
        co_await secure.async_handshake(asio::ssl::stream_base::client,
                                        asio::redirect_error(Token(), error));
        co_return !error;
    }

    /// The status of the answer; 0 when there was none.
    Task<int> exchange(const std::string& request) {
        if (secure_) co_return co_await exchange_over(*secure_, request);
        co_return co_await exchange_over(stream_, request);
    }

    [[nodiscard]] bool keeps() const { return keeps_; }
    [[nodiscard]] bool timed_out() const { return timed_out_; }

private:
    template <class Stream>
    Task<int> exchange_over(Stream& stream, const std::string& request) {
        error_code error;
        stream_.expires_after(answer_max);
        co_await asio::async_write(stream, asio::buffer(request),
                                   asio::redirect_error(Token(), error));
        if (error) co_return 0;
        http::response_parser<http::string_body> parser;
        parser.body_limit(answer_bytes_max);
        co_await http::async_read(stream, buffer_, parser, asio::redirect_error(Token(), error));
        timed_out_ = error == beast::error::timeout;
        if (error) co_return 0;
        keeps_ = parser.get().keep_alive();
        co_return parser.get().result_int();
    }

    Plain stream_;
    std::optional<Secure> secure_;
    beast::flat_buffer buffer_;
    bool keeps_ = false;
    bool timed_out_ = false;
};

WebhookSender::WebhookSender(World& world, asio::io_context& io)
    : world_(world), io_(io), quiet_(io), tls_(asio::ssl::context::tls_client) {
    // Never inside of a request or task: those are to end first.
    world_.deliveries.on_ready([this](const std::string&) {
        if (std::exchange(pumping_, true)) return;
        asio::post(io_, [this] { pump(); });
    });
}

WebhookSender::~WebhookSender() {
    world_.deliveries.on_ready(nullptr);
}

void WebhookSender::pump() {
    pumping_ = false;
    for (const auto* target : world_.deliveries.targets()) {
        auto& workers = workers_[target->id];
        for (auto ready = world_.deliveries.ready(target->id);
             target->enabled && ready > 0 && workers < at_once_max; --ready, ++workers)
            asio::co_spawn(io_.get_executor(), work(target->id),
                           [this, id = target->id](const std::exception_ptr& failure) {
                               --workers_[id];
                               report(failure);
                           });
    }
    if (!world_.deliveries.holds() || std::exchange(releasing_, true)) return;
    asio::co_spawn(io_.get_executor(), release_held(), report);
}

/// What is held back to be reordered goes out when nothing more comes that could overtake it.
Task<void> WebhookSender::release_held() {
    error_code error;
    for (std::size_t seen = world_.events.count();; seen = world_.events.count()) {
        quiet_.expires_after(quiet_for);
        co_await quiet_.async_wait(asio::redirect_error(Token(), error));
        if (error || seen == world_.events.count()) break;
    }
    releasing_ = false;
    world_.deliveries.release();
}

Task<void> WebhookSender::work(std::string target) {
    for (;;) {
        const auto delivery = world_.deliveries.take(target);
        if (!delivery) co_return;
        auto request = world_.deliveries.outgoing(*world_.deliveries.find(target), *delivery);
        world_.store.rest();
        const bool acknowledged = co_await send(
            target, std::move(request.url), std::move(request.signature), std::move(request.body));
        world_.deliveries.finish(target, *delivery, acknowledged);
    }
}

Task<bool> WebhookSender::send(std::string target_id, std::string url, std::string signature,
                               std::string body) {
    const auto address = address_of(url);
    if (!address) co_return false;
    const auto request = request_text(*address, signature, body);
    auto& pool = idle_[address->origin()];
    int status = 0;
    while (status == 0 && !pool.empty()) {
        // The receiver may have closed it meanwhile; then the next one is tried.
        auto connection = std::move(pool.back());
        pool.pop_back();
        status = co_await connection->exchange(request);
        if (connection->timed_out()) co_return false;
        if (status != 0 && connection->keeps()) pool.push_back(std::move(connection));
    }
    if (status == 0) {
        auto connection = std::make_unique<Connection>(io_);
        const bool open = co_await connection->open(*address, tls_);
        if (open) status = co_await connection->exchange(request);
        if (status != 0 && connection->keeps()) pool.push_back(std::move(connection));
    }
    const bool acknowledged = status >= 200 && status < 300;
    if (!acknowledged)
        logging::debug("simulator: a webhook was not acknowledged",
                       {{"endpoint", target_id}, {"status", std::int64_t{status}}});
    co_return acknowledged;
}

}  // namespace daybook::sim
