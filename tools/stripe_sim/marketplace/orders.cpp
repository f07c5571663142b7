// How orders are paid for: by payment intents and by checkout sessions.
#include <tools/stripe_sim/marketplace/orders.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view return_url = "https://shop.example/return";
constexpr std::int64_t fee_percent = 10;

/// What the buyer pays with at this attempt.
std::string_view card_for(Chance& chance, bool may_fail) {
    if (may_fail && chance.in(rates::declined))
        return chance.in(5'000) ? "pm_card_visa_chargeDeclinedInsufficientFunds"
                                : "pm_card_visa_chargeDeclined";
    if (may_fail && chance.in(rates::challenged)) return "pm_card_threeDSecure2Required";
    if (chance.in(3'000)) return "pm_card_mastercard";
    if (chance.in(1'000)) return "pm_card_amex";
    return "pm_card_visa";
}

}  // namespace

const Product& Orders::product(const Order& order) const {
    return people_.seller(order.seller).products[order.product];
}

json::object Orders::metadata(const Order& order) const {
    return {{"order_id", order.metadata_order},
            {"user_id", fmt::format("user_{}", order.buyer)},
            {"product_id", product(order).product}};
}

json::object Orders::share_of_seller(const Order& order) const {
    return {{"application_fee_amount", order.amount * fee_percent / 100},
            {"transfer_data", {{"destination", people_.seller(order.seller).account}}},
            {"transfer_group", order.metadata_order},
            {"metadata", metadata(order)}};
}

void Orders::order(std::int64_t number) {
    Order order;
    order.metadata_order = fmt::format("order_{}", number);
    order.buyer = people_.any_buyer();
    order.seller = people_.any_seller();
    const auto& seller = people_.seller(order.seller);
    order.product = shop_.chance.favourite(seller.products.size());
    order.amount = product(order).amount;
    if (shop_.chance.in(rates::by_subscription)) return subscribe(order);
    if (shop_.chance.in(rates::by_session)) return pay_by_session(std::move(order));
    pay_by_intent(std::move(order));
}

void Orders::pay_by_intent(Order order) {
    shop_.count("orders: by payment intent");
    auto params = share_of_seller(order);
    params["amount"] = order.amount;
    params["currency"] = people_.seller(order.seller).currency;
    params["customer"] = people_.buyer(order.buyer).customer;
    params["automatic_payment_methods"] = {{"enabled", true}};
    order.intent = text(shop_.post("/v1/payment_intents", params), "id");
    shop_.later(5, 90, [this, order = std::move(order)] { attempt(order, Try::first); });
}

void Orders::attempt(const Order& order, Try which) {
    const auto& stored = people_.buyer(order.buyer).card;
    const bool first = which == Try::first;
    auto card = card_for(shop_.chance, first);
    if (first && !stored.empty() && card.starts_with("pm_card_visa") && card.size() < 13)
        card = stored;
    const auto intent = shop_.try_post(
        fmt::format("/v1/payment_intents/{}/confirm", order.intent),
        {{"payment_method", json::string(card)}, {"return_url", json::string(return_url)}});
    if (!intent) return declined(order, which);
    if (text(*intent, "status") == "succeeded") return paid(order);
    if (text(*intent, "status") == "requires_action")
        shop_.later(10, 180, [this, order] { challenge(order); });
}

void Orders::challenge(const Order& order) {
    const bool approved = !shop_.chance.in(rates::challenge_failed);
    shop_.act(fmt::format("/_sim/actions/{}", order.intent),
              {{"approved", approved ? "true" : "false"}});
    shop_.count(approved ? "3D Secure: passed" : "3D Secure: failed");
    if (approved) return paid(order);
    declined(order, Try::first);
}

void Orders::declined(const Order& order, Try which) {
    if (which == Try::first && shop_.chance.in(rates::tries_again)) {
        shop_.count("orders: tried again");
        return shop_.later(minute, 10 * minute, [this, order] { attempt(order, Try::again); });
    }
    shop_.count("orders: given up");
    shop_.later(day, [this, order] {
        shop_.try_post(fmt::format("/v1/payment_intents/{}/cancel", order.intent),
                       {{"cancellation_reason", "abandoned"}});
    });
}

void Orders::pay_by_session(Order order) {
    shop_.count("orders: by checkout session");
    const auto session =
        shop_.post("/v1/checkout/sessions",
                   {{"mode", "payment"},
                    {"customer", people_.buyer(order.buyer).customer},
                    {"line_items", {{{"price", product(order).price}, {"quantity", 1}}}},
                    {"success_url", json::string(return_url)},
                    {"client_reference_id", order.metadata_order},
                    {"metadata", metadata(order)},
                    {"payment_intent_data", share_of_seller(order)}});
    if (shop_.chance.in(rates::session_left)) return shop_.count("sessions: left to expire");
    shop_.later(minute, 15 * minute,
                [this, order = std::move(order), id = std::string(text(session, "id"))] {
                    submit_session(order, id, Try::first);
                });
}

void Orders::submit_session(const Order& order, const std::string& session, Try which) {
    const auto page = shop_.try_post(
        fmt::format("/v1/payment_pages/{}/confirm", session),
        {{"payment_method", json::string(card_for(shop_.chance, which == Try::first))}});
    if (!page) {
        if (which == Try::first && shop_.chance.in(rates::tries_again))
            shop_.later(minute, 5 * minute,
                        [this, order, session] { submit_session(order, session, Try::again); });
        return;
    }
    Order placed(order);
    placed.intent = text(shop_.get("/v1/checkout/sessions/" + session), "payment_intent");
    const auto intent = shop_.get("/v1/payment_intents/" + placed.intent);
    if (text(intent, "status") == "succeeded") return paid(placed);
    if (text(intent, "status") == "requires_action")
        shop_.later(10, 180, [this, placed] { challenge(placed); });
}

}  // namespace daybook::sim
