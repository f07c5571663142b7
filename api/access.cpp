// GET /access: may this user use this product, and why?
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/problem.hpp>
#include <api/rows.hpp>
#include <ledger/json_text.hpp>

namespace daybook::api {
namespace {

/// One look-up in the primary key. Of several sources the one that helps most: an active one before
/// all, then the one that lasts longest.
constexpr char sql[] =
    "SELECT user_id, product_id, active AS access, reason, source_type, source_id, order_id, "
    "subscription_id, status, period_end, granted_at, revoked_at FROM app.entitlements "
    "WHERE log_id = $1::int AND user_id = $2 AND product_id = $3 "
    "ORDER BY active DESC, period_end DESC NULLS FIRST, granted_at DESC, source_id LIMIT 1";

const std::string& required(const Request& request, std::string_view name) {
    const auto* value = request.parameter(name);
    if (!value || value->empty())
        throw Refused(Problem::invalid_parameter, std::string(name).append(" is needed"));
    return *value;
}

std::string never(const std::string& user, const std::string& product) {
    JsonObject body;
    body.text("user_id", user).text("product_id", product).boolean("access", false);
    body.text("reason", "never_granted");
    for (const auto* name : {"source_type", "source_id", "order_id", "subscription_id", "status",
                             "period_end", "granted_at", "revoked_at"})
        body.null(name);
    return body.str();
}

}  // namespace

Response get_access(const Request& request, Context& context) {
    allow_parameters(request, {"user_id", "product_id", "after"});
    refuse_if_kept(context);
    const auto& user = required(request, "user_id");
    const auto& product = required(request, "product_id");
    const auto rows = context.db.run_prepared(
        "access", sql, pg::Params().number(context.node.log_id).text(user).text(product));
    Response response;
    response.body = rows.rows() == 0 ? never(user, product) : row_json(rows, 0);
    return response;
}

}  // namespace daybook::api
