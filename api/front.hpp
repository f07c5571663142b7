// From a parsed request to its response, whichever thread does the work.
#pragma once

#include <api/actions/planning.hpp>
#include <api/asio.hpp>
#include <api/context.hpp>
#include <api/mailbox.hpp>
#include <api/server.hpp>
#include <api/session.hpp>
#include <api/wire.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace daybook::api {

/// What is known of a request beside its bytes.
struct Exchange {
    std::string request_id;
    std::string_view route = "other";  ///< for the metrics
};

/// Finds the route of a request, hands it to the appender, a query thread or the actions thread,
/// and lets its session wait, bounded by `limits`. All of it on the I/O thread.
class Front {
public:
    /// `node` and `limits` outlive it.
    Front(boost::asio::io_context& io, Node& node, const ServerLimits& limits);
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// Never throws for what a client sent: that is a problem in the response.
    Task<Response> answer(Session& session, Parser& parser, Exchange& exchange);

    /// A session that goes while it waits.
    void forget(const Session& session);
    /// Resumes a session that has waited too long.
    void give_up(const Session& session);

private:
    Task<Response> take_webhook(Session& session, Parser& parser, const Exchange& exchange);
    WebhookEndpoint& endpoint_of(std::string_view path);
    Task<Response> ask(Session& session, const Route& route,
                       std::shared_ptr<const Request> request);
    Task<Response> ask_once(Session& session, const Route& route,
                            std::shared_ptr<const Request> request);
    Task<Response> act(Session& session, const Route* route, Request asked);
    Task<Order> plan(Session& session, const Route* route, std::shared_ptr<const Request> request);

    std::uint64_t expect_answer(Session& session);
    /// Resumes who waits for this ticket. Late answers find nobody.
    void settle(std::uint64_t ticket, Answer answer);

    Node& node_;
    const ServerLimits& limits_;
    std::unordered_map<std::uint64_t, Session*> waiting_;
    std::uint64_t last_ticket_ = 0;
    std::shared_ptr<Mailbox<Answer>> mailbox_;
};

}  // namespace daybook::api
