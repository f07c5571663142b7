// How orders are paid for: by payment intents and by checkout sessions.
#include <tools/stripe_sim/marketplace/orders.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view return_url = "https://shop.example/return";
constexpr std::int64_t fee_percent = 10;

/// What the buyer pays with at this attempt.
std::string_view card_for(Shop& shop, bool may_fail) {
    if (may_fail && shop.happens(&Rates::declined))
        return shop.chance.in(5'000) ? "pm_card_visa_chargeDeclinedInsufficientFunds"
                                     : "pm_card_visa_chargeDeclined";
    if (may_fail && shop.happens(&Rates::challenged)) return "pm_card_threeDSecure2Required";
    if (shop.happens(&Rates::refund_bounces)) return "pm_card_refundFail";
    if (shop.chance.in(3'000)) return "pm_card_mastercard";
    if (shop.chance.in(1'000)) return "pm_card_amex";
    return "pm_card_visa";
}

}  // namespace

const Product& Orders::product(const Order& order) const {
    return people_.seller(order.seller).products[order.product];
}

json::object Orders::metadata(const Order& order) const {
    const auto user = fmt::format("user_{}", order.buyer);
    const auto& bought = product(order).product;
    switch (order.naming) {
        case Naming::none: return {};
        case Naming::camel_case:
            return {{"orderId", order.name}, {"userId", user}, {"productId", bought}};
        case Naming::usual: break;
    }
    return {{"order_id", order.name}, {"user_id", user}, {"product_id", bought}};
}

json::object Orders::share_of_seller(const Order& order) const {
    json::object share{{"application_fee_amount", order.amount * fee_percent / 100},
                       {"transfer_data", {{"destination", people_.seller(order.seller).account}}},
                       {"transfer_group", order.name}};
    if (order.naming != Naming::none) share["metadata"] = metadata(order);
    return share;
}

void Orders::order(std::int64_t number) {
    Order order;
    order.name = fmt::format("order_{}", number);
    order.buyer = people_.any_buyer();
    order.seller = people_.any_seller();
    const auto& seller = people_.seller(order.seller);
    order.product = shop_.chance.favourite(seller.products.size());
    order.amount = product(order).amount;
    if (shop_.happens(&Rates::by_subscription)) return subscribe(order);
    if (shop_.happens(&Rates::camel_case)) order.naming = Naming::camel_case;
    if (shop_.happens(&Rates::anonymous)) order.naming = Naming::none;
    if (shop_.happens(&Rates::by_session)) return pay_by_session(std::move(order));
    pay_by_intent(std::move(order));
}

void Orders::pay_by_intent(Order order) {
    shop_.count("orders: by payment intent");
    auto params = share_of_seller(order);
    params["amount"] = order.amount;
    params["currency"] = people_.seller(order.seller).currency;
    params["customer"] = people_.buyer(order.buyer).customer;
    params["automatic_payment_methods"] = {{"enabled", true}};
    if (shop_.happens(&Rates::held)) params["capture_method"] = "manual";
    order.intent = text(shop_.post("/v1/payment_intents", params), "id");
    shop_.later(5, 90, [this, order = std::move(order)] { attempt(order, Try::first); });
}

void Orders::attempt(const Order& order, Try which) {
    if (!order.session.empty()) return submit_session(order, which);
    const auto& stored = people_.buyer(order.buyer).card;
    const bool first = which == Try::first;
    auto card = card_for(shop_, first);
    if (first && !stored.empty() && card == "pm_card_visa") card = stored;
    const auto intent = shop_.try_post(
        fmt::format("/v1/payment_intents/{}/confirm", order.intent),
        {{"payment_method", json::string(card)}, {"return_url", json::string(return_url)}});
    if (!intent) return declined(order, which);
    proceed(order, *intent);
}

void Orders::proceed(const Order& order, const json::object& intent) {
    const auto status = text(intent, "status");
    if (status == "succeeded") return paid(order);
    if (status == "requires_action") shop_.later(10, 180, [this, order] { challenge(order); });
    if (status == "requires_capture") {
        shop_.count("orders: held until shipment");
        shop_.in_days(hour, 5 * day, [this, order] { ship(order); });
    }
}

void Orders::ship(const Order& order) {
    shop_.post(fmt::format("/v1/payment_intents/{}/capture", order.intent), {});
    paid(order);
}

void Orders::challenge(const Order& order) {
    const bool approved = !shop_.happens(&Rates::challenge_failed);
    shop_.act(fmt::format("/_sim/actions/{}", order.intent),
              {{"approved", approved ? "true" : "false"}});
    shop_.count(approved ? "3D Secure: passed" : "3D Secure: failed");
    if (!approved) return declined(order, Try::first);
    proceed(order, shop_.get("/v1/payment_intents/" + order.intent));
}

void Orders::declined(const Order& order, Try which) {
    if (which == Try::first && shop_.happens(&Rates::tries_again)) {
        shop_.count("orders: tried again");
        return shop_.later(minute, 10 * minute, [this, order] { attempt(order, Try::again); });
    }
    shop_.count("orders: given up");
    if (!order.session.empty()) return;  // it expires
    shop_.in_days(day, day, [this, order] {
        shop_.post(fmt::format("/v1/payment_intents/{}/cancel", order.intent),
                   {{"cancellation_reason", "abandoned"}});
    });
}

void Orders::pay_by_session(Order order) {
    shop_.count("orders: by checkout session");
    json::object params{
        {"mode", "payment"},
        {"customer", people_.buyer(order.buyer).customer},
        {"line_items",
         {{{"price", people_.price_of(order.seller, order.product)}, {"quantity", 1}}}},
        {"success_url", json::string(return_url)},
        {"client_reference_id", fmt::format("user_{}", order.buyer)},
        {"payment_intent_data", share_of_seller(order)}};
    if (order.naming != Naming::none) params["metadata"] = metadata(order);
    order.session = text(shop_.post("/v1/checkout/sessions", params), "id");
    if (shop_.happens(&Rates::session_left)) return shop_.count("sessions: left to expire");
    shop_.later(minute, 15 * minute,
                [this, order = std::move(order)] { attempt(order, Try::first); });
}

void Orders::submit_session(const Order& order, Try which) {
    const auto page =
        shop_.try_post(fmt::format("/v1/payment_pages/{}/confirm", order.session),
                       {{"payment_method", json::string(card_for(shop_, which == Try::first))}});
    if (!page) return declined(order, which);
    Order placed(order);
    placed.intent = text(shop_.get("/v1/checkout/sessions/" + order.session), "payment_intent");
    proceed(placed, shop_.get("/v1/payment_intents/" + placed.intent));
}

}  // namespace daybook::sim
