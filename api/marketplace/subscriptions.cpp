// POST /subscriptions/{id}/cancel, /resume, /change and /billing-portal.
#include <api/input.hpp>
#include <api/marketplace/composing.hpp>
#include <api/marketplace/handlers.hpp>
#include <api/marketplace/kinds.hpp>
#include <api/marketplace/sale.hpp>
#include <api/marketplace/sellers.hpp>
#include <api/marketplace/steps.hpp>
#include <api/marketplace/subscribing.hpp>
#include <api/marketplace/tables.hpp>
#include <api/problem.hpp>
#include <ledger/currency.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view scope = "subscriptions:write";
constexpr std::string_view feedbacks[] = {
    "customer_service", "low_quality", "missing_features", "other",
    "switched_service", "too_complex", "too_expensive",    "unused"};
constexpr std::string_view prorations[] = {"create_prorations", "always_invoice", "none"};
constexpr std::int64_t quantity_max = 100'000;

/// The subscription as it is projected. Refuses one that is not there or has ended for good.
SubscriptionRow living(const Request& request, Context& context) {
    auto found = find_subscription(context, request.id);
    if (!found) throw Refused(Problem::no_such_record, request.id);
    require_reach(context, scope, found->seller);
    if (found->status == "canceled" || found->status == "incomplete_expired") {
        JsonObject members;
        members.text("subscription_id", found->id).text("state", found->status);
        throw Refused(Problem::wrong_state, fmt::format("{} is {}", found->id, found->status),
                      members);
    }
    return *std::move(found);
}

/// The cancellation's details below `name`.
void add_details(Form& form, Input& in) {
    form.text("cancellation_details[feedback]", in.word("feedback", feedbacks));
    form.text("cancellation_details[comment]", in.text("comment"));
}

JsonObject decisions_of(const SubscriptionRow& subscription) {
    JsonObject decisions;
    decisions.text("subscription_id", subscription.id);
    return decisions.text_or_null("seller", subscription.seller);
}

/// What the new price must be: recurring, in the same currency, of the same seller.
void check_price(Input& in, Context& context, const SubscriptionRow& subscription,
                 const std::string& id) {
    if (!subscription.account.empty())
        return in.refuse("price",
                         fmt::format("of a subscription on a connected account is changed by POST "
                                     "/v1/subscriptions/{} with Stripe-Account: {}",
                                     subscription.id, subscription.account));
    const auto prices = find_prices(context, {id});
    const auto found = prices.find(id);
    if (found == prices.end()) return in.refuse("price", "is not known here");
    const auto& price = found->second;
    if (!price.active) return in.refuse("price", "is no longer active");
    if (price.interval.empty()) return in.refuse("price", "is paid once");
    if (price.currency != subscription.currency)
        return in.refuse("price", fmt::format("is in {}, but the subscription is in {}",
                                              price.currency, subscription.currency));
    const auto products = find_products(context, {price.product});
    const auto product = products.find(price.product);
    if (product == products.end())
        in.refuse("price", fmt::format("is of {}, which is not known here", price.product));
    else if (product->second.seller != subscription.seller)
        in.refuse("price", "belongs to another seller than the subscription");
}

/// The items once this one is changed; without an id the only one is meant.
std::vector<SubscriptionItem> items_after(const SubscriptionRow& subscription,
                                          const SubscriptionItem& change) {
    auto items = subscription.items;
    auto item = change.id.empty() ? items.begin()
                                  : std::ranges::find(items, change.id, &SubscriptionItem::id);
    if (item == items.end()) item = items.insert(item, {change.id, {}, 1});
    item->price = change.price;
    if (change.quantity > 0) item->quantity = change.quantity;
    return items;
}

/// What the subscription sells once an item has another price, as far as the fee depends on it;
/// none where there is no fee to choose: who takes application_fee_percent has a scheme of his own.
std::optional<Sale> sale_after(Input& in, Context& context, const SubscriptionRow& subscription,
                               const SubscriptionItem& change) {
    if (change.price.empty() || subscription.seller.empty() || !subscription.fee_percent.empty() ||
        !in.sound())
        return std::nullopt;
    Sale sale;
    sale.seller = subscription.seller;
    sale.currency = subscription.currency;
    sale.payee = find_seller(context, sale.seller);
    if (!sale.payee)
        in.refuse("price", fmt::format("is of {}, which is not known here: POST "
                                       "/connect/accounts/{}/sync fetches it",
                                       sale.seller, sale.seller));
    const auto items = items_after(subscription, change);
    std::vector<std::string> ids;
    for (const auto& item : items)
        ids.push_back(item.price);
    const auto prices = find_prices(context, ids);
    ids.clear();
    for (const auto& [id_, price] : prices)
        ids.push_back(price.product);
    const auto products = find_products(context, ids);
    for (const auto& item : items) {
        const auto price = prices.find(item.price);
        if (price == prices.end()) continue;
        const auto product = products.find(price->second.product);
        if (product == products.end()) continue;
        sale.lines.push_back({.product = product->first,
                              .price = item.price,
                              .quantity = item.quantity,
                              .unit_amount = price->second.unit_amount.value_or(0),
                              .product_fee = product->second.fee});
    }
    if (const auto currency = find_currency(sale.currency);
        currency && sale.subtotal() > currency->maximum)
        in.refuse("price", "comes to more than Stripe charges");
    return sale;
}

/// Sends the seller's part of every invoice from now on. It is named also where creating a
/// subscription leaves it out: what is not sent stays as it was.
void add_new_share(Form& form, const Sale& sale) {
    const auto share = seller_share(sale);
    if (share == 0) {
        form.unset("transfer_data");
        return;
    }
    form.text("transfer_data[destination]", sale.seller);
    form.text("transfer_data[amount_percent]", percent_of(share));
}

}  // namespace

