// Lines of draft invoices through the API: added, changed, removed, several at once or one.
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>

namespace daybook::sim {
namespace {

json::object& draft(Call& call) {
    auto& invoice = call.edit("invoice", call.id("invoice"), "invoice");
    if (text(invoice, "status") != "draft")
        throw invalid("The lines of an invoice can only be changed while it is a draft.")
            .code("invoice_not_editable");
    return invoice;
}

void apply_invoice_metadata(Call& call, json::object& invoice) {
    if (!call.mentions("invoice_metadata")) return;
    const json::object params{{"metadata", call.params.at("invoice_metadata")}};
    Call::merge_metadata(invoice, params);
}

json::object& line_on(Call& call, const json::object& invoice, std::string_view id) {
    auto& line = call.edit("line_item", id, "lines[id]");
    if (text(line, "invoice") != text(invoice, "id")) throw no_such("line_item", id, "lines[id]");
    return line;
}

void change_line(Call& call, json::object& line, const json::object& given) {
    if (const auto id = item_of_line(line); !id.empty()) {
        auto& item = call.edit("invoiceitem", id);
        apply_to_invoice_item(call, item, given);
        return show_in_line(item, line);
    }
    for (const auto* name : {"amount", "description", "discountable", "period", "quantity"})
        if (has(given, name)) call.fill(line, name, given.at(name));
    line["subtotal"] = json::value(line.at("amount"));
    Call::merge_metadata(line, given);
}

json::object add(Call& call) {
    auto& invoice = draft(call);
    const json::object before(invoice);
    const auto& customer = call.get("customer", text(invoice, "customer"));
    std::vector<InvoiceLine> lines;
    for (const auto& each : call.array("lines")) {
        const auto& given = each.as_object();
        if (has(given, "invoice_item")) {
            auto& item = call.edit("invoiceitem", text(given, "invoice_item"), "lines");
            item["invoice"] = invoice.at("id");
            lines.push_back(line_of_item(call, item));
            continue;
        }
        auto item = begin_item(call, customer, text(invoice, "currency"));
        item["invoice"] = invoice.at("id");
        apply_to_invoice_item(call, item, given);
        lines.push_back(line_of_item(call, put_item(call, std::move(item))));
    }
    apply_invoice_metadata(call, invoice);
    add_to_invoice(call, invoice, std::move(lines));
    tell_invoice(call, before, invoice);
    return invoice;
}

json::object update(Call& call) {
    auto& invoice = draft(call);
    const json::object before(invoice);
    for (const auto& each : call.array("lines")) {
        const auto& given = each.as_object();
        change_line(call, line_on(call, invoice, text(given, "id")), given);
    }
    apply_invoice_metadata(call, invoice);
    add_to_invoice(call, invoice, {});
    tell_invoice(call, before, invoice);
    return invoice;
}

json::object update_one(Call& call) {
    auto& invoice = draft(call);
    const json::object before(invoice);
    auto& line = line_on(call, invoice, call.id("line"));
    change_line(call, line, call.params);
    add_to_invoice(call, invoice, {});
    tell_invoice(call, before, invoice);
    return line;
}

json::object remove(Call& call) {
    auto& invoice = draft(call);
    const json::object before(invoice);
    for (const auto& each : call.array("lines")) {
        const auto& given = each.as_object();
        const auto& line = line_on(call, invoice, text(given, "id"));
        const std::string item(item_of_line(line));
        call.erase("line_item", text(line, "id"));
        if (item.empty()) continue;
        if (text(given, "behavior") == "delete")
            call.erase("invoiceitem", item);
        else
            call.edit("invoiceitem", item)["invoice"] = nullptr;
    }
    apply_invoice_metadata(call, invoice);
    add_to_invoice(call, invoice, {});
    tell_invoice(call, before, invoice);
    return invoice;
}

}  // namespace

void add_invoice_lines(Routes& on) {
    on("POST", "/v1/invoices/{invoice}/add_lines", add);
    on("POST", "/v1/invoices/{invoice}/update_lines", update);
    on("POST", "/v1/invoices/{invoice}/lines/{line}", update_one);
    on("POST", "/v1/invoices/{invoice}/remove_lines", remove);
}

}  // namespace daybook::sim
