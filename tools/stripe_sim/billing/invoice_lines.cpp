// Lines of invoices, and what they come to.
#include <tools/stripe_sim/billing/invoicing.hpp>

#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace daybook::sim {
namespace {

constexpr std::size_t lines_shown_max = 10;
constexpr std::int64_t lines_max = 1000;

std::vector<Reduction> reductions(const Scope& scope, const json::array& discounts,
                                  std::string_view currency) {
    std::vector<Reduction> all;
    for (const auto& id : discounts) {
        all.push_back(reduction_of(scope, scope.get("discount", id.as_string())));
        in_currency(scope, all.back(), currency);
    }
    return all;
}

json::array discount_amounts(const std::vector<DiscountAmount>& discounts) {
    json::array amounts;
    for (const auto& part : discounts)
        amounts.push_back({{"amount", part.amount}, {"discount", part.discount}});
    return amounts;
}

json::array tax_amounts(const std::vector<TaxAmount>& taxes) {
    json::array amounts;
    for (const auto& part : taxes)
        amounts.push_back(
            {{"amount", part.amount},
             {"tax_behavior", flag(*part.rate, "inclusive") ? "inclusive" : "exclusive"},
             {"tax_rate_details", {{"tax_rate", part.rate->at("id")}}},
             {"taxability_reason", "not_available"},
             {"taxable_amount", part.taxable},
             {"type", "tax_rate_details"}});
    return amounts;
}

PricedLine priced(const Scope& scope, const InvoiceLine& line, const json::object& invoice) {
    PricedLine result;
    const auto& document = line.document;
    result.amount = integer(document, "amount");
    result.product = text(document, "pricing.price_details.product");
    result.discountable = flag(document, "discountable");
    result.reductions = reductions(scope, array(document, "discounts"), text(invoice, "currency"));
    for (const auto& rate : line.tax_rates)
        result.tax_rates.push_back(&scope.get("tax_rate", rate.as_string()));
    if (line.tax_rates.empty())
        for (const auto& rate : array(invoice, "default_tax_rates"))
            result.tax_rates.push_back(&scope.get("tax_rate", text(rate.as_object(), "id")));
    return result;
}

void show_lines(json::object& invoice, const std::vector<InvoiceLine>& lines) {
    json::array shown;
    for (const auto& line : lines | std::views::take(lines_shown_max))
        shown.push_back(line.document);
    invoice["lines"] = {
        {"object", "list"},
        {"data", std::move(shown)},
        {"has_more", lines.size() > lines_shown_max},
        {"url", fmt::format("/v1/invoices/{}/lines", text(invoice, "id"))},
    };
}

void set_sums(json::object& invoice, const Totals& totals) {
    const auto total = totals.total + integer(invoice, "shipping_cost.amount_total");
    const auto due = std::max<std::int64_t>(0, total + integer(invoice, "starting_balance"));
    invoice["amount_due"] = due;
    invoice["amount_remaining"] = due - integer(invoice, "amount_paid");
    invoice["amount_shipping"] = integer(invoice, "shipping_cost.amount_total");
    invoice["subtotal"] = totals.subtotal;
    invoice["subtotal_excluding_tax"] = totals.subtotal - totals.inclusive_tax;
    invoice["total"] = total;
    invoice["total_discount_amounts"] = discount_amounts(totals.discounts);
    invoice["total_excluding_tax"] = total - totals.exclusive_tax - totals.inclusive_tax;
    invoice["total_pretax_credit_amounts"] = json::array();
    invoice["total_taxes"] = tax_amounts(totals.taxes);
    if (flag(invoice, "automatic_tax.enabled")) set(invoice, "automatic_tax.status") = "complete";
}

}  // namespace

json::object pricing_of(const json::object& price) {
    return {{"price_details", {{"price", price.at("id")}, {"product", price.at("product")}}},
            {"type", "price_details"},
            {"unit_amount_decimal", price.at("unit_amount_decimal")}};
}