Prepared post_subscription_cancel(const Request& request, Context& context) {
    Input in(request);
    const bool at_period_end = in.boolean("at_period_end").value_or(true);
    Form form;
    const auto prorate = in.boolean("prorate");
    const auto invoice_now = in.boolean("invoice_now");
    for (const char* name : {"prorate", "invoice_now"})
        if (at_period_end && in.has(name))
            in.refuse(name, "is only for an end at once: \"at_period_end\": false");
    add_details(form, in);
    in.done();
    const auto subscription = living(request, context);
    auto decisions = decisions_of(subscription);
    decisions.boolean("at_period_end", at_period_end);
    PlanOf plan("subscription.cancel", context, subscription.account);
    plan.decide(decisions);
    if (at_period_end) {
        form.boolean("cancel_at_period_end", true);
        add_action_metadata(form, {});
        return plan.post(stripe_path("subscriptions", subscription.id), form).plan();
    }
    if (prorate) form.boolean("prorate", *prorate);
    if (invoice_now) form.boolean("invoice_now", *invoice_now);
    return plan.remove(stripe_path("subscriptions", subscription.id), form).plan();
}

Prepared post_subscription_resume(const Request& request, Context& context) {
    Input(request).done();
    const auto subscription = living(request, context);
    PlanOf plan("subscription.resume", context, subscription.account);
    plan.decide(decisions_of(subscription));
    Form form;
    if (subscription.status == "paused")
        return plan.post(stripe_path("subscriptions", subscription.id, "resume"), form).plan();
    form.boolean("cancel_at_period_end", false);
    add_action_metadata(form, {});
    return plan.post(stripe_path("subscriptions", subscription.id), form).plan();
}

Prepared post_subscription_change(const Request& request, Context& context) {
    Input in(request);
    const auto price = in.id("price");
    const auto quantity = in.whole("quantity", {.least = 1, .most = quantity_max});
    const auto item = in.id("item_id", false, "si_");
    const auto proration = in.word("proration", prorations);
    if (price.empty() && !quantity && in.sound()) in.refuse("", "must have a price or a quantity");
    if (!in.sound()) in.done();
    const auto subscription = living(request, context);
    if (!price.empty()) check_price(in, context, subscription, price);
    if (item.empty() && subscription.items.size() > 1)
        in.refuse("item_id", "is required, since the subscription has several items");
    auto sale = sale_after(in, context, subscription, {item, price, quantity.value_or(0)});
    in.done();
    if (sale) {
        settle_fee(*sale, context, scope);
        settle_by_percentage(*sale);
    }

    PlanOf plan("subscription.change", context, subscription.account);
    Form form;
    if (item.empty()) {
        // Most have one item, whose id only Stripe knows: the first step asks for it.
        plan.get(stripe_path("subscriptions", subscription.id));
        form.refer("items[0][id]", "{0.items.data.0.id}");
    }
    form.text("items[0][id]", item).text("items[0][price]", price);
    if (quantity) form.whole("items[0][quantity]", *quantity);
    form.text("proration_behavior", proration);
    if (sale) add_new_share(form, *sale);
    add_action_metadata(form, {});
    auto decisions = decisions_of(subscription);
    decisions.text_or_null("price_id", price);
    if (quantity) decisions.number("quantity", *quantity);
    if (sale)
        decisions.raw("fee", fee_json(*sale))
            .text("seller_percent", percent_of(seller_share(*sale)));
    return plan.post(stripe_path("subscriptions", subscription.id), form).decide(decisions).plan();
}

Prepared post_billing_portal(const Request& request, Context& context) {
    Input in(request);
    auto customer = in.id("customer_id", false, "cus_");
    const auto user = in.text("user_id", {.bytes_max = 200});
    auto back = in.url("return_url");
    in.exclude("user_id", "customer_id");
    if (!in.has("customer_id") && !in.has("user_id"))
        in.refuse("customer_id", "is required, or user_id");
    if (!user.empty() && in.sound()) {
        customer = customer_of_user(context, user);
        if (customer.empty()) in.refuse("user_id", "has no customer");
    }
    in.done();
    require_reach(context, scope, "");
    Form form;
    form.text("customer", customer).text("return_url", back);
    JsonObject decisions;
    decisions.text("customer_id", customer);
    return PlanOf("billing_portal.create", context)
        .post("/v1/billing_portal/sessions", form)
        .decide(decisions)
        .plan();
}

Response compose_subscription(const Plan&, Answers answers) {
    const JsonReader subscription(answers.back().body);
    JsonObject body;
    pick(body, subscription,
         {{"subscription_id", "/id"},
          {"status", "/status"},
          {"customer_id", "/customer"},
          {"cancel_at_period_end", "/cancel_at_period_end"},
          {"cancel_at", "/cancel_at"},
          {"canceled_at", "/canceled_at"},
          {"ended_at", "/ended_at"},
          {"current_period_end", "/items/data/0/current_period_end"},
          {"price_id", "/items/data/0/price/id"},
          {"quantity", "/items/data/0/quantity"},
          {"latest_invoice_id", "/latest_invoice"}});
    return answer_with(body);
}

Response compose_billing_portal(const Plan&, Answers answers) {
    const JsonReader session(answers.back().body);
    JsonObject body;
    return answer_with(pick(body, session, {{"customer_id", "/customer"}, {"url", "/url"}}));
}

}  // namespace daybook::api
