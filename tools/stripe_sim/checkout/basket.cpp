// Prices, discounts, taxes and shipping of what is in a session.
#include <tools/stripe_sim/checkout/basket.hpp>

#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

bool recurs(const json::object& item) {
    return has(item, "price.recurring");
}

json::object make_item(const Scope& scope, const json::object& given, const std::string& param) {
    const auto& price = price_for(scope, given, param);
    const bool metered = text(price, "recurring.usage_type") == "metered";
    if (!has(given, "quantity") && !metered)
        throw missing_param(fmt::format("{}[quantity]", param));
    auto item = scope.begin("item", "li_");
    item["currency"] = price.at("currency");
    item["description"] = scope.get("product", text(price, "product")).at("name");
    item["quantity"] = metered ? json::value(nullptr) : json::value(integer(given, "quantity"));
    if (has(given, "adjustable_quantity"))
        scope.fill(item, "adjustable_quantity", object(given, "adjustable_quantity"));
    Call::merge_metadata(item, given);
    item["price"] = price;
    return item;
}

void check_mode(const json::array& items, std::string_view mode) {
    const auto recurring = std::ranges::count_if(
        items, [](const json::value& item) { return recurs(item.as_object()); });
    if (mode == "payment" && recurring > 0)
        throw invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices.")
            .param("line_items");
    if (mode == "subscription" && recurring == 0)
        throw invalid(
            "You must provide at least one recurring price in `subscription` mode when using "
            "prices.")
            .param("line_items");
}

PricedLine priced(const Scope& scope, const json::object& item, const json::array& tax_rates,
                  bool free) {
    const auto& price = object(item, "price");
    PricedLine line;
    line.amount =
        free ? 0 : price_amount(scope, price, integer(item, "quantity"), text(item, "currency"));
    line.product = text(price, "product");
    for (const auto& rate : tax_rates)
        line.tax_rates.push_back(&scope.get("tax_rate", rate.as_string(), "tax_rates"));
    return line;
}

void note_sums(json::object& item, const PricedLine& line) {
    item["amount_subtotal"] = line.amount;
    item["amount_discount"] = line.discount();
    item["amount_tax"] = line.exclusive_tax() + line.inclusive_tax();
    item["amount_total"] = line.total();
}

}  // namespace

Basket make_basket(const Scope& scope, const json::array& given, std::string_view mode) {
    Basket basket;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto& wanted = given[i].as_object();
        basket.items.push_back(make_item(scope, wanted, fmt::format("line_items[{}]", i)));
        basket.tax_rates.push_back(array(wanted, "tax_rates"));
        if (basket.items[i].at("currency") != basket.items[0].at("currency"))
            throw invalid("All line items must have the same currency.")
                .param(fmt::format("line_items[{}]", i));
    }
    check_mode(basket.items, mode);
    return basket;
}

void price_basket(const Scope& scope, json::object& session, Basket& basket, bool trial) {
    if (basket.items.empty()) return;
    std::vector<PricedLine> lines;
    for (std::size_t i = 0; i < basket.items.size(); ++i) {
        const auto& item = basket.items[i].as_object();
        lines.push_back(priced(scope, item, basket.tax_rates[i].as_array(), trial && recurs(item)));
    }
    auto reductions =
        reductions_for(scope, array(session, "discounts"), "discounts", text(session, "customer"));
    for (auto& reduction : reductions)
        in_currency(scope, reduction, text(session, "currency"));
    const auto totals = price_lines(lines, reductions);
    for (std::size_t i = 0; i < lines.size(); ++i)
        note_sums(basket.items[i].as_object(), lines[i]);
    const auto shipping = integer(session, "shipping_cost.amount_total");
    session["amount_subtotal"] = totals.subtotal;
    session["amount_total"] = totals.total + shipping;
    session["total_details"] = {{"amount_discount", totals.discount},
                                {"amount_shipping", shipping},
                                {"amount_tax", totals.exclusive_tax + totals.inclusive_tax}};
    session["payment_status"] = totals.total + shipping == 0 ? "no_payment_required" : "unpaid";
}

Basket basket_of(const Scope& scope, const json::object& session) {
    const auto& notes = noted(scope, session);
    return {array(notes, "line_items"), array(notes, "tax_rates")};
}

void keep_basket(const Scope& scope, const json::object& session, const Basket& basket) {
    auto& notes = hidden(scope, session);
    notes["line_items"] = basket.items;
    notes["tax_rates"] = basket.tax_rates;
}

void add_subscription_items(const Basket& basket, json::object& params) {
    json::array items;
    json::array once;
    for (std::size_t i = 0; i < basket.items.size(); ++i) {
        const auto& item = basket.items[i].as_object();
        json::object wanted{{"price", object(item, "price").at("id")}, {"ordered", true}};
        if (has(item, "quantity")) wanted["quantity"] = item.at("quantity");
        if (!basket.tax_rates[i].as_array().empty()) wanted["tax_rates"] = basket.tax_rates[i];
        if (recurs(item)) wanted["metadata"] = item.at("metadata");
        (recurs(item) ? items : once).push_back(std::move(wanted));
    }
    params["items"] = std::move(items);
    if (!once.empty()) params["add_invoice_items"] = std::move(once);
}

}  // namespace daybook::sim