std::string description_of(const Scope& scope, const json::object& price, std::int64_t quantity) {
    const auto* product = scope.find("product", text(price, "product"));
    const auto name = product ? text(*product, "name") : std::string_view("Item");
    if (!has(price, "recurring")) return std::string(name);
    const auto amount = shown_amount(integer(price, "unit_amount"), text(price, "currency"));
    const auto shown = amount.substr(0, amount.find(' '));
    const auto count = integer(price, "recurring.interval_count");
    const auto unit = text(price, "recurring.interval");
    if (count == 1) return fmt::format("{} × {} (at {} / {})", quantity, name, shown, unit);
    return fmt::format("{} × {} (at {} / every {} {}s)", quantity, name, shown, count, unit);
}

InvoiceLine begin_line(const Scope& scope, const LineOrder& order) {
    InvoiceLine line;
    auto& document = line.document;
    document = scope.begin("line_item", "il_");
    document["amount"] = order.amount;
    document["currency"] = order.currency;
    document["description"] = text_or_null(order.description);
    document["discount_amounts"] = json::array();
    document["discountable"] = order.discountable;
    document["discounts"] = order.discounts;
    document["period"] = {{"end", order.to}, {"start", order.from}};
    document["pretax_credit_amounts"] = json::array();
    document["quantity"] = order.quantity;
    document["quantity_decimal"] = std::to_string(order.quantity);
    document["subtotal"] = order.amount;
    document["taxes"] = json::array();
    if (order.price) document["pricing"] = pricing_of(*order.price);
    line.tax_rates = order.tax_rates;
    return line;
}

void total_up(const Scope& scope, json::object& invoice, std::vector<InvoiceLine>& lines) {
    std::vector<PricedLine> sale;
    for (const auto& line : lines)
        sale.push_back(priced(scope, line, invoice));
    const auto totals = price_lines(
        sale, reductions(scope, array(invoice, "discounts"), text(invoice, "currency")));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto& document = lines[i].document;
        document["discount_amounts"] = discount_amounts(sale[i].discounts);
        document["taxes"] = tax_amounts(sale[i].taxes);
    }
    set_sums(invoice, totals);
    show_lines(invoice, lines);
}

std::vector<InvoiceLine> lines_of(const Scope& scope, const json::object& invoice) {
    const auto page = scope.world.store.page(
        scope.account, "line_item",
        {.limit = lines_max, .equal = {{"invoice", std::string(text(invoice, "id"))}}});
    std::vector<InvoiceLine> lines;
    for (const auto* document : page.items | std::views::reverse)
        lines.push_back({*document, array(noted(scope, *document), "tax_rates")});
    return lines;
}

namespace {

void store_lines(const Scope& scope, const json::object& invoice, std::vector<InvoiceLine>& lines) {
    for (auto& line : lines) {
        line.document["invoice"] = invoice.at("id");
        const auto id = text(line.document, "id");
        if (scope.find("line_item", id))
            scope.edit("line_item", id) = line.document;
        else
            scope.put(line.document);
        if (!line.tax_rates.empty()) hidden(scope, line.document)["tax_rates"] = line.tax_rates;
    }
}

}  // namespace

json::object& put_invoice(const Scope& scope, json::object invoice,
                          std::vector<InvoiceLine> lines) {
    for (auto& line : lines)
        line.document["invoice"] = invoice.at("id");
    total_up(scope, invoice, lines);
    store_lines(scope, invoice, lines);
    auto& stored = scope.put(std::move(invoice));
    scope.emit("invoice.created", stored);
    return stored;
}

void add_to_invoice(const Scope& scope, json::object& invoice, std::vector<InvoiceLine> lines) {
    auto all = lines_of(scope, invoice);
    for (auto& line : lines) {
        line.document["invoice"] = invoice.at("id");
        all.push_back(std::move(line));
    }
    total_up(scope, invoice, all);
    store_lines(scope, invoice, all);
}

}  // namespace daybook::sim
