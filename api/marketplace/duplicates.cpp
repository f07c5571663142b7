// Second clicks: orders like one that was placed a moment ago, by another request.
#include <api/actions/record.hpp>
#include <api/catching_up.hpp>
#include <api/marketplace/json_reader.hpp>
#include <api/marketplace/recent_orders.hpp>
#include <api/marketplace/sale.hpp>
#include <api/problem.hpp>

#include <fmt/format.h>

namespace daybook::api {
namespace {

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
    const auto action =
        find_action(context.db, context.node.log_id,
                    action_id(met.order.idempotency_key, context.node.livemode, {}));
    if (!action) {
        // About to begin; unless whoever placed it died before it did.
        if (met.just_now) return met.order.order_id;
        return std::nullopt;
    }
    // A twin of that request may have been faster on another node, with an id of its own.
    auto id = JsonReader(action->plan.decisions).text("/order_id");
    if (!action->outcome) return id;
    if (action->outcome->state == ActionState::failed) return std::nullopt;
    catch_up(context, {"orders"});
    if (over(find_order(context, id))) return std::nullopt;
    return id;
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
    return {};
}

}  // namespace

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
