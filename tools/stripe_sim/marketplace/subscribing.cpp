// Orders that come again: subscriptions, and cards that go bad meanwhile.
#include <tools/stripe_sim/marketplace/orders.hpp>

#include <fmt/format.h>

namespace daybook::sim {

void Orders::subscribe(const Order& order) {
    const auto& buyer = people_.buyer(order.buyer, true);
    const auto& seller = people_.seller(order.seller);
    const auto& price = shop_.happens(&Rates::weekly) ? people_.weekly_price_of(order.seller)
                                                      : people_.monthly_price_of(order.seller);
    const auto subscription =
        shop_.post("/v1/subscriptions", {{"customer", buyer.customer},
                                         {"items", {{{"price", price}}}},
                                         {"default_payment_method", buyer.card},
                                         {"application_fee_percent", 10},
                                         {"transfer_data", {{"destination", seller.account}}},
                                         {"metadata", metadata(order)}});
    const std::string id(text(subscription, "id"));
    shop_.count("orders: by subscription");
    shop_.count("orders: paid");
    if (shop_.happens(&Rates::card_goes_bad))
        shop_.later(day, 6 * day, [this, customer = buyer.customer, id] { go_bad(customer, id); });
    if (shop_.happens(&Rates::cancelled)) shop_.in_days(day, 56 * day, [this, id] { cancel(id); });
}

/// After renewals that nobody paid, the subscription ended by itself.
bool Orders::is_over(const std::string& subscription) {
    return text(shop_.get("/v1/subscriptions/" + subscription), "status") == "canceled";
}

void Orders::cancel(const std::string& subscription) {
    if (is_over(subscription)) return;
    shop_.del("/v1/subscriptions/" + subscription);
    shop_.count("subscriptions: cancelled");
}

void Orders::go_bad(const std::string& customer, const std::string& subscription) {
    if (is_over(subscription)) return;
    shop_.post(
        "/v1/subscriptions/" + subscription,
        {{"default_payment_method", store_card(shop_, "pm_card_chargeCustomerFail", customer)}});
    shop_.count("subscriptions: card goes bad");
    if (shop_.happens(&Rates::card_replaced))
        shop_.later(8 * day, 14 * day,
                    [this, customer, subscription] { replace_card(customer, subscription); });
}

void Orders::replace_card(const std::string& customer, const std::string& subscription) {
    if (is_over(subscription)) return;
    const auto found =
        shop_.post("/v1/subscriptions/" + subscription,
                   {{"default_payment_method", store_card(shop_, "pm_card_mastercard", customer)}});
    shop_.count("subscriptions: card replaced");
    if (text(found, "status") != "past_due") return;
    if (shop_.try_post(fmt::format("/v1/invoices/{}/pay", text(found, "latest_invoice")), {}))
        shop_.count("subscriptions: renewal recovered");
}

}  // namespace daybook::sim
