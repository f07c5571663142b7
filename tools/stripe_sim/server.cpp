// Accepting, reading, answering, and keeping virtual time beside the wall clock.
#include <tools/stripe_sim/server.hpp>

#include <api/problem.hpp>
#include <api/wire.hpp>
#include <ledger/invariant.hpp>
#include <ledger/logging.hpp>
#include <tools/stripe_sim/api.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

namespace daybook::sim {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using api::Parser;
using api::Session;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds sweep_interval{500};
constexpr std::chrono::milliseconds clock_interval{100};
constexpr std::chrono::seconds request_max{30};
constexpr std::chrono::seconds idle_max{300};

std::string_view reason(int status) {
    switch (status) {
        case 200: return "OK";
        case 302: return "Found";
        case 303: return "See Other";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 424: return "Failed Dependency";
        case 429: return "Too Many Requests";
        case 500: return "Internal Server Error";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        default: return "Unknown";
    }
}

void append_reply(std::string& out, const Reply& reply, bool keep_alive) {
    fmt::format_to(std::back_inserter(out),
                   "HTTP/1.1 {} {}\r\nServer: Daybook Stripe simulator\r\nContent-Type: {}\r\n"
                   "Content-Length: {}\r\nAccess-Control-Allow-Origin: *\r\n{}{}\r\n",
                   reply.status, reason(reply.status), reply.content_type, reply.body.size(),
                   reply.headers, keep_alive ? "" : "Connection: close\r\n");
    out += reply.body;
}

/// Paths and headers come back in messages and answers, which are text.
std::string printable(std::string_view text) {
    std::string clean(text);
    std::ranges::replace_if(clean, [](char c) { return c < ' ' || c > '~'; }, '?');
    return clean;
}

ApiRequest request_of(http::request<http::string_body>& message) {
    const auto header = [&message](std::string_view name) { return printable(message[name]); };
    ApiRequest request;
    request.method = std::string(message.method_string());
    const std::string_view target = message.target();
    const auto question = target.find('?');
    request.path = printable(target.substr(0, question));
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    request.body = std::move(message.body());
    request.content_type = header("Content-Type");
    request.authorization = header("Authorization");
    request.stripe_account = header("Stripe-Account");
    request.stripe_context = header("Stripe-Context");
    request.stripe_version = header("Stripe-Version");
    request.idempotency_key = header("Idempotency-Key");
    request.host = header("Host");
    return request;
}

/// Browsers ask before they send a key from a page of another origin.
Reply preflight() {
    Reply reply;
    reply.headers =
        "Access-Control-Allow-Methods: GET, POST, DELETE\r\n"
        "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, "
        "Stripe-Account, Stripe-Context, Stripe-Version\r\nAccess-Control-Max-Age: 600\r\n";
    return reply;
}

Reply unreadable(api::Problem problem) {
    const bool big = problem == api::Problem::body_too_large;
    return Api::refusal(
        StripeError(big ? 413 : 400, "invalid_request_error",
                    big ? "The request body is too large." : "The request is not valid HTTP."),
        "");
}

}  // namespace

class Server::Impl {
public:
    Impl(World& world, const std::string& listen)
        : world_(world), api_(world), acceptor_(io_), sweeper_(io_), ticker_(io_), wake_(io_) {
        bind(listen);
        wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        invariant(wake_fd_ >= 0);
        wake_.assign(wake_fd_);
    }

    std::uint16_t port() const { return port_; }
    asio::io_context& io() { return io_; }
    void upgrade(std::string_view path, Upgrade handler) {
        upgrades_[std::string(path)] = std::move(handler);
    }

    void run() {
        asio::co_spawn(io_.get_executor(), accept(), report);
        asio::co_spawn(io_.get_executor(), sweep(), report);
        asio::co_spawn(io_.get_executor(), tick(), report);
        asio::co_spawn(io_.get_executor(), await_stop(), report);
        io_.run();
    }

    void stop() noexcept {
        const std::uint64_t one = 1;
        // A full counter means that a stop is under way already.
        [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
    }

private:
    static void report(const std::exception_ptr& failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            logging::error("simulator: a connection failed", {{"error", error.what()}});
        }
    }

    void bind(const std::string& listen) {
        const auto [host, service] = api::split_address(listen);
        try {
            tcp::resolver resolver(io_);
            const auto found = resolver.resolve(host, service, tcp::resolver::passive);
            const tcp::endpoint endpoint = found.begin()->endpoint();
            acceptor_.open(endpoint.protocol());
            acceptor_.set_option(tcp::acceptor::reuse_address(true));
            acceptor_.bind(endpoint);
            acceptor_.listen(1024);
            port_ = acceptor_.local_endpoint().port();
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error("cannot listen on " + listen + ": " + error.code().message());
        }
    }

