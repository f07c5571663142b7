// From draft to open to paid, or void.
#include <tools/stripe_sim/billing/invoicing.hpp>

#include <ledger/invariant.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/credit.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

void tell_customer(const Scope& scope, json::object& invoice, const json::object& customer) {
    invoice["customer"] = customer.at("id");
    invoice["customer_email"] = customer.at("email");
    for (const auto* name : {"address", "name", "phone", "shipping", "tax_exempt"})
        if (const auto* value = customer.if_contains(name))
            scope.fill(invoice, fmt::format("customer_{}", name), *value);
    if (!has(invoice, "customer_tax_exempt")) invoice["customer_tax_exempt"] = "none";
    invoice["customer_tax_ids"] = json::array();
    invoice["footer"] = object(customer, "invoice_settings").at("footer");
    invoice["starting_balance"] = integer(customer, "balance");
}

void assign_number(const Scope& scope, json::object& invoice) {
    if (has(invoice, "number")) return;
    auto& customer = scope.edit("customer", text(invoice, "customer"));
    const auto sequence = integer(customer, "next_invoice_sequence", 1);
    invoice["number"] = fmt::format("{}-{:04}", text(customer, "invoice_prefix"), sequence);
    customer["next_invoice_sequence"] = sequence + 1;
}

/// The customer's balance takes part: credit pays, debt is added, a negative total becomes credit,
/// and what is too little to be charged becomes debt, unless it has been paid already.
void apply_credit(const Scope& scope, json::object& invoice, bool paid) {
    const auto balance = integer(scope.get("customer", text(invoice, "customer")), "balance");
    const auto total = integer(invoice, "total");
    const auto whole = std::max<std::int64_t>(0, total + balance);
    const bool carried = whole > 0 && !paid && is_too_small(whole, text(invoice, "currency"));
    const auto due = carried ? 0 : whole;
    const auto ending = balance + total - due;
    invoice["starting_balance"] = balance;
    invoice["ending_balance"] = ending;
    invoice["amount_due"] = due;
    invoice["amount_remaining"] = due;
    if (ending == balance) return;
    move_credit(scope, text(invoice, "customer"),
                {.type = carried ? "invoice_too_small" : "applied_to_invoice",
                 .amount = ending - balance,
                 .currency = std::string(text(invoice, "currency")),
                 .invoice = std::string(text(invoice, "id"))});
}

void give_back_credit(const Scope& scope, json::object& invoice) {
    const auto used = integer(invoice, "ending_balance") - integer(invoice, "starting_balance");
    if (!has(invoice, "ending_balance") || used == 0) return;
    if (!scope.find("customer", text(invoice, "customer"))) return;
    move_credit(scope, text(invoice, "customer"),
                {.type = "unapplied_from_invoice",
                 .amount = -used,
                 .currency = std::string(text(invoice, "currency")),
                 .invoice = std::string(text(invoice, "id"))});
}

}  // namespace

json::object begin_invoice(const Scope& scope, const json::object& customer,
                           std::string_view currency, std::string_view billing_reason) {
    auto invoice = begin_at(scope, "invoice", "in_", clock_of(customer));
    const auto now = integer(invoice, "created");
    invoice["account_country"] = "US";
    invoice["account_name"] = "Daybook simulator";
    invoice["auto_advance"] = false;
    invoice["billing_reason"] = billing_reason;
    invoice["collection_method"] = "charge_automatically";
    invoice["currency"] = currency;
    invoice["issuer"] = {{"type", "self"}};
    invoice["period_start"] = now;
    invoice["period_end"] = now;
    invoice["status"] = "draft";
    invoice["webhooks_delivered_at"] = now;
    tell_customer(scope, invoice, customer);
    return invoice;
}

void finalize_invoice(const Scope& scope, json::object& invoice, std::string_view paid_by) {
    invariant(text(invoice, "status") == "draft");
    const auto now = time_for(scope, invoice);
    assign_number(scope, invoice);
    apply_credit(scope, invoice, !paid_by.empty());
    const auto page = fmt::format("{}/_sim/invoice/{}", scope.world.base_url, text(invoice, "id"));
    invoice["automatically_finalizes_at"] = nullptr;
    if (!has(invoice, "effective_at")) invoice["effective_at"] = now;
    invoice["hosted_invoice_url"] = page;
    invoice["invoice_pdf"] = page + "?print";
    invoice["status"] = "open";
    set(invoice, "status_transitions.finalized_at") = now;
    scope.emit("invoice.finalized", invoice);
    if (has(invoice, "due_date"))
        schedule_at(scope, invoice, integer(invoice, "due_date"), "invoice.due");
    if (integer(invoice, "amount_due") == 0)
        mark_paid(scope, invoice, 0);
    else if (paid_by.empty())
        open_payment(scope, invoice);
    else
        take_payment(scope, invoice, paid_by);
}

void mark_paid(const Scope& scope, json::object& invoice, std::int64_t amount, bool out_of_band) {
    const json::object before(invoice);
    // After the first attempt, only those by the schedule count.
    const bool attempt = amount > 0 && !out_of_band &&
                         (!scope.world.cause || integer(invoice, "attempt_count") == 0);
    invoice["amount_paid"] = integer(invoice, "amount_paid") + amount;
    if (out_of_band) invoice["amount_paid_off_stripe"] = amount;
    invoice["amount_remaining"] = 0;
    invoice["attempt_count"] = integer(invoice, "attempt_count") + (attempt ? 1 : 0);
    invoice["attempted"] = true;
    invoice["auto_advance"] = false;
    invoice["next_payment_attempt"] = nullptr;
    invoice["status"] = "paid";
    set(invoice, "status_transitions.paid_at") = time_for(scope, invoice);
    if (amount > 0) tell_invoice(scope, before, invoice);
    scope.emit("invoice.paid", invoice);
    if (!out_of_band) scope.emit("invoice.payment_succeeded", invoice);
}

void void_invoice(const Scope& scope, json::object& invoice) {
    give_back_credit(scope, invoice);
    invoice["auto_advance"] = false;
    invoice["next_payment_attempt"] = nullptr;
    invoice["status"] = "void";
    set(invoice, "status_transitions.voided_at") = time_for(scope, invoice);
    scope.emit("invoice.voided", invoice);
    abandon_payment(scope, invoice, "void_invoice");
}

json::object& make_paid_invoice(const Scope& scope, const json::object& customer,
                                std::string_view currency, std::vector<InvoiceLine> lines,
                                std::string_view paid_by) {
    for (auto& line : lines)
        line.document["parent"] = nullptr;
    auto& invoice =
        put_invoice(scope, begin_invoice(scope, customer, currency, "manual"), std::move(lines));
    finalize_invoice(scope, invoice, paid_by);
    return invoice;
}

}  // namespace daybook::sim
