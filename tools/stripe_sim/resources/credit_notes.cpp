// Credit notes: less of an invoice, before it is paid or after.
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/credit.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/refunds.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

// --- what is credited -------------------------------------------------------------------------

json::object begin_line(const Call& call, std::int64_t amount, std::string_view description) {
    auto line = call.begin("credit_note_line_item", "cnli_");
    line["amount"] = amount;
    line["description"] = text_or_null(description);
    line["taxes"] = json::array();
    line["type"] = "custom_line_item";
    return line;
}

/// The parts of an invoice line's discounts and taxes that go with this many of its units.
json::array shares_of(const json::array& parts, std::int64_t units, std::int64_t of) {
    json::array shares(parts);
    for (auto& each : shares)
        for (const auto* sum : {"amount", "taxable_amount"})
            if (auto* value = each.as_object().if_contains(sum); value && value->is_int64())
                *value = share(value->get_int64(), units, of);
    return shares;
}

std::int64_t sum_of(const json::array& parts, std::string_view behavior = "") {
    std::int64_t sum = 0;
    for (const auto& each : parts) {
        const auto& part = each.as_object();
        if (behavior.empty() || text(part, "tax_behavior") == behavior)
            sum += integer(part, "amount");
    }
    return sum;
}

/// Units of an invoice line, with what was taken off them and the taxes on the rest.
void credit_units(json::object& line, const json::object& credited, std::int64_t units,
                  std::int64_t of) {
    line["amount"] = share(integer(credited, "amount"), units, of);
    line["discount_amounts"] = shares_of(array(credited, "discount_amounts"), units, of);
    line["discount_amount"] = sum_of(array(line, "discount_amounts"));
    line["taxes"] = shares_of(array(credited, "taxes"), units, of);
}

json::object line_of(const Call& call, const json::object& given) {
    const auto quantity = integer(given, "quantity", 1);
    if (text(given, "type") == "custom_line_item") {
        auto line =
            begin_line(call, quantity * integer(given, "unit_amount"), text(given, "description"));
        line["quantity"] = quantity;
        line["unit_amount"] = integer(given, "unit_amount");
        line["unit_amount_decimal"] = std::to_string(integer(given, "unit_amount"));
        return line;
    }
    const auto& credited =
        call.get("line_item", text(given, "invoice_line_item"), "lines[invoice_line_item]");
    const auto of = std::max<std::int64_t>(1, integer(credited, "quantity"));
    auto line = begin_line(call, integer(given, "amount"), text(credited, "description"));
    if (!has(given, "amount")) credit_units(line, credited, integer(given, "quantity", of), of);
    line["invoice_line_item"] = credited.at("id");
    line["quantity"] = given.contains("quantity") ? given.at("quantity") : credited.at("quantity");
    line["type"] = "invoice_line_item";
    return line;
}

json::array lines_of(const Call& call) {
    json::array lines;
    for (const auto& given : call.array("lines"))
        lines.push_back(line_of(call, given.as_object()));
    if (lines.empty() && call.has("amount"))
        lines.push_back(begin_line(call, call.integer("amount"), ""));
    if (lines.empty()) throw missing_param("amount");
    return lines;
}

/// Adds amounts up by what they are of: the discount, or the tax rate and behavior.
void add_up(json::array& sums, const json::array& parts) {
    for (const auto& part : parts) {
        const auto same = std::ranges::find_if(sums, [&part](const json::value& sum) {
            const auto& one = sum.as_object();
            const auto& other = part.as_object();
            return text(one, "discount") == text(other, "discount") &&
                   text(one, "tax_rate_details.tax_rate") ==
                       text(other, "tax_rate_details.tax_rate");
        });
        if (same == sums.end()) {
            sums.push_back(part);
            continue;
        }
        auto& sum = same->as_object();
        for (const auto* name : {"amount", "taxable_amount"})
            if (has(sum, name)) sum[name] = integer(sum, name) + integer(part.as_object(), name);
    }
}

