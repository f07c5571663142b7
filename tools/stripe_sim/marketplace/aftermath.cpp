// What comes after the sale: refunds, disputes, and taking the seller's share back.
#include <tools/stripe_sim/marketplace/orders.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view reasons[] = {
    "fraudulent",           "fraudulent", "product_not_received",
    "product_unacceptable", "duplicate",  "general"};

}  // namespace

void Orders::paid(const Order& order) {
    shop_.count("orders: paid");
    if (shop_.happens(&Rates::disputed))
        shop_.in_days(5 * day, 40 * day, [this, order] { dispute(order); });
    else if (shop_.happens(&Rates::refunded))
        shop_.in_days(hour, 20 * day, [this, order] { refund(order); });
}

void Orders::refund(const Order& order) {
    json::object params{{"payment_intent", order.intent},
                        {"reason", "requested_by_customer"},
                        {"reverse_transfer", true},
                        {"refund_application_fee", true}};
    if (order.naming == Naming::usual) params["metadata"] = {{"order_id", order.name}};
    const bool partly = shop_.happens(&Rates::refunded_partly);
    if (partly) params["amount"] = order.amount * shop_.chance.between(10, 80) / 100;
    if (!shop_.try_post("/v1/refunds", params)) return;
    shop_.count(partly ? "refunds: partial" : "refunds: full");
}

void Orders::dispute(const Order& order) {
    const auto intent = shop_.get("/v1/payment_intents/" + order.intent);
    const std::string charge(text(intent, "latest_charge"));
    const bool asks = shop_.happens(&Rates::inquiry);
    const auto reason = reasons[shop_.chance.between(0, std::ssize(reasons) - 1)];
    const auto dispute =
        shop_.act("/_sim/disputes",
                  {{"charge", charge}, {"inquiry", asks}, {"reason", json::string(reason)}});
    const std::string id(text(dispute, "id"));
    shop_.count(asks ? "disputes: inquiries" : "disputes: chargebacks");
    if (asks) return shop_.in_days(2 * day, 9 * day, [this, id] { close_inquiry(id); });
    shop_.in_days(day, 6 * day, [this, id, charge] { answer_dispute(id, charge); });
}

void Orders::close_inquiry(const std::string& dispute) {
    const bool escalated = shop_.happens(&Rates::inquiry_escalated);
    shop_.act("/_sim/disputes/" + dispute, {{"outcome", escalated ? "escalated" : "lost"}});
    shop_.count(escalated ? "disputes: inquiries escalated" : "disputes: inquiries closed");
}

void Orders::answer_dispute(const std::string& dispute, const std::string& charge) {
    if (!shop_.happens(&Rates::contested)) {
        shop_.post(fmt::format("/v1/disputes/{}/close", dispute), {});
        shop_.count("disputes: conceded");
        return recover_from_seller(charge);
    }
    shop_.post("/v1/disputes/" + dispute,
               {{"evidence", {{"uncategorized_text", "It was delivered and signed for."}}},
                {"submit", true}});
    const bool wins = shop_.happens(&Rates::won);
    shop_.in_days(10 * day, 35 * day, [this, dispute, charge, wins] {
        shop_.act("/_sim/disputes/" + dispute, {{"outcome", wins ? "won" : "lost"}});
        shop_.count(wins ? "disputes: won" : "disputes: lost");
        if (!wins) recover_from_seller(charge);
    });
}

void Orders::recover_from_seller(const std::string& charge) {
    const std::string transfer(text(shop_.get("/v1/charges/" + charge), "transfer"));
    if (shop_.try_post(fmt::format("/v1/transfers/{}/reversals", transfer),
                       {{"description", "Dispute lost"}}))
        shop_.count("disputes: recovered from the seller");
}

}  // namespace daybook::sim
