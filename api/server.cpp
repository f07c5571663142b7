// Accepting, answering, sweeping over deadlines, and stopping, all on the I/O thread.
#include <api/server.hpp>

#include <api/actions/actions.hpp>
#include <api/actions/planning.hpp>
#include <api/listening.hpp>
#include <api/mailbox.hpp>
#include <api/problem.hpp>
#include <api/request.hpp>
#include <api/routes.hpp>
#include <api/session.hpp>
#include <api/target.hpp>
#include <api/wire.hpp>
#include <ledger/invariant.hpp>
#include <ledger/logging.hpp>

#include <sys/eventfd.h>

#include <unordered_map>
#include <unordered_set>

namespace daybook::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds sweep_interval{500};

/// What is known of a request beside its bytes.
struct Exchange {
    std::string request_id;
    std::string_view route = "other";
};

}  // namespace

class Server::Impl {
public:
    Impl(const std::string& listen, Node& node, ServerLimits limits)
        : node_(node), limits_(limits), acceptor_(io_), timer_(io_), wake_(io_) {
        acceptor_port_ = open_port(acceptor_, listen);
        wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        invariant(wake_fd_ >= 0);
        wake_.assign(wake_fd_);
        mailbox_ = std::make_shared<Mailbox<Answer>>(io_, [this](auto& items) {
            for (auto& [ticket, answer] : items)
                settle(ticket, std::move(answer));
        });
    }
    ~Impl() { mailbox_->close(); }
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
            if (sessions_.size() >= limits_.connections_max) {
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
        waiting_.erase(session.ticket);
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
                if (session->waiting()) settle(session->ticket, Answer());
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
                response = co_await answer(session, parser, exchange);
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

    // --- answering ---------------------------------------------------------------------------
    Task<Response> answer(Session& session, Parser& parser, Exchange& exchange) {
        const std::string_view method = parser.get().method_string();
        const auto target = split_target(parser.get().target());
        if (!target) co_return problem_response(Problem::malformed_request, exchange.request_id);
        if (is_gateway_path(target->path)) {
            exchange.route = "gateway";
            co_return co_await act(
                session, nullptr,
                gateway_request(parser.get(), *target, session.remote(), exchange.request_id));
        }
        const auto found = find_route(method, target->path);
        if (!found.route && found.allow.empty())
            co_return problem_response(Problem::not_found, exchange.request_id);
        if (!found.route) {
            auto refused = problem_response(Problem::method_not_allowed, exchange.request_id);
            refused.headers = "Allow: " + found.allow + "\r\n";
            co_return refused;
        }
        exchange.route = found.route->path;
        if (found.route->runs == Runs::webhook)
            co_return co_await take_webhook(session, parser, exchange);

        auto query = parse_query(target->query);
        auto id = percent_decoded(found.id, false);
        if (!query || !id)
            co_return problem_response(Problem::malformed_request, exchange.request_id);
        Request request = request_of(parser.get(), *target, session.remote(), exchange.request_id);
        request.query = std::move(*query);
        request.id = std::move(*id);
        if (found.route->runs == Runs::here) co_return found.route->here(request, node_);
        if (found.route->runs == Runs::action)
            co_return co_await act(session, found.route, std::move(request));
        co_return co_await ask(session, *found.route,
                               std::make_shared<const Request>(std::move(request)));
    }

    Task<Response> take_webhook(Session& session, Parser& parser, const Exchange& exchange) {
        WebhookEndpoint& endpoint = endpoint_of(exchange.route);
        auto event =
            endpoint.accept(parser.get()["Stripe-Signature"], std::move(parser.get().body()));
        if (!event) co_return endpoint.refuse(event.error(), exchange.request_id);

        const std::string event_id = event->event_id;
        const auto ticket = expect_answer(session);
        node_.appender.submit(
            std::move(*event),
            [mailbox = mailbox_, ticket](AppendOutcome outcome) { mailbox->put(ticket, outcome); });
        const auto settled = co_await session.answered(limits_.append_max);
        const auto* outcome = std::get_if<AppendOutcome>(&settled);
        const std::chrono::duration<double> took = Clock::now() - session.request_began();
        node_.metrics.webhook_seconds.observe(took.count());
        co_return outcome ? endpoint.answer(*outcome, event_id, exchange.request_id)
                          : endpoint.unsettled(exchange.request_id);
    }

    WebhookEndpoint& endpoint_of(std::string_view path) {
        for (auto& endpoint : node_.webhooks)
            if (endpoint.counts().endpoint == path) return endpoint;
        broken_invariant(std::source_location::current());
    }

    /// Asks anew once the projection is where the request wants it to be.
    Task<Response> ask(Session& session, const Route& route,
                       std::shared_ptr<const Request> request) {
        Response response = co_await ask_once(session, route, request);
        if (response.behind == 0) co_return response;
        const auto ticket = expect_answer(session);
        node_.projectors.when_at(
            route.projection, response.behind, Clock::now() + limits_.behind_max,
            [mailbox = mailbox_, ticket] { mailbox->put(ticket, Response()); });
        const auto reached = co_await session.answered(limits_.behind_max);
        if (std::holds_alternative<Response>(reached))
            response = co_await ask_once(session, route, request);
        if (response.behind == 0) co_return response;
        co_return problem_response(Problem::projection_behind, request->request_id,
                                   std::string(route.projection) + " has not folded position " +
                                       std::to_string(response.behind));
    }

    Task<Response> ask_once(Session& session, const Route& route,
                            std::shared_ptr<const Request> request) {
        const auto ticket = expect_answer(session);
        QueryPool::Job job;
        job.ask = [this, &route, request](pg::Connection& db) {
            return run_query(route, *request, {db, node_});
        };
        job.unreachable = [request] {
            return problem_response(Problem::database_unavailable, request->request_id);
        };
        job.done = [mailbox = mailbox_, ticket](Response response) {
            mailbox->put(ticket, std::move(response));
        };
        if (!node_.queries.submit(std::move(job))) {
            waiting_.erase(ticket);
            co_return problem_response(Problem::queue_full, request->request_id);
        }
        auto settled = co_await session.answered(limits_.query_max);
        auto* response = std::get_if<Response>(&settled);
        if (!response) co_return problem_response(Problem::query_too_slow, request->request_id);
        co_return std::move(*response);
    }

    /// Makes the plan, then waits for the action. `route` is null for the gateway.
    Task<Response> act(Session& session, const Route* route, Request asked) {
        const auto request = std::make_shared<const Request>(std::move(asked));
        auto order = route ? std::optional<Order>() : order_at_once(*request, node_);
        if (!order) order = co_await plan(session, route, request);
        if (auto* response = std::get_if<Response>(&*order)) co_return std::move(*response);

        const auto ticket = expect_answer(session);
        auto done = [mailbox = mailbox_, ticket](Response response) {
            mailbox->put(ticket, std::move(response));
        };
        if (auto* plan = std::get_if<Plan>(&*order))
            node_.actions->submit(std::move(*plan), std::move(done));
        else
            node_.actions->pass(std::get<stripe::Call>(std::move(*order)), std::move(done));
        auto settled = co_await session.answered(limits_.action_max);
        if (auto* response = std::get_if<Response>(&settled)) co_return std::move(*response);
        co_return refusal(route, Problem::action_under_way, *request);
    }

    /// On a query thread, since it takes the database.
    Task<Order> plan(Session& session, const Route* route, std::shared_ptr<const Request> request) {
        const auto order = std::make_shared<Order>();
        const auto ticket = expect_answer(session);
        QueryPool::Job job;
        job.ask = [this, route, request, order](pg::Connection& db) {
            *order = order_of(route, *request, {db, node_});
            return Response();
        };
        job.unreachable = [route, request, order] {
            *order = refusal(route, Problem::database_unavailable, *request);
            return Response();
        };
        job.done = [mailbox = mailbox_, ticket](Response response) {
            mailbox->put(ticket, std::move(response));
        };
        if (!node_.queries.submit(std::move(job))) {
            waiting_.erase(ticket);
            co_return refusal(route, Problem::queue_full, *request);
        }
        const auto planned = co_await session.answered(limits_.query_max);
        if (!std::holds_alternative<Response>(planned))
            co_return refusal(route, Problem::query_too_slow, *request);
        co_return std::move(*order);
    }

    static Response refusal(const Route* route, Problem problem, const Request& request) {
        auto response = problem_response(problem, request.request_id);
        return route ? response : in_stripes_shape(response);
    }

    // --- waiting for other threads -----------------------------------------------------------
    std::uint64_t expect_answer(Session& session) {
        session.ticket = ++last_ticket_;
        waiting_.emplace(session.ticket, &session);
        return session.ticket;
    }

    /// Resumes who waits for this ticket. Late answers find nobody.
    void settle(std::uint64_t ticket, Answer answer) {
        const auto found = waiting_.find(ticket);
        if (found == waiting_.end()) return;
        Session& session = *found->second;
        waiting_.erase(found);
        session.resume(std::move(answer));
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
    std::unordered_map<std::uint64_t, Session*> waiting_;
    std::uint64_t last_ticket_ = 0;
    std::shared_ptr<Mailbox<Answer>> mailbox_;
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
