// The table of routes, and the edge where what handlers throw becomes an answer.
#include <api/routes.hpp>

#include <api/handlers.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/problem.hpp>
#include <api/redact.hpp>
#include <api/target.hpp>
#include <ledger/logging.hpp>
#include <ledger/whole_number.hpp>

namespace daybook::api {
namespace {

constexpr Route open(std::string_view path, Response (*handler)(const Request&, Node&)) {
    return {"GET", path, "", Runs::here, nullptr, handler};
}
constexpr Route webhook(std::string_view path) {
    return {"POST", path, "", Runs::webhook, nullptr, nullptr};
}
constexpr Route get(std::string_view path, std::string_view scope,
                    Response (*handler)(const Request&, Context&),
                    std::string_view projection = {}) {
    return {.method = "GET",
            .path = path,
            .scope = scope,
            .runs = Runs::query,
            .query = handler,
            .projection = projection};
}
using Planner = Prepared (*)(const Request&, Context&);
constexpr Route post(std::string_view path, std::string_view scope, Planner planner) {
    return {"POST", path, scope, Runs::action, nullptr, nullptr, planner};
}
constexpr Route patch(std::string_view path, std::string_view scope, Planner planner) {
    return {"PATCH", path, scope, Runs::action, nullptr, nullptr, planner};
}

constexpr Route table[] = {
    webhook("/webhooks/stripe"),
    webhook("/webhooks/stripe/connect"),
    get("/orders", "orders:read", get_orders, "orders"),
    get("/orders/{id}", "orders:read", get_order, "orders"),
    get("/entitlements", "entitlements:read", get_entitlements, "entitlements"),
    get("/connect/accounts", "accounts:read", get_accounts, "accounts"),
    get("/connect/accounts/{id}", "accounts:read", get_account, "accounts"),
    get("/payouts", "payouts:read", get_payouts, "payouts"),
    get("/payouts/{id}", "payouts:read", get_payout, "payouts"),
    get("/customers", "customers:read", get_customers, "customers"),
    get("/customers/{id}", "customers:read", get_customer, "customers"),
    get("/products", "catalogue:read", get_products, "products"),
    get("/products/{id}", "catalogue:read", get_product, "products"),
    get("/prices", "catalogue:read", get_prices, "prices"),
    get("/prices/{id}", "catalogue:read", get_price, "prices"),
    get("/coupons", "catalogue:read", get_coupons, "coupons"),
    get("/coupons/{id}", "catalogue:read", get_coupon, "coupons"),
    get("/promotion-codes", "catalogue:read", get_promotion_codes, "promotion_codes"),
    get("/promotion-codes/{id}", "catalogue:read", get_promotion_code, "promotion_codes"),
    get("/subscriptions", "subscriptions:read", get_subscriptions, "subscriptions"),
    get("/subscriptions/{id}", "subscriptions:read", get_subscription, "subscriptions"),
    get("/access", "access:read", get_access, "entitlements"),
    get("/audit", "actions:read", get_audit, "actions"),
    get("/actions/{id}", "actions:read", get_action),
    post("/connect/accounts", "sellers:write", post_accounts),
    patch("/connect/accounts/{id}", "sellers:write", patch_account),
    post("/connect/accounts/{id}/onboarding-link", "sellers:write", post_onboarding_link),
    post("/connect/accounts/{id}/login-link", "sellers:write", post_login_link),
    post("/connect/accounts/{id}/account-session", "sellers:write", post_account_session),
    post("/connect/accounts/{id}/sync", "sellers:write", post_account_sync),
    {"GET", "/connect/refresh/{id}", "", Runs::action, nullptr, nullptr, get_onboarding_refresh},
    post("/products", "catalogue:write", post_products),
    patch("/products/{id}", "catalogue:write", patch_product),
    post("/prices", "catalogue:write", post_prices),
    patch("/prices/{id}", "catalogue:write", patch_price),
    post("/coupons", "catalogue:write", post_coupons),
    patch("/coupons/{id}", "catalogue:write", patch_coupon),
    post("/promotion-codes", "catalogue:write", post_promotion_codes),
    patch("/promotion-codes/{id}", "catalogue:write", patch_promotion_code),
    post("/payment-intents", "payments:write", post_payment_intents),
    post("/checkout/session", "payments:write", post_payment_intents),
    post("/checkout/hosted", "payments:write", post_checkout_hosted),
    post("/checkout/subscription", "subscriptions:write", post_checkout_subscription),
    post("/orders", "payments:write", post_orders),
    post("/orders/{id}/cancel", "payments:write", post_order_cancel),
    post("/refunds", "refunds:write", post_refunds),
    post("/transfers", "payments:write", post_transfers),
    post("/transfers/{id}/reversals", "payments:write", post_transfer_reversals),
    post("/subscriptions/{id}/cancel", "subscriptions:write", post_subscription_cancel),
    post("/subscriptions/{id}/resume", "subscriptions:write", post_subscription_resume),
    post("/subscriptions/{id}/change", "subscriptions:write", post_subscription_change),
    post("/billing-portal", "subscriptions:write", post_billing_portal),
    post("/disputes/{id}/evidence", "disputes:write", post_dispute_evidence),
    post("/disputes/{id}/accept", "disputes:write", post_dispute_accept),
    post("/payouts", "payouts:write", post_payouts),
    get("/events", "events:read", get_events),
    get("/events/{id}", "events:read", get_event),
    get("/projections", "projections:read", get_projections),
    get("/exceptions", "projections:read", get_exceptions),
    get("/replays", "projections:read", get_replays),
    open("/healthz", get_health),
    open("/readyz", get_readiness),
    open("/metrics", get_metrics),
};

/// What a refused statement means to the client.
Response database_problem(const pg::Error& error, const Request& request) {
    const auto& state = error.sqlstate();
    // The tables of a projection come and go whole: before its first build, and when a replay is
    // dropped under a reader.
    if (state == "42P01" || state == "3F000" || state == "42703")
        return problem_response(Problem::projection_not_ready, request.request_id);
    if (state == "57014") return problem_response(Problem::query_too_slow, request.request_id);
    if (state.starts_with("22"))
        return problem_response(Problem::invalid_parameter, request.request_id,
                                "a value is out of range");
    // No room (53), a deadlock with a swap of tables (40), a lock not got in time (55P03).
    if (state.starts_with("53") || state.starts_with("40") || state == "55P03")
        return problem_response(Problem::database_unavailable, request.request_id);
    logging::error("query failed", {{"path", without_secrets(request.path)},
                                    {"request_id", request.request_id},
                                    {"sqlstate", state},
                                    {"error", error.what()}});
    return problem_response(Problem::internal, request.request_id);
}

}  // namespace

std::span<const Route> routes() {
    return table;
}

Found find_route(std::string_view method, std::string_view path) {
    Found found;
    const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
    for (const auto& route : table) {
        std::string_view id;
        if (!path_matches(route.path, path, id)) continue;
        if (route.method == wanted) {
            found.route = &route;
            found.id = id;
            return found;
        }
        if (!found.allow.empty()) found.allow += ", ";
        found.allow += route.method;
        if (route.method == "GET") found.allow += ", HEAD";
    }
    return found;
}

bool is_gateway_path(std::string_view path) {
    return path.starts_with("/v1/") || path.starts_with("/v2/");
}

Response failure_response(const Request& request) {
    try {
        throw;
    } catch (const Refused& refused) {
        return problem_response(refused.problem(), request.request_id, refused.detail(),
                                refused.members());
    } catch (const pg::Error& error) {
        if (error.connection_lost()) throw;
        return database_problem(error, request);
    } catch (const std::exception& error) {
        logging::error("handler failed", {{"path", without_secrets(request.path)},
                                          {"request_id", request.request_id},
                                          {"error", error.what()}});
        return problem_response(Problem::internal, request.request_id);
    }
}

/// The position that ?after= names, when the tables are not there yet; else 0.
std::int64_t position_missing(const Route& route, const Request& request, const Node& node) {
    const auto* given = request.parameter("after");
    if (!given || route.projection.empty()) return 0;
    const auto position = whole_number(*given);
    if (!position || *position < 0)
        throw Refused(Problem::invalid_parameter, "after must be a position of the log");
    if (request.parameter("replay"))
        throw Refused(Problem::invalid_parameter, "a replay stands still: it takes no after");
    return node.projectors.position(route.projection) < *position ? *position : 0;
}

Response run_query(const Route& route, const Request& request, Context context) {
    try {
        context.caller = context.node.keys.require(request, route.scope, context.db);
        if (auto reason = why_not_mode(context.caller.scopes, context.node.livemode))
            throw Refused(Problem::scope_missing, *reason);
        Response behind;
        behind.behind = position_missing(route, request, context.node);
        return behind.behind > 0 ? behind : route.query(request, context);
    } catch (...) {
        return failure_response(request);
    }
}

}  // namespace daybook::api