std::int64_t total_up(json::object& note, const json::array& lines) {
    std::int64_t subtotal = 0;
    json::array discounts;
    json::array taxes;
    for (const auto& each : lines) {
        const auto& line = each.as_object();
        subtotal += integer(line, "amount");
        add_up(discounts, array(line, "discount_amounts"));
        add_up(taxes, array(line, "taxes"));
    }
    const auto discount = sum_of(discounts);
    const auto exclusive = sum_of(taxes, "exclusive");
    const auto inclusive = sum_of(taxes, "inclusive");
    const auto total = subtotal - discount + exclusive;
    note["amount"] = total;
    note["discount_amount"] = discount;
    note["discount_amounts"] = std::move(discounts);
    note["subtotal"] = subtotal;
    note["subtotal_excluding_tax"] = subtotal - inclusive;
    note["total"] = total;
    note["total_excluding_tax"] = total - exclusive - inclusive;
    note["total_taxes"] = std::move(taxes);
    return total;
}

json::object composed(const Call& call, const json::object& invoice) {
    const auto status = text(invoice, "status");
    if (status != "open" && status != "paid")
        throw invalid("You can only create a credit note for an invoice that is open or paid.")
            .param("invoice");
    auto note = begin_at(call, "credit_note", "cn_", clock_of(invoice));
    auto lines = lines_of(call);
    const auto total = total_up(note, lines);
    note["currency"] = invoice.at("currency");
    note["customer"] = invoice.at("customer");
    note["effective_at"] = call.integer("effective_at", integer(note, "created"));
    note["invoice"] = invoice.at("id");
    note["lines"] = {{"object", "list"},
                     {"data", std::move(lines)},
                     {"has_more", false},
                     {"url", fmt::format("/v1/credit_notes/{}/lines", text(note, "id"))}};
    note["pdf"] = fmt::format("{}/_sim/credit_note/{}", call.world.base_url, text(note, "id"));
    note[status == "open" ? "pre_payment_amount" : "post_payment_amount"] = total;
    note["status"] = "issued";
    note["type"] = status == "open" ? "pre_payment" : "post_payment";
    for (const auto* same : {"memo", "out_of_band_amount", "reason"})
        if (call.has(same)) note[same] = call.params.at(same);
    call.copy_metadata(note);
    return note;
}

void check(const Call& call, const json::object& note, const json::object& invoice) {
    const auto total = integer(note, "total");
    if (total <= 0) throw invalid("The credit note amount must be positive.").param("amount");
    if (text(note, "type") == "pre_payment") {
        if (total > integer(invoice, "amount_remaining"))
            throw invalid("The credit note amount exceeds what remains of the invoice.")
                .param("amount");
        return;
    }
    const auto left =
        integer(invoice, "amount_paid") - integer(invoice, "post_payment_credit_notes_amount");
    if (total > left)
        throw invalid("The credit note amount exceeds what was paid of the invoice.")
            .param("amount");
    const auto given = call.integer("refund_amount") + call.integer("credit_amount") +
                       call.integer("out_of_band_amount");
    if (given != total)
        throw invalid(
            fmt::format("The sum of credit amount, refund amount and out of band amount "
                        "({}) must equal the post payment amount ({}).",
                        given, total));
}

// --- what follows -----------------------------------------------------------------------------

void reduce_invoice(const Call& call, json::object& invoice, std::int64_t by) {
    for (const auto* sum : {"amount_due", "amount_remaining"})
        invoice[sum] = integer(invoice, sum) - by;
    invoice["pre_payment_credit_notes_amount"] =
        integer(invoice, "pre_payment_credit_notes_amount") + by;
    if (integer(invoice, "amount_remaining") > 0) return adjust_payment(call, invoice);
    abandon_payment(call, invoice, "");
    mark_paid(call, invoice, 0);
}

void refund_payment(Call& call, json::object& note, const json::object& invoice) {
    const auto amount = call.integer("refund_amount");
    if (amount == 0) return;
    const auto* intent = intent_of(call, invoice);
    if (!intent || !has(*intent, "latest_charge"))
        throw invalid("The invoice has no payment that could be refunded.").param("refund_amount");
    auto& charge = call.edit("charge", text(*intent, "latest_charge"));
    const auto& refund = make_refund(call, charge, {.amount = amount});
    note["refunds"] = json::array{{{"amount_refunded", amount},
                                   {"payment_record_refund", nullptr},
                                   {"refund", refund.at("id")},
                                   {"type", "refund"}}};
}

