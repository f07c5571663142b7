// Items are documents of their own; the subscription shows copies.
#include <tools/stripe_sim/billing/subscription_items.hpp>

#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/resources/prices.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace daybook::sim {
namespace {

constexpr std::int64_t items_max = 100;
constexpr std::size_t items_shown_max = 10;

void show_items(const Scope& scope, json::object& subscription) {
    const auto items = items_of(scope, subscription);
    json::array shown;
    for (const auto& item : items | std::views::take(items_shown_max))
        shown.push_back(item);
    subscription["items"] = {
        {"object", "list"},
        {"data", std::move(shown)},
        {"has_more", items.size() > items_shown_max},
        {"url", fmt::format("/v1/subscription_items?subscription={}", text(subscription, "id"))}};
}

std::vector<Reduction> percentages(const Scope& scope, const json::array& discounts) {
    std::vector<Reduction> reductions;
    for (const auto& id : discounts) {
        auto reduction = reduction_of(scope, scope.get("discount", id.as_string()));
        if (has(*reduction.coupon, "percent_off")) reductions.push_back(std::move(reduction));
    }
    return reductions;
}

}  // namespace

json::object begin_subscription_item(const Scope& scope, const json::object& params,
                                     std::string_view param, std::string_view currency) {
    const auto& price = price_for(scope, params, param);
    if (!has(price, "recurring"))
        throw invalid(
            fmt::format("The price specified is set to `type=one_time` but this field only "
                        "accepts prices with `type=recurring`."))
            .param(fmt::format("{}[price]", param));
    if (!currency.empty()) static_cast<void>(price_amount(scope, price, 1, currency));
    auto item = scope.begin("subscription_item", "si_");
    item["discounts"] = json::array();
    item["tax_rates"] = json::array();
    if (text(price, "recurring.usage_type") != "metered") item["quantity"] = 1;
    reprice(scope, item, price);
    return item;
}

void reprice(const Scope& scope, json::object& item, const json::object& price) {
    item["price"] = price;
    item["plan"] = plan_of(scope, price);
}

void apply_to_item(const Scope& scope, json::object& item, const json::object& params,
                   std::string_view customer) {
    if (has(params, "quantity")) item["quantity"] = params.at("quantity");
    Call::merge_metadata(item, params);
    if (params.contains("tax_rates")) {
        json::array rates;
        for (const auto& id : array(params, "tax_rates"))
            rates.push_back(scope.get("tax_rate", id.as_string(), "items[tax_rates]"));
        item["tax_rates"] = std::move(rates);
    }
    if (params.contains("discounts"))
        item["discounts"] = redeem_all(
            scope, reductions_for(scope, array(params, "discounts"), "items[discounts]", customer),
            {.customer = std::string(customer),
             .subscription_item = std::string(text(item, "id"))});
}

void set_period(json::object& item, Seconds anchor, Seconds time) {
    const auto interval = interval_of(object(item, "price.recurring"));
    item["current_period_start"] = time;
    item["current_period_end"] = period_end(anchor, interval, time);
}

std::vector<json::object> items_of(const Scope& scope, const json::object& subscription) {
    const auto page = scope.world.store.page(
        scope.account, "subscription_item",
        {.limit = items_max, .equal = {{"subscription", std::string(text(subscription, "id"))}}});
    std::vector<json::object> items;
    for (const auto* item : page.items | std::views::reverse)
        items.push_back(*item);
    return items;
}

const json::object* with_id(const std::vector<json::object>& items, std::string_view id) {
    const auto found = std::ranges::find_if(
        items, [id](const json::object& item) { return text(item, "id") == id; });
    return found == items.end() ? nullptr : &*found;
}

void put_items(const Scope& scope, json::object& subscription,
               const std::vector<json::object>& items) {
    for (const auto& item : items) {
        const auto id = text(item, "id");
        auto& stored = scope.find("subscription_item", id) ? scope.edit("subscription_item", id)
                                                           : scope.put(item);
        stored = item;
        stored["subscription"] = subscription.at("id");
    }
    show_items(scope, subscription);
}

void drop_item(const Scope& scope, json::object& subscription, std::string_view item) {
    scope.world.store.erase(scope.account, "subscription_item", item);
    show_items(scope, subscription);
}

std::int64_t item_amount(const Scope& scope, const json::object& item, std::string_view currency) {
    // What is metered has no quantity before it is billed: see bill_usage().
    return price_amount(scope, object(item, "price"), integer(item, "quantity"), currency);
}

std::int64_t discounted_amount(const Scope& scope, const json::object& subscription,
                               const json::object& item) {
    std::vector<PricedLine> lines(1);
    lines[0].amount = item_amount(scope, item, text(subscription, "currency"));
    lines[0].product = text(item, "price.product");
    lines[0].reductions = percentages(scope, array(item, "discounts"));
    return price_lines(lines, percentages(scope, array(subscription, "discounts"))).total;
}

InvoiceLine line_of(const Scope& scope, const json::object& subscription, const json::object& item,
                    std::int64_t amount, std::string_view description) {
    const auto& price = object(item, "price");
    LineOrder order;
    order.amount = amount;
    order.currency = text(subscription, "currency");
    order.quantity = integer(item, "quantity");
    order.description = description.empty() ? description_of(scope, price, order.quantity)
                                            : std::string(description);
    order.from = integer(item, "current_period_start");
    order.to = integer(item, "current_period_end");
    order.price = &price;
    order.discounts = array(item, "discounts");
    for (const auto& rate : array(item, "tax_rates"))
        order.tax_rates.push_back(rate.at("id"));
    auto line = begin_line(scope, order);
    line.document["metadata"] = subscription.at("metadata");
    line.document["parent"] = {{"invoice_item_details", nullptr},
                               {"subscription_item_details",
                                {{"invoice_item", nullptr},
                                 {"proration", false},
                                 {"proration_details", {{"credited_items", nullptr}}},
                                 {"subscription", subscription.at("id")},
                                 {"subscription_item", item.at("id")}}},
                               {"type", "subscription_item_details"}};
    line.document["subscription"] = subscription.at("id");
    return line;
}

Seconds first_period_end(const std::vector<json::object>& items) {
    Seconds first = 0;
    for (const auto& item : items) {
        const auto end = integer(item, "current_period_end");
        if (first == 0 || end < first) first = end;
    }
    return first;
}

}  // namespace daybook::sim
