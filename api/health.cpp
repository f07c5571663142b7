// GET /healthz, /readyz
#include <api/handlers.hpp>
#include <api/problem.hpp>
#include <ledger/json_text.hpp>

namespace daybook::api {

Response get_health(const Request&, Node&) {
    Response response;
    response.body = JsonObject().text("status", "up").str();
    return response;
}

Response get_readiness(const Request& request, Node& node) {
    const auto stats = node.appender.stats();
    if (!stats.connected) return problem_response(Problem::not_ready, request.request_id);
    Response response;
    response.body = JsonObject().text("status", "ready").number("head", stats.head).str();
    return response;
}

}  // namespace daybook::api
