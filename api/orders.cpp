// GET /orders, /orders/{id}
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/problem.hpp>
#include <api/rows.hpp>
#include <ledger/json_text.hpp>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"created_at", "order_id"};
constexpr std::string_view types[] = {"timestamptz", "text"};
constexpr std::string_view statuses[] = {"pending",  "paid",     "partially_refunded",
                                         "refunded", "disputed", "charged_back",
                                         "failed",   "canceled"};
constexpr Filter filters[] = {
    {"status", "status = ", Value::text, statuses},
    {"seller", "seller_account = "},
    {"buyer", "buyer_id = "},
    {"product_id", "product_id = "},
    {"currency", "currency = "},
    {"complete", "complete = ", Value::boolean},
    {"created_after", "created_at >= ", Value::time},
    {"created_before", "created_at < ", Value::time},
};

std::string parts(Context& context, const std::string& schema, std::string_view table,
                  std::string_view order_id) {
    // The second column of each is its key; log_id is the first.
    return rows_json(context.db.run("SELECT t.* FROM " + schema + "." + std::string(table) +
                                        " t WHERE log_id = $1 AND order_id = $2 ORDER BY 2, 3",
                                    pg::Params().number(context.node.log_id).text(order_id)));
}

/// The events that made the order, as they happened. `positions` is a JSON array of numbers.
std::string timeline(Context& context, std::string_view positions) {
    std::string array(positions);
    std::ranges::replace(array, '[', '{');
    std::ranges::replace(array, ']', '}');
    if (array.empty()) array = "{}";
    return rows_json(context.db.run(
        "SELECT position, event_id, type, object_id, account, occurred_at, recorded_at "
        "FROM ledger.events WHERE log_id = $1 AND position = ANY($2::bigint[]) "
        "ORDER BY date_trunc('second', occurred_at), position",
        pg::Params().number(context.node.log_id).text(array)));
}

}  // namespace

Response get_orders(const Request& request, Context& context) {
    return list(request, context,
                {.table = "orders",
                 .key = key,
                 .types = types,
                 .filters = filters,
                 .account = "seller_account"});
}

Response get_order(const Request& request, Context& context) {
    const auto order = find_row(request, context,
                                {.table = "orders", .id = "order_id", .account = "seller_account"});
    const auto schema = pg::quoted(schema_of(request, context));
    const int events = PQfnumber(order.raw(), "events");
    auto body = row_json(order, 0);
    body.pop_back();
    constexpr std::pair<const char*, const char*> tables[] = {{"items", "order_items"},
                                                              {"transactions", "transactions"},
                                                              {"refunds", "refunds"},
                                                              {"disputes", "disputes"}};
    for (const auto& [member, table] : tables)
        body.append(",\"").append(member).append("\":") +=
            parts(context, schema, table, request.id);
    body.append(",\"timeline\":") += timeline(context, order.text(0, events));
    Response response;
    response.body = body + '}';
    return response;
}

}  // namespace daybook::api
