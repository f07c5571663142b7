// The whole API at a glance: which path goes to which handler, and what its key must allow.
#pragma once

#include <api/actions/plan.hpp>
#include <api/context.hpp>
#include <api/http.hpp>

#include <span>
#include <string>
#include <string_view>

namespace daybook::api {

/// Where a route runs.
enum class Runs {
    webhook,  ///< I/O thread and appender; see api/webhooks.hpp
    here,     ///< I/O thread, at once
    query,    ///< a query thread, with a database connection and an authenticated key
    action    ///< a query thread makes the plan, the actions thread carries it out
};

struct Route {
    std::string_view method;
    std::string_view path;   ///< one segment may be {id}
    std::string_view scope;  ///< what the key must have; empty for routes that are open
    Runs runs = Runs::query;
    Response (*query)(const Request&, Context&) = nullptr;
    Response (*here)(const Request&, Node&) = nullptr;
    Prepared (*plan)(const Request&, Context&) = nullptr;
    std::string_view projection{};  ///< what a query reads, and ?after= waits for; may be empty
};

std::span<const Route> routes();

/// What became of a look-up: the route, or the methods that its path does take, or neither.
struct Found {
    const Route* route = nullptr;
    std::string_view id;  ///< as sent, percent-encoded
    std::string allow;    ///< for the Allow header; empty when the path does not exist
};

/// HEAD finds the route of GET.
Found find_route(std::string_view method, std::string_view path);

/// Whether the path belongs to Stripe's own protocol, which the gateway speaks.
bool is_gateway_path(std::string_view path);

/// Runs a query route: authenticates, calls the handler, makes problems of what it throws. Lets
/// only those pg::Errors through that mean that the connection is lost.
Response run_query(const Route& route, const Request& request, Context context);

/// The answer to the exception that is being handled; throws on those pg::Errors that mean that the
/// connection is lost.
Response failure_response(const Request& request);

}  // namespace daybook::api
