// Accepting, one exchange after the other, sweeping over deadlines, and stopping, all on the I/O
// thread.
#include <api/server.hpp>

#include <api/front.hpp>
#include <api/listening.hpp>
#include <api/problem.hpp>
#include <api/wire.hpp>
#include <ledger/invariant.hpp>
#include <ledger/logging.hpp>

#include <sys/eventfd.h>

#include <unordered_set>

namespace daybook::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds sweep_interval{500};

}  // namespace

class Server::Impl {
public:
    Impl(const std::string& listen, Node& node, ServerLimits limits)
        : node_(node),
          limits_(limits),
          acceptor_(io_),
          timer_(io_),
          wake_(io_),
          front_(io_, node, limits_) {
        acceptor_port_ = open_port(acceptor_, listen);
        wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        invariant(wake_fd_ >= 0);
        wake_.assign(wake_fd_);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    std::uint16_t port() const { return acceptor_port_; }

    void run() {
        const auto log = [](const std::exception_ptr& failure) { report(failure); };
        asio::co_spawn(io_.get_executor(), accept(), log);
        asio::co_spawn(io_.get_executor(), sweep(), log);
        asio::co_spawn(io_.get_executor(), await_stop(), log);
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
            logging::error("http session failed", {{"error", error.what()}});
        }
    }

    // --- the three loops ---------------------------------------------------------------------
    Task<void> accept() {
        error_code error;
        for (;;) {
            Socket socket = co_await acceptor_.async_accept(asio::redirect_error(Token(), error));
            if (!acceptor_.is_open()) co_return;
            if (error) {
                // Mostly no more file descriptors: wait for some connection to end.
                Timer pause(io_, std::chrono::milliseconds(50));
                co_await pause.async_wait(asio::redirect_error(Token(), error));
                continue;
            }
            socket.set_option(tcp::no_delay(true), error);
            socket.non_blocking(true, error);
            if (sessions_.size() >= limits_.connections_max && !make_room()) {
                turn_away(socket);
                continue;
            }
            ++node_.metrics.connections_accepted;
            const auto session = std::make_shared<Session>(std::move(socket), limits_.request_max,
                                                           unfinished_bytes_);
            sessions_.insert(session.get());
            node_.metrics.connections_open = sessions_.size();
            asio::co_spawn(io_.get_executor(), serve(session),
                           [this, session](const std::exception_ptr& failure) {
                               report(failure);
                               forget(*session);
                           });
        }
    }

    /// Closes the connection that has waited longest for a request to begin. False when none waits.
    bool make_room() {
        Session* idle = nullptr;
        for (auto* session : sessions_)
            if (session->idle() && !session->closed() &&
                (!idle || session->idle_since() < idle->idle_since()))
                idle = session;
        if (idle) idle->close();
        return idle != nullptr;
    }

    void turn_away(Socket& socket) {
        ++node_.metrics.connections_refused;
        error_code error;
        std::string out;
        append_answer(out, problem_response(Problem::queue_full, "", "too many open connections"),
                      request_id_of(""), {.keep_alive = false});
        socket.write_some(asio::buffer(out), error);
        socket.shutdown(tcp::socket::shutdown_send, error);
    }

    void forget(Session& session) {
        sessions_.erase(&session);
        front_.forget(session);
        node_.metrics.connections_open = sessions_.size();
        if (stopping_ && sessions_.empty()) timer_.cancel();
    }

    /// One timer for all deadlines: a request sets a time and costs no timer of its own.
    Task<void> sweep() {
        error_code error;
        while (!stopping_ || !sessions_.empty()) {
            timer_.expires_after(sweep_interval);
            co_await timer_.async_wait(asio::redirect_error(Token(), error));
            const auto now = Clock::now();
            const bool over = stopping_ && now >= drained_by_;
            std::vector<Session*> overdue;
            for (auto* session : sessions_)
                if (over || now >= session->deadline()) overdue.push_back(session);
            for (auto* session : overdue) {
                if (over || !session->waiting()) session->close();
                if (session->waiting()) front_.give_up(*session);
            }
        }
    }

    Task<void> await_stop() {
        error_code error;
        co_await wake_.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::redirect_error(Token(), error));
        stopping_ = true;
        drained_by_ = Clock::now() + limits_.drain_max;
        acceptor_.close(error);
        for (auto* session : sessions_)
            if (session->idle()) session->close();
        if (sessions_.empty()) timer_.cancel();
    }

    // --- one connection ----------------------------------------------------------------------
    Task<void> serve(std::shared_ptr<Session> owned) {
        Session& session = *owned;
        bool keep_alive = true;
        auto patience = limits_.request_max;
        while (keep_alive && !stopping_) {
            Parser parser;
            Session::set_limits(parser);
            Problem problem = Problem::internal;
            const auto reading = co_await session.read(parser, patience, problem);
            if (reading == Reading::closed) co_return;
            patience = limits_.idle_max;
            const auto& head = parser.get();
            Exchange exchange;
            exchange.request_id = request_id_of(head["X-Request-Id"]);
            Response response;
            if (reading == Reading::complete)
                response = co_await front_.answer(session, parser, exchange);
            else
                response = problem_response(problem, exchange.request_id);
            keep_alive = reading == Reading::complete && head.keep_alive() && !stopping_;
            const Framing framing{.head_only = head.method() == boost::beast::http::verb::head,
                                  .keep_alive = keep_alive,
                                  .http_1_0 = head.version() == 10};
            session.out.clear();
            append_answer(session.out, response, exchange.request_id, framing);
            ++node_.metrics.requests[{exchange.route, response.status}];
            const bool sent = co_await session.send();
            if (!sent) co_return;
            if (reading == Reading::refused) co_await session.linger();
        }
    }

    Node& node_;
    const ServerLimits limits_;
    std::uint64_t unfinished_bytes_ = 0;  ///< of all sessions, which end with io_ at the latest
    asio::io_context io_{1};
    Acceptor acceptor_;
    std::uint16_t acceptor_port_ = 0;
    Timer timer_;
    asio::posix::basic_stream_descriptor<Executor> wake_;
    int wake_fd_ = -1;
    bool stopping_ = false;
    Clock::time_point drained_by_;
    std::unordered_set<Session*> sessions_;
    Front front_;
};

Server::Server(const std::string& listen, Node& node, ServerLimits limits)
    : impl_(std::make_unique<Impl>(listen, node, limits)) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
    return impl_->port();
}
void Server::run() {
    impl_->run();
}
void Server::stop() noexcept {
    impl_->stop();
}

}  // namespace daybook::api
