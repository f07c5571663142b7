// Routing, and waiting for the threads that do the work.
#include <api/front.hpp>

#include <api/actions/actions.hpp>
#include <api/actions/planning.hpp>
#include <api/problem.hpp>
#include <api/request.hpp>
#include <api/routes.hpp>
#include <api/target.hpp>
#include <ledger/invariant.hpp>

namespace daybook::api {
namespace {

Response refusal(const Route* route, Problem problem, const Request& request) {
    auto response = problem_response(problem, request.request_id);
    return route ? response : in_stripes_shape(response);
}

}  // namespace

Front::Front(boost::asio::io_context& io, Node& node, const ServerLimits& limits)
    : node_(node),
      limits_(limits),
      mailbox_(std::make_shared<Mailbox<Answer>>(io, [this](auto& items) {
          for (auto& [ticket, answer] : items)
              settle(ticket, std::move(answer));
      })) {}

Front::~Front() {
    mailbox_->close();
}

Task<Response> Front::answer(Session& session, Parser& parser, Exchange& exchange) {
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
    if (!query || !id) co_return problem_response(Problem::malformed_request, exchange.request_id);
    Request request = request_of(parser.get(), *target, session.remote(), exchange.request_id);
    request.query = std::move(*query);
    request.id = std::move(*id);
    if (found.route->runs == Runs::here) co_return found.route->here(request, node_);
    if (found.route->runs == Runs::action)
        co_return co_await act(session, found.route, std::move(request));
    co_return co_await ask(session, *found.route,
                           std::make_shared<const Request>(std::move(request)));
}

Task<Response> Front::take_webhook(Session& session, Parser& parser, const Exchange& exchange) {
    WebhookEndpoint& endpoint = endpoint_of(exchange.route);
    auto event = endpoint.accept(parser.get()["Stripe-Signature"], std::move(parser.get().body()));
    if (!event) co_return endpoint.refuse(event.error(), exchange.request_id);

    const std::string event_id = event->event_id;
    const auto ticket = expect_answer(session);
    node_.appender.submit(std::move(*event), [mailbox = mailbox_, ticket](AppendOutcome outcome) {
        mailbox->put(ticket, outcome);
    });
    const auto settled = co_await session.answered(limits_.append_max);
    const auto* outcome = std::get_if<AppendOutcome>(&settled);
    const std::chrono::duration<double> took = Clock::now() - session.request_began();
    node_.metrics.webhook_seconds.observe(took.count());
    co_return outcome ? endpoint.answer(*outcome, event_id, exchange.request_id)
                      : endpoint.unsettled(exchange.request_id);
}

WebhookEndpoint& Front::endpoint_of(std::string_view path) {
    for (auto& endpoint : node_.webhooks)
        if (endpoint.counts().endpoint == path) return endpoint;
    broken_invariant(std::source_location::current());
}

/// Asks anew once the projection is where the request wants it to be.
Task<Response> Front::ask(Session& session, const Route& route,
                          std::shared_ptr<const Request> request) {
    Response response = co_await ask_once(session, route, request);
    if (response.behind == 0) co_return response;
    const auto ticket = expect_answer(session);
    node_.projectors.when_at(route.projection, response.behind, Clock::now() + limits_.behind_max,
                             [mailbox = mailbox_, ticket] { mailbox->put(ticket, Response()); });
    const auto reached = co_await session.answered(limits_.behind_max);
    if (std::holds_alternative<Response>(reached))
        response = co_await ask_once(session, route, request);
    if (response.behind == 0) co_return response;
    co_return problem_response(Problem::projection_behind, request->request_id,
                               std::string(route.projection) + " has not folded position " +
                                   std::to_string(response.behind));
}

Task<Response> Front::ask_once(Session& session, const Route& route,
                               std::shared_ptr<const Request> request) {
    const auto ticket = expect_answer(session);
    QueryPool::Job job;
    job.until = Clock::now() + limits_.query_max;
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
Task<Response> Front::act(Session& session, const Route* route, Request asked) {
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
Task<Order> Front::plan(Session& session, const Route* route,
                        std::shared_ptr<const Request> request) {
    const auto order = std::make_shared<Order>();
    const auto ticket = expect_answer(session);
    QueryPool::Job job;
    job.until = Clock::now() + limits_.query_max;
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

std::uint64_t Front::expect_answer(Session& session) {
    session.ticket = ++last_ticket_;
    waiting_.emplace(session.ticket, &session);
    return session.ticket;
}

void Front::settle(std::uint64_t ticket, Answer answer) {
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;
    Session& session = *found->second;
    waiting_.erase(found);
    session.resume(std::move(answer));
}

void Front::forget(const Session& session) {
    waiting_.erase(session.ticket);
}

void Front::give_up(const Session& session) {
    settle(session.ticket, Answer());
}

}  // namespace daybook::api
