// Invoices as they would be: of the next period, of a change, of a subscription to come.
#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/renewing.hpp>
#include <tools/stripe_sim/billing/subscribing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

/// The invoice_items parameter, as items that are not stored.
std::vector<InvoiceLine> lines_asked(Call& call, const json::object& customer) {
    std::vector<InvoiceLine> lines;
    for (const auto& each : call.array("invoice_items")) {
        const auto& given = each.as_object();
        const auto quantity = integer(given, "quantity", 1);
        const auto currency = has(given, "currency") ? checked_currency(text(given, "currency"))
                              : call.has("currency") ? checked_currency(call.text("currency"))
                                                     : "usd";
        check_amount(integer(given, "amount"), "invoice_items[amount]", true);
        check_amount(integer(given, "unit_amount"), "invoice_items[unit_amount]");
        auto item = begin_item(call, customer, currency);
        item["quantity"] = quantity;
        item["amount"] = has(given, "amount") ? integer(given, "amount")
                                              : quantity * integer(given, "unit_amount");
        if (has(given, "price") || has(given, "price_data")) {
            const auto& price = price_for(call, given, "invoice_items");
            item["amount"] = price_amount(call, price, quantity, currency);
            item["pricing"] = pricing_of(price);
            item["description"] = description_of(call, price, quantity);
        }
        if (has(given, "description")) item["description"] = given.at("description");
        lines.push_back(line_of_item(call, item));
    }
    return lines;
}

json::array discounts_asked(Call& call, std::string_view customer) {
    return redeem_all(call, reductions_for(call, call.array("discounts"), "discounts", customer),
                      {.customer = std::string(customer), .preview = true});
}

/// The items after the changes.
std::vector<json::object> changed_items(const Call& call, const json::object& subscription,
                                        const ItemChanges& changes) {
    auto items = items_of(call, subscription);
    std::erase_if(items, [&changes](const json::object& item) {
        return std::ranges::find(changes.removed, text(item, "id")) != changes.removed.end();
    });
    for (const auto& after : changes.after) {
        const auto same = std::ranges::find_if(items, [&after](const json::object& item) {
            return text(item, "id") == text(after, "id");
        });
        if (same == items.end())
            items.push_back(after);
        else
            *same = after;
    }
    return items;
}

json::object of_subscription(Call& call) {
    json::object subscription(call.get("subscription", call.text("subscription"), "subscription"));
    const auto& customer = call.get("customer", text(subscription, "customer"));
    const auto& details = call.object("subscription_details");
    const auto now = checked_time(integer(details, "proration_date", time_for(call, subscription)),
                                  "proration_date");
    auto changes = item_changes(call, subscription, array(details, "items"), now,
                                text(details, "billing_cycle_anchor.type") == "now");
    if (call.mentions("discounts"))
        subscription["discounts"] = discounts_asked(call, text(customer, "id"));
    if (flag(details, "cancel_at_period_end"))
        subscription["cancel_at"] = first_period_end(items_of(call, subscription));
    if (flag(details, "cancel_now")) {
        changes.before = items_of(call, subscription);
        subscription["cancel_at"] = now;
    }
    auto lines = lines_asked(call, customer);
    if (text(details, "proration_behavior") != "none")
        for (const auto& item : prorations(call, subscription, changes, now))
            lines.push_back(line_of_item(call, item));
    if (changes.restarts)
        for (const auto& item : changes.after)
            lines.push_back(line_of(call, subscription, item,
                                    item_amount(call, item, text(subscription, "currency"))));
    // A change that is billed at once, or begins a new period, does not show the period after it.
    const bool at_once =
        changes.restarts || text(details, "proration_behavior") == "always_invoice";
    if (at_once) subscription["cancel_at"] = now;
    return upcoming_invoice(call, subscription, changed_items(call, subscription, changes),
                            std::move(lines));
}

json::object of_customer(Call& call) {
    const auto& customer = call.get("customer", call.text("customer"), "customer");
    auto lines = lines_asked(call, customer);
    const std::string currency(call.has("currency") ? call.text("currency")
                               : lines.empty()      ? std::string_view("usd")
                                                    : text(lines[0].document, "currency"));
    for (auto& line : pending_lines(call, text(customer, "id"), currency, ""))
        lines.push_back(std::move(line));
    if (lines.empty())
        throw invalid("No upcoming invoices for customer").code("invoice_upcoming_none");
    auto invoice = begin_invoice(call, customer, currency, "upcoming");
    invoice["id"] = "upcoming_" + std::string(text(invoice, "id"));
    if (call.mentions("discounts"))
        invoice["discounts"] = discounts_asked(call, text(customer, "id"));
    else if (has(customer, "discount"))
        invoice["discounts"] = {object(customer, "discount").at("id")};
    total_up(call, invoice, lines);
    return invoice;
}

json::object of_new_subscription(Call& call) {
    json::object params(call.object("subscription_details"));
    params["customer"] = call.text("customer");
    if (call.mentions("discounts")) params["discounts"] = call.array("discounts");
    return preview_subscription(call, params);
}

json::object create_preview(Call& call) {
    if (call.has("schedule") || call.has("schedule_details"))
        throw invalid("The simulator previews no invoices of subscription schedules.")
            .param("schedule");
    if (call.has("subscription")) return of_subscription(call);
    if (!call.has("customer")) throw missing_param("customer");
    if (!call.array("subscription_details.items").empty()) return of_new_subscription(call);
    return of_customer(call);
}

}  // namespace

void add_invoice_previews(Routes& on) {
    on("POST", "/v1/invoices/create_preview", create_preview);
}

}  // namespace daybook::sim
