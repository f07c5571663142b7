// GET /subscriptions, /subscriptions/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/rows.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"created_at", "subscription_id"};
constexpr std::string_view types[] = {"timestamptz", "text"};
constexpr Filter filters[] = {
    {"status", "status = "},
    {"customer_id", "customer_id = "},
    {"user_id", "user_id = "},
    {"seller", "seller_account = "},
    {"product_id", "product_id = "},
    {"cancel_at_period_end", "cancel_at_period_end = ", Value::boolean},
    {"created_after", "created_at >= ", Value::time},
    {"created_before", "created_at < ", Value::time},
};

}  // namespace

Response get_subscriptions(const Request& request, Context& context) {
    return list(request, context,
                {.table = "subscriptions",
                 .key = key,
                 .types = types,
                 .filters = filters,
                 .account = "seller_account"});
}

Response get_subscription(const Request& request, Context& context) {
    auto response =
        record(request, context,
               {.table = "subscriptions", .id = "subscription_id", .account = "seller_account"});
    const auto items = context.db.run(
        "SELECT t.* FROM " + pg::quoted(schema_of(request, context)) +
            ".subscription_items t WHERE log_id = $1 AND subscription_id = $2 ORDER BY item_id",
        pg::Params().number(context.node.log_id).text(request.id));
    response.body.pop_back();
    response.body.append(",\"items\":").append(rows_json(items)).append("}");
    return response;
}

}  // namespace daybook::api