    Task<void> accept() {
        error_code error;
        for (;;) {
            Socket socket = co_await acceptor_.async_accept(asio::redirect_error(Token(), error));
            if (error) {
                // Mostly no more file descriptors: wait for some connection to end.
                Timer pause(io_, std::chrono::milliseconds(50));
                co_await pause.async_wait(asio::redirect_error(Token(), error));
                continue;
            }
            socket.set_option(tcp::no_delay(true), error);
            socket.non_blocking(true, error);
            const auto session =
                std::make_shared<Session>(std::move(socket), request_max, unfinished_bytes_);
            sessions_.insert(session.get());
            asio::co_spawn(io_.get_executor(), serve(session),
                           [this, session](const std::exception_ptr& failure) {
                               sessions_.erase(session.get());
                               report(failure);
                           });
        }
    }

    Task<void> sweep() {
        error_code error;
        for (;;) {
            sweeper_.expires_after(sweep_interval);
            co_await sweeper_.async_wait(asio::redirect_error(Token(), error));
            const auto now = std::chrono::steady_clock::now();
            for (auto* session : sessions_)
                if (now >= session->deadline()) session->close();
        }
    }

    /// Virtual time walks on even when nobody asks.
    Task<void> tick() {
        error_code error;
        for (;;) {
            ticker_.expires_after(clock_interval);
            co_await ticker_.async_wait(asio::redirect_error(Token(), error));
            world_.keep_up();
            world_.store.rest();
        }
    }

    Task<void> await_stop() {
        error_code error;
        co_await wake_.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::redirect_error(Token(), error));
        io_.stop();
    }

    Task<void> serve(std::shared_ptr<Session> owned) {
        Session& session = *owned;
        bool keep_alive = true;
        auto patience = request_max;
        while (keep_alive) {
            Parser parser;
            Session::set_limits(parser);
            api::Problem problem = api::Problem::internal;
            const auto reading = co_await session.read(parser, patience, problem);
            if (reading == api::Reading::closed) co_return;
            patience = idle_max;
            std::optional<Reply> reply;
            if (reading == api::Reading::refused) {
                keep_alive = false;
                reply = unreadable(problem);
            } else {
                keep_alive = parser.get().keep_alive();
                if (const auto* handler = upgrade_of(parser.get())) {
                    auto message = parser.release();
                    sessions_.erase(&session);
                    co_await (*handler)(session.release_socket(), std::move(message));
                    co_return;
                }
                reply = co_await answer(session, parser);
            }
            if (!reply) co_return;
            session.out.clear();
            append_reply(session.out, *reply, keep_alive);
            const bool sent = co_await session.send();
            if (!sent) co_return;
            if (reading == api::Reading::refused) co_await session.linger();
        }
    }

    const Upgrade* upgrade_of(const http::request<http::string_body>& message) const {
        if (upgrades_.empty() || message.count(http::field::upgrade) == 0) return nullptr;
        const std::string_view target = message.target();
        const auto found = upgrades_.find(target.substr(0, target.find('?')));
        return found == upgrades_.end() ? nullptr : &found->second;
    }

    /// Nothing means that the connection is to be cut.
    Task<std::optional<Reply>> answer(Session& session, Parser& parser) {
        if (parser.get().method() == http::verb::options) co_return preflight();
        auto step = api_.admit(request_of(parser.get()));
        if (auto* reply = std::get_if<Reply>(&step)) {
            while (reply->unfinished) {
                if (auto answer = reply->unfinished()) co_return std::move(*answer);
                session.extend(request_max);
                co_await asio::post(io_.get_executor(), Token());
            }
            co_return std::move(*reply);
        }
        auto& admitted = std::get<Admitted>(step);
        const Fault fault = admitted.fault;
        if (fault.delay.count() > 0) co_await pause(session, fault.delay);
        if (fault.cut_before) {
            static_cast<void>(api_.conclude(admitted, {}, false));
            co_return std::nullopt;
        }
        if (fault.instead) co_return api_.conclude(admitted, *fault.instead, fault.keep);
        auto reply = api_.execute(admitted);
        if (fault.cut_after) co_return std::nullopt;
        co_return reply;
    }

    Task<void> pause(Session& session, std::chrono::milliseconds time) {
        error_code error;
        session.extend(time + request_max);
        Timer timer(io_, time);
        co_await timer.async_wait(asio::redirect_error(Token(), error));
    }

    World& world_;
    Api api_;
    std::uint64_t unfinished_bytes_ = 0;  ///< of all sessions, which end with io_ at the latest
    asio::io_context io_{1};
    Acceptor acceptor_;
    std::uint16_t port_ = 0;
    Timer sweeper_;
    Timer ticker_;
    asio::posix::basic_stream_descriptor<Executor> wake_;
    int wake_fd_ = -1;
    std::set<Session*> sessions_;
    std::map<std::string, Upgrade, std::less<>> upgrades_;
};

Server::Server(World& world, const std::string& listen)
    : impl_(std::make_unique<Impl>(world, listen)) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
    return impl_->port();
}
boost::asio::io_context& Server::io() {
    return impl_->io();
}
void Server::upgrade(std::string_view path, Upgrade handler) {
    impl_->upgrade(path, std::move(handler));
}
void Server::run() {
    impl_->run();
}
void Server::stop() noexcept {
    impl_->stop();
}

}  // namespace daybook::sim
