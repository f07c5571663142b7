// Invoice items, from the API and for prorations.
#include <tools/stripe_sim/resources/invoiceitems.hpp>

#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::int64_t items_max = 1000;

json::array tax_rates_of(const Scope& scope, const json::array& ids) {
    json::array rates;
    for (const auto& id : ids)
        rates.push_back(scope.get("tax_rate", id.as_string(), "tax_rates"));
    return rates;
}

/// The older `price` is what `pricing[price]` is now.
json::object priced_params(const json::object& given) {
    json::object params;
    if (has(given, "price")) params["price"] = given.at("price");
    if (has(given, "pricing.price")) params["price"] = text(given, "pricing.price");
    if (has(given, "price_data")) params["price_data"] = given.at("price_data");
    return params;
}

/// Sets amount, quantity and pricing from whichever of the parameters says so.
void apply_amount(const Scope& scope, json::object& item, const json::object& params) {
    const auto priced = priced_params(params);
    const auto quantity = integer(params, "quantity", integer(item, "quantity", 1));
    item["quantity"] = quantity;
    item["quantity_decimal"] = std::to_string(quantity);
    check_amount(integer(params, "amount"), "amount", true);
    if (has(params, "amount")) {
        item["amount"] = integer(params, "amount");
        item["pricing"] = {{"type", "price_details"},
                           {"unit_amount_decimal", std::to_string(integer(params, "amount"))}};
    } else if (const auto* unit_amount = at(params, "unit_amount_decimal")) {
        const auto unit = decimal_of(*unit_amount);
        item["amount"] = share(quantity, unit.digits, unit.scale);
        item["pricing"] = {{"type", "price_details"}, {"unit_amount_decimal", *unit_amount}};
    } else if (!priced.empty()) {
        const auto& price = price_for(scope, priced, "pricing");
        if (!has(item, "invoice"))
            item["currency"] =
                has(params, "currency") ? params.at("currency") : price.at("currency");
        item["amount"] = price_amount(scope, price, quantity, text(item, "currency"));
        item["pricing"] = pricing_of(price);
        if (!has(item, "description")) item["description"] = description_of(scope, price, quantity);
    }
    item["net_amount"] = json::value(item.at("amount"));
}

json::object& draft_of(Call& call, std::string_view id) {
    auto& invoice = call.edit("invoice", id, "invoice");
    if (text(invoice, "status") != "draft")
        throw invalid("Invoice items can only be added to and changed on draft invoices.")
            .code("invoice_not_editable");
    return invoice;
}

json::object create(Call& call) {
    const auto owner = call.has("invoice") && !call.has("customer")
                           ? text(call.get("invoice", call.text("invoice"), "invoice"), "customer")
                           : call.text("customer");
    if (owner.empty()) throw missing_param("customer");
    const auto& customer = call.get("customer", owner, "customer");
    auto* invoice = call.has("invoice") ? &draft_of(call, call.text("invoice")) : nullptr;
    const auto currency = call.has("currency") ? checked_currency(call.text("currency")) : "usd";
    auto item = begin_item(call, customer, currency);
    if (call.has("subscription")) {
        static_cast<void>(call.get("subscription", call.text("subscription"), "subscription"));
        call.fill(item, "parent",
                  {{"subscription_details", {{"subscription", call.text("subscription")}}},
                   {"type", "subscription_details"}});
    }
    if (invoice) {
        item["currency"] = invoice->at("currency");
        item["invoice"] = invoice->at("id");
    }
    apply_to_invoice_item(call, item, call.params);
    auto& stored = put_item(call, std::move(item));
    if (invoice) add_to_invoice(call, *invoice, {line_of_item(call, stored)});
    return stored;
}

/// The stored line of an item on a draft.
json::object* line_with(const Call& call, const json::object& item) {
    const auto invoice = text(item, "invoice");
    if (invoice.empty()) return nullptr;
    for (const auto& line : lines_of(call, call.get("invoice", invoice)))
        if (item_of_line(line.document) == text(item, "id"))
            return &call.edit("line_item", text(line.document, "id"));
    return nullptr;
}

json::object update(Call& call) {
    auto& item = call.edit("invoiceitem", call.id("invoiceitem"), "invoiceitem");
    if (has(item, "invoice")) static_cast<void>(draft_of(call, text(item, "invoice")));
    apply_to_invoice_item(call, item, call.params);
    if (auto* line = line_with(call, item)) {
        show_in_line(item, *line);
        add_to_invoice(call, call.edit("invoice", text(item, "invoice")), {});
    }
    return item;
}

json::object remove(Call& call) {
    const auto id = call.id("invoiceitem");
    const json::object last(call.get("invoiceitem", id, "invoiceitem"));
    if (has(last, "invoice")) {
        auto& invoice = draft_of(call, text(last, "invoice"));
        if (const auto* line = line_with(call, last)) call.erase("line_item", text(*line, "id"));
        add_to_invoice(call, invoice, {});
    }
    call.erase("invoiceitem", id);
    call.emit("invoiceitem.deleted", last);
    return deleted("invoiceitem", id);
}

json::object list(Call& call) {
    ListQuery query;
    for (const auto* name : {"customer", "invoice"})
        if (call.has(name)) query.equal.emplace_back(name, std::string(call.text(name)));
    if (call.has("pending"))
        query.match = [pending = call.flag("pending")](const json::object& item) {
            return has(item, "invoice") != pending;
        };
    return list_page(call, "invoiceitem", std::move(query));
}

