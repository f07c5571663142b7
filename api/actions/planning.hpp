// From a request to an action: who asks, whether it was asked before, and what is to be done.
#pragma once

#include <api/actions/gateway.hpp>
#include <api/context.hpp>
#include <api/http.hpp>
#include <api/routes.hpp>

#include <optional>
#include <variant>

namespace daybook::api {

/// An answer at once, an action to carry out, or a read to pass on.
using Order = std::variant<Response, Plan, stripe::Call>;

/// For a route of our own API, or for the gateway when `route` is null; on a query thread. A key
/// that was used before is answered from the log without asking the handler again: what it would
/// say has changed meanwhile. Lets only those pg::Errors through that mean that the connection is
/// lost.
Order order_of(const Route* route, const Request& request, Context context);

/// The gateway's order when it needs no database: its key was looked up a moment ago. Else null.
/// Any thread.
std::optional<Order> order_at_once(const Request& request, Node& node);

}  // namespace daybook::api