void credit_balance(Call& call, json::object& note) {
    const auto amount = call.integer("credit_amount");
    if (amount == 0) return;
    const auto& moved = move_credit(call, text(note, "customer"),
                                    {.type = "credit_note",
                                     .amount = -amount,
                                     .currency = std::string(text(note, "currency")),
                                     .invoice = std::string(text(note, "invoice")),
                                     .credit_note = std::string(text(note, "id"))});
    note["customer_balance_transaction"] = moved.at("id");
}

std::string next_number(const Call& call, const json::object& invoice) {
    const auto page = call.world.store.page(
        call.account, "credit_note",
        {.limit = 100, .equal = {{"invoice", std::string(text(invoice, "id"))}}});
    return fmt::format("{}-CN-{:02}", text(invoice, "number"), page.items.size() + 1);
}

json::object create(Call& call) {
    auto& invoice = call.edit("invoice", call.text("invoice"), "invoice");
    auto note = composed(call, invoice);
    check(call, note, invoice);
    note["number"] = next_number(call, invoice);
    const json::object before(invoice);
    const auto total = integer(note, "total");
    if (text(note, "type") == "post_payment") {
        refund_payment(call, note, invoice);
        credit_balance(call, note);
        invoice["post_payment_credit_notes_amount"] =
            integer(invoice, "post_payment_credit_notes_amount") + total;
    }
    auto& stored = call.put(std::move(note));
    call.emit("credit_note.created", stored);
    if (text(stored, "type") == "pre_payment") reduce_invoice(call, invoice, total);
    tell_invoice(call, before, invoice);
    return stored;
}

json::object preview(Call& call) {
    const auto& invoice = call.get("invoice", call.text("invoice"), "invoice");
    auto note = composed(call, invoice);
    note["number"] = next_number(call, invoice);
    return note;
}

json::object update(Call& call) {
    auto& note = call.edit("credit_note", call.id("credit_note"), "credit_note");
    const json::object before(note);
    call.copy(note, {"memo"});
    call.copy_metadata(note);
    call.emit_changed("credit_note.updated", before, note);
    return note;
}

json::object make_void(Call& call) {
    auto& note = call.edit("credit_note", call.id("credit_note"), "credit_note");
    auto& invoice = call.edit("invoice", text(note, "invoice"));
    if (text(note, "status") == "void" || text(invoice, "status") != "open")
        throw invalid("You can only void a credit note of an open invoice.");
    const json::object before(invoice);
    const auto total = integer(note, "total");
    for (const auto* sum : {"amount_due", "amount_remaining"})
        invoice[sum] = integer(invoice, sum) + total;
    invoice["pre_payment_credit_notes_amount"] =
        integer(invoice, "pre_payment_credit_notes_amount") - total;
    adjust_payment(call, invoice);
    note["status"] = "void";
    note["voided_at"] = time_for(call, invoice);
    call.emit("credit_note.voided", note);
    tell_invoice(call, before, invoice);
    return note;
}

json::object list_lines(Call& call) {
    json::object lines(
        object(call.get("credit_note", call.id("credit_note"), "credit_note"), "lines"));
    return lines;
}

}  // namespace

void add_credit_notes(Routes& on) {
    on.index("credit_note", "invoice");
    on("POST", "/v1/credit_notes", create);
    on("GET", "/v1/credit_notes/preview", preview);
    on("GET", "/v1/credit_notes/preview/lines",
       [](Call& call) { return json::object(object(preview(call), "lines")); });
    on.list("/v1/credit_notes", {"customer", "invoice"});
    on.retrieve("/v1/credit_notes/{credit_note}");
    on("POST", "/v1/credit_notes/{credit_note}", update);
    on("GET", "/v1/credit_notes/{credit_note}/lines", list_lines);
    on("POST", "/v1/credit_notes/{credit_note}/void", make_void);
}

}  // namespace daybook::sim