json::object parent_of(const json::object& item) {
    const auto subscription = text_or_null(text(item, "parent.subscription_details.subscription"));
    const auto of = text(item, "parent.subscription_details.subscription_item");
    json::object details{{"invoice_item", item.at("id")},
                         {"proration", item.at("proration")},
                         {"proration_details", nullptr},
                         {"subscription", subscription}};
    if (flag(item, "proration")) details["proration_details"] = {{"credited_items", nullptr}};
    if (of.empty())
        return {{"invoice_item_details", std::move(details)},
                {"subscription_item_details", nullptr},
                {"type", "invoice_item_details"}};
    details["subscription_item"] = of;
    return {{"invoice_item_details", nullptr},
            {"subscription_item_details", std::move(details)},
            {"type", "subscription_item_details"}};
}

}  // namespace

void apply_to_invoice_item(const Scope& scope, json::object& item, const json::object& params) {
    const bool unpriced = priced_params(params).empty() && !has(params, "amount") &&
                          !has(params, "unit_amount_decimal");
    if (unpriced && !has(item, "pricing")) throw missing_param("amount");
    apply_amount(scope, item, params);
    for (const auto* name : {"description", "discountable", "period"})
        if (params.contains(name)) scope.fill(item, name, params.at(name));
    Call::merge_metadata(item, params);
    if (params.contains("tax_rates"))
        item["tax_rates"] = tax_rates_of(scope, array(params, "tax_rates"));
    if (params.contains("discounts"))
        item["discounts"] =
            redeem_all(scope, reductions_for(scope, array(params, "discounts"), "discounts"),
                       {.customer = std::string(text(item, "customer")),
                        .invoice_item = std::string(text(item, "id")),
                        .start = integer(item, "date")});
}

std::string_view item_of_line(const json::object& line) {
    const auto own = text(line, "parent.invoice_item_details.invoice_item");
    return own.empty() ? text(line, "parent.subscription_item_details.invoice_item") : own;
}

void show_in_line(const json::object& item, json::object& line) {
    for (const auto* same : {"amount", "description", "discountable", "discounts", "metadata",
                             "period", "pricing", "quantity", "quantity_decimal"})
        line[same] = item.at(same);
    line["subtotal"] = item.at("amount");
}

json::object begin_item(const Scope& scope, const json::object& customer,
                        std::string_view currency) {
    auto item = begin_at(scope, "invoiceitem", "ii_", clock_of(customer));
    const auto now = time_for(scope, customer);
    item["currency"] = currency;
    item["customer"] = customer.at("id");
    item["date"] = now;
    item["discountable"] = true;
    item["discounts"] = json::array();
    item["period"] = {{"end", now}, {"start", now}};
    item["quantity"] = 1;
    item["quantity_decimal"] = "1";
    item["tax_rates"] = json::array();
    return item;
}

json::object& put_item(const Scope& scope, json::object item) {
    item["net_amount"] = json::value(item.at("amount"));
    auto& stored = scope.put(std::move(item));
    scope.emit("invoiceitem.created", stored);
    return stored;
}

InvoiceLine line_of_item(const Scope& scope, const json::object& item) {
    LineOrder order;
    order.amount = integer(item, "amount");
    order.currency = text(item, "currency");
    order.description = text(item, "description");
    order.quantity = integer(item, "quantity");
    order.from = integer(item, "period.start");
    order.to = integer(item, "period.end");
    order.discountable = flag(item, "discountable");
    order.discounts = array(item, "discounts");
    for (const auto& rate : array(item, "tax_rates"))
        order.tax_rates.push_back(rate.at("id"));
    auto line = begin_line(scope, order);
    line.document["metadata"] = item.at("metadata");
    line.document["parent"] = parent_of(item);
    line.document["pricing"] = item.at("pricing");
    line.document["subscription"] =
        text_or_null(text(item, "parent.subscription_details.subscription"));
    return line;
}

std::vector<InvoiceLine> pending_lines(const Scope& scope, std::string_view customer,
                                       std::string_view currency, std::string_view subscription) {
    const auto waiting = [currency, subscription](const json::object& item) {
        const auto of = text(item, "parent.subscription_details.subscription");
        return !has(item, "invoice") && text(item, "currency") == currency &&
               (of.empty() || of == subscription);
    };
    const auto page = scope.world.store.page(
        scope.account, "invoiceitem",
        {.limit = items_max, .equal = {{"customer", std::string(customer)}}, .match = waiting});
    std::vector<InvoiceLine> lines;
    for (const auto* item : page.items)
        lines.insert(lines.begin(), line_of_item(scope, *item));
    return lines;
}

void bind_items(const Scope& scope, const std::vector<InvoiceLine>& lines,
                std::string_view invoice) {
    for (const auto& line : lines)
        if (const auto item = item_of_line(line.document); !item.empty())
            scope.edit("invoiceitem", item)["invoice"] = invoice;
}

void release_items(const Scope& scope, std::string_view invoice) {
    const auto page =
        scope.world.store.page(scope.account, "invoiceitem",
                               {.limit = items_max, .equal = {{"invoice", std::string(invoice)}}});
    for (const auto* item : page.items)
        scope.edit("invoiceitem", text(*item, "id"))["invoice"] = nullptr;
}

void add_invoiceitems(Routes& on) {
    on.index("invoiceitem", "customer");
    on.index("invoiceitem", "invoice");
    on("POST", "/v1/invoiceitems", create);
    on("GET", "/v1/invoiceitems", list);
    on.retrieve("/v1/invoiceitems/{invoiceitem}");
    on("POST", "/v1/invoiceitems/{invoiceitem}", update);
    on("DELETE", "/v1/invoiceitems/{invoiceitem}", remove);
}

}  // namespace daybook::sim
