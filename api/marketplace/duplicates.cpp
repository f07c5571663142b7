// Second clicks: orders like one that was placed a moment ago, and refunds of lines that another
// request is refunding, on whichever node.
#include <api/marketplace/duplicates.hpp>

#include <api/actions/record.hpp>
#include <api/catching_up.hpp>
#include <api/marketplace/json_reader.hpp>
#include <api/marketplace/recent_orders.hpp>
#include <api/marketplace/table_reading.hpp>
#include <api/problem.hpp>
#include <ledger/json_text.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

std::optional<RecordedAction> action_of(const RecentOrders::Order& order, Context& context) {
    return find_action(context.db, context.node.log_id,
                       action_id(order.idempotency_key, context.node.livemode, {}));
}

std::string likeness_of(const Sale& sale) {
    auto text =
        fmt::format("{}\n{}\n{}\n{}", sale.buyer.user_id, sale.seller, sale.currency, sale.total());
    for (const auto& line : sale.lines)
        text +=
            fmt::format("\n{}|{}|{}|{}", line.product, line.price, line.quantity, line.unit_amount);
    return text;
}

bool over(const std::optional<OrderRow>& order) {
    return order && (order->status == "canceled" || order->status == "failed");
}

/// The order that another request placed or is about to; null when it came to nothing: Stripe
/// refused it, or it is over.
std::optional<std::string> still_there(const RecentOrders::Met& met, Context& context) {
    const auto action = action_of(met.order, context);
    // About to begin, or waiting for a log that takes nothing at the moment; unless whoever placed
    // it died before, but then it is forgotten soon.
    if (!action) return met.order.order_id;
    // A twin of that request may have been faster on another node, with an id of its own.
    auto id = JsonReader(action->plan.decisions).text("/order_id");
    if (!action->outcome) return id;
    if (action->outcome->state == ActionState::failed) return std::nullopt;
    catch_up(context, {"orders"});
    if (over(look_up_order(context, id))) return std::nullopt;
    return id;
}

/// Whether an action of these for the order has no outcome yet, whoever asked for it and whenever.
bool is_open(const std::string& order_id, const std::string& which, Context& context) {
    std::string id;  // as it stands in a record, most of which need not be read then
    append_json_string(id, order_id);
    const auto open = context.db.run(
        "SELECT payload FROM app.actions a, "
        "LATERAL (SELECT event_id, payload FROM ledger.events e WHERE e.log_id = $1 "
        "AND e.event_id = a.action_id AND e.type = 'action.requested' LIMIT 1) AS request "
        "WHERE a.log_id = $1 AND a.state IN ('requested', 'indeterminate') AND " +
            which +
            " AND position($2 IN payload) > 0 AND (SELECT true FROM ledger.events e "
            "WHERE e.log_id = $1 AND e.event_id = request.event_id || $3::text LIMIT 1) IS NULL",
        read_from(context, "actions").binary(id).text(outcome_id({})), true);
    for (int row = 0; row < open.rows(); ++row)
        if (JsonReader(open.text(row, 0)).text("/action/decisions/order_id") == order_id)
            return true;
    return false;
}

/// The order that was there before this one; empty when there is none, and then this one is.
std::string find_before(const Sale& sale, const Request& request, Context& context) {
    RecentOrders recent(context.db, context.node.log_id);
    const RecentOrders::Order order{sale.order_id, request.idempotency_key};
    const auto equal = likeness_of(sale);
    std::vector<std::string> likenesses;
    if (sale.order_id_given) likenesses.push_back(sale.order_id);
    if (!sale.force) likenesses.push_back(equal);
    while (!likenesses.empty()) {
        const auto met = recent.meet(likenesses, order);
        if (!met) break;
        if (auto id = still_there(*met, context)) return *id;
        recent.replace(*met, order);
    }
    if (sale.force) recent.meet({equal}, order);
    if (!sale.order_id_given) return {};
    // That is remembered for a minute, and Stripe may let a call hang for longer: the order may be
    // on its way still, or have arrived since the tables were asked for it.
    require_caught_up(context, "actions");
    if (is_open(sale.order_id, "requested_at < now() - interval '50 s'", context))
        return sale.order_id;
    require_caught_up(context, "orders");
    const auto placed = look_up_order(context, sale.order_id);
    return placed && !over(placed) ? sale.order_id : std::string();
}

/// Takes the place of this likeness, whoever had it and is done. Throws Refused(projection_behind)
/// while another request is at it.
void be_first(const std::string& likeness, const std::string& id, const std::string& refusal,
              const Request& request, Context& context) {
    RecentOrders recent(context.db, context.node.log_id);
    const RecentOrders::Order order{id, request.idempotency_key};
    while (const auto met = recent.meet({likeness}, order)) {
        const auto action = action_of(met->order, context);
        if (!action || !action->outcome) throw Refused(Problem::projection_behind, refusal);
        recent.replace(*met, order);
    }
}

}  // namespace

void be_first_to_refund_lines(const std::string& order_id, const Request& request,
                              Context& context) {
    const auto refusal = fmt::format("another refund of {} is under way", order_id);
    be_first("lines refunded of\n" + order_id, order_id, refusal, request, context);
    // That is remembered for a minute, and Stripe may let a refund hang for longer.
    require_caught_up(context, "actions");
    if (is_open(order_id, "kind = 'refund.create'", context))
        throw Refused(Problem::projection_behind, refusal);
}

void be_first_to_make_customer(const std::string& user_id, const Request& request,
                               Context& context) {
    be_first("customer of\n" + user_id, user_id,
             fmt::format("{} is being made a customer by another request", user_id), request,
             context);
    require_caught_up(context, "customers");
}

void refuse_duplicate(const Sale& sale, const Request& request, Context& context) {
    const auto before = find_before(sale, request, context);
    if (before.empty()) return;
    JsonObject members;
    members.text("order_id", before);
    throw Refused(Problem::likely_duplicate,
                  before == sale.order_id ? fmt::format("{} is being placed", before)
                                          : fmt::format("{} is equal", before),
                  members);
}

}  // namespace daybook::api
