// Invoices through the API: made, changed, finalized, paid, sent, voided.
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>
#include <tools/stripe_sim/resources/payment_methods.hpp>
#include <tools/stripe_sim/resources/transfers.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Names plain = {"account_tax_ids",
                         "auto_advance",
                         "automatically_finalizes_at",
                         "collection_method",
                         "custom_fields",
                         "default_payment_method",
                         "description",
                         "due_date",
                         "effective_at",
                         "footer",
                         "number",
                         "on_behalf_of",
                         "shipping_details",
                         "statement_descriptor"};

StripeError not_editable(std::string_view message) {
    return invalid(message).code("invoice_not_editable");
}

// --- parameters -------------------------------------------------------------------------------

void apply_due_date(Call& call, json::object& invoice) {
    for (const auto* name : {"automatically_finalizes_at", "due_date", "effective_at"})
        if (call.has(name)) checked_time(call.integer(name), name);
    if (call.integer("days_until_due") < 0 || call.integer("days_until_due") > 365)
        throw invalid("Invalid integer").code("parameter_invalid_integer").param("days_until_due");
    if (call.has("days_until_due"))
        invoice["due_date"] = integer(invoice, "created") + call.integer("days_until_due") * day;
    const bool sent = text(invoice, "collection_method") == "send_invoice";
    if (sent && !has(invoice, "due_date"))
        throw invalid(
            "You must set one of the following parameters: `due_date`, `days_until_due`, when "
            "`collection_method` is set to `send_invoice`.");
    if (!sent && has(invoice, "due_date"))
        throw invalid(
            "You can only set `days_until_due` when `collection_method` is "
            "`send_invoice`.")
            .param("days_until_due");
}

void apply_terms(Call& call, json::object& invoice) {
    if (call.has("transfer_data"))
        check_destination(call.on(""), call.text("transfer_data.destination"),
                          "transfer_data[destination]");
    for (const auto* name : {"application_fee_amount", "transfer_data"})
        if (call.mentions(name)) hidden(call, invoice)[name] = call.params.at(name);
}

void apply_shipping(Call& call, json::object& invoice) {
    if (!call.mentions("shipping_cost")) return;
    invoice["shipping_cost"] = nullptr;
    if (!call.has("shipping_cost.shipping_rate")) return;
    const auto& rate = call.get("shipping_rate", call.text("shipping_cost.shipping_rate"),
                                "shipping_cost[shipping_rate]");
    const auto amount = integer(rate, "fixed_amount.amount");
    invoice["shipping_cost"] = {{"amount_subtotal", amount},
                                {"amount_tax", 0},
                                {"amount_total", amount},
                                {"shipping_rate", rate.at("id")}};
}

void check_default_method(const Call& call, const json::object& invoice) {
    if (call.has("default_payment_method"))
        check_attached(call, call.text("default_payment_method"), text(invoice, "customer"),
                       "default_payment_method");
}

void apply(Call& call, json::object& invoice) {
    check_default_method(call, invoice);
    call.copy(invoice, plain);
    call.copy_metadata(invoice);
    for (const auto* name : {"automatic_tax", "issuer", "payment_settings", "rendering"})
        if (call.has(name)) call.copy(invoice, {name});
    if (call.mentions("default_tax_rates")) {
        json::array rates;
        for (const auto& id : call.array("default_tax_rates"))
            rates.push_back(call.get("tax_rate", id.as_string(), "default_tax_rates"));
        invoice["default_tax_rates"] = std::move(rates);
    }
    if (call.mentions("discounts")) {
        const std::string customer(text(invoice, "customer"));
        auto reductions = reductions_for(call, call.array("discounts"), "discounts", customer);
        for (auto& reduction : reductions)
            in_currency(call, reduction, text(invoice, "currency"));
        invoice["discounts"] = redeem_all(call, reductions,
                                          {.customer = customer,
                                           .invoice = std::string(text(invoice, "id")),
                                           .start = integer(invoice, "created")});
    }
    apply_due_date(call, invoice);
    apply_terms(call, invoice);
    apply_shipping(call, invoice);
}

// --- making -----------------------------------------------------------------------------------

std::string currency_for(const Call& call, const json::object& customer) {
    if (call.has("currency")) return checked_currency(call.text("currency"));
    if (call.has("subscription"))
        return std::string(text(call.get("subscription", call.text("subscription")), "currency"));
    if (has(customer, "currency")) return std::string(text(customer, "currency"));
    const auto page = call.world.store.page(
        call.account, "invoiceitem",
        {.limit = 1,
         .equal = {{"customer", std::string(text(customer, "id"))}},
         .match = [](const json::object& item) { return !has(item, "invoice"); }});
    return page.items.empty() ? "usd" : std::string(text(*page.items.front(), "currency"));
}

void bill_subscription(Call& call, json::object& invoice) {
    const auto& subscription = call.get("subscription", call.text("subscription"), "subscription");
    call.fill(
        invoice, "parent",
        {{"subscription_details",
          {{"metadata", subscription.at("metadata")}, {"subscription", subscription.at("id")}}},
         {"type", "subscription_details"}});
    invoice["billing_reason"] = "subscription_update";
}

json::object create(Call& call) {
    if (call.has("from_invoice"))
        throw invalid("The simulator makes no revisions of invoices.").param("from_invoice");
    if (!call.has("customer")) throw missing_param("customer");
    const auto& customer = call.get("customer", call.text("customer"), "customer");
    const auto currency = currency_for(call, customer);
    auto invoice = begin_invoice(call, customer, currency, "manual");
    if (call.has("subscription")) bill_subscription(call, invoice);
    if (!call.mentions("discounts") && has(customer, "discount"))
        invoice["discounts"] = {object(customer, "discount").at("id")};
    apply(call, invoice);
    std::vector<InvoiceLine> lines;
    if (call.text("pending_invoice_items_behavior") == "include" || call.has("subscription"))
        lines = pending_lines(call, text(customer, "id"), currency, call.text("subscription"));
    if (call.has("subscription") && lines.empty())
        throw invalid("Nothing to invoice for subscription")
            .code("invoice_no_subscription_line_items");
    bind_items(call, lines, text(invoice, "id"));
    if (flag(invoice, "auto_advance")) advance_later(call, invoice);
    return put_invoice(call, std::move(invoice), std::move(lines));
}

json::object update(Call& call) {
    auto& invoice = call.edit("invoice", call.id("invoice"), "invoice");
    const json::object before(invoice);
    if (text(invoice, "status") == "draft") {
        apply(call, invoice);
        if (flag(invoice, "auto_advance") && !flag(before, "auto_advance"))
            advance_later(call, invoice);
        add_to_invoice(call, invoice, {});
    } else {
        for (const auto* name : {"discounts", "default_tax_rates", "description", "shipping_cost",
                                 "transfer_data", "application_fee_amount", "number"})
            if (call.mentions(name))
                throw not_editable("Finalized invoices can't be updated in this way").param(name);
        check_default_method(call, invoice);
        call.copy(invoice, {"auto_advance", "default_payment_method", "collection_method"});
        call.copy_metadata(invoice);
    }
    tell_invoice(call, before, invoice);
    return invoice;
}

json::object remove(Call& call) {
    const auto id = call.id("invoice");
    const json::object last(call.get("invoice", id, "invoice"));
    if (text(last, "status") != "draft" || !subscription_of(last).empty())
        throw not_editable("You can only delete draft invoices that are not for a subscription.");
    release_items(call, id);
    for (const auto& line : lines_of(call, last))
        call.erase("line_item", text(line.document, "id"));
    call.erase("invoice", id);
    call.emit("invoice.deleted", last);
    return deleted("invoice", id);
}

// --- verbs ------------------------------------------------------------------------------------

json::object& edited(Call& call) {
    return call.edit("invoice", call.id("invoice"), "invoice");
}

void require(const json::object& invoice, std::initializer_list<std::string_view> allowed,
             std::string_view verb) {
    const auto status = text(invoice, "status");
    if (std::ranges::find(allowed, status) != allowed.end()) return;
    if (status == "paid") throw invalid("Invoice is already paid").code("invoice_not_editable");
    throw not_editable(
        fmt::format("You cannot {} an invoice that has a status of {}.", verb, status));
}

json::object finalize(Call& call) {
    auto& invoice = edited(call);
    if (text(invoice, "status") != "draft")
        throw not_editable(
            "This invoice is already finalized, you can't re-finalize a "
            "non-draft invoice.");
    if (array(invoice, "lines.data").empty())
        throw invalid("You cannot finalize an invoice without any line items.")
            .code("invoice_no_customer_line_items");
    if (call.has("auto_advance")) invoice["auto_advance"] = call.flag("auto_advance");
    finalize_invoice(call, invoice);
    if (flag(invoice, "auto_advance"))
        schedule_at(call, invoice, time_for(call, invoice) + draft_lasts, "invoice.advance");
    return invoice;
}

json::object pay(Call& call) {
    auto& invoice = edited(call);
    require(invoice, {"draft", "open", "uncollectible"}, "pay");
    if (text(invoice, "status") == "draft") finalize_invoice(call, invoice);
    if (text(invoice, "status") == "paid") return invoice;
    if (call.flag("paid_out_of_band") || call.flag("forgive")) {
        abandon_payment(call, invoice, "");
        mark_paid(call, invoice, integer(invoice, "amount_remaining"), true);
        return invoice;
    }
    const auto refusal = collect(call, invoice, call.text("payment_method"));
    if (refusal) throw StripeError(*refusal);
    return invoice;
}

json::object send(Call& call) {
    auto& invoice = edited(call);
    require(invoice, {"draft", "open"}, "send");
    if (!has(invoice, "customer_email"))
        throw invalid("The customer must have an email address for an invoice to be sent.")
            .code("missing_email");
    if (text(invoice, "status") == "draft") finalize_invoice(call, invoice);
    call.emit("invoice.sent", invoice);
    return invoice;
}

json::object make_void(Call& call) {
    auto& invoice = edited(call);
    require(invoice, {"open", "uncollectible"}, "void");
    void_invoice(call, invoice);
    return invoice;
}

json::object mark_uncollectible(Call& call) {
    auto& invoice = edited(call);
    require(invoice, {"open"}, "mark as uncollectible");
    const json::object before(invoice);
    invoice["status"] = "uncollectible";
    invoice["auto_advance"] = false;
    invoice["next_payment_attempt"] = nullptr;
    set(invoice, "status_transitions.marked_uncollectible_at") = time_for(call, invoice);
    call.emit_changed("invoice.updated", before, invoice);
    call.emit("invoice.marked_uncollectible", invoice);
    return invoice;
}

json::object attach_payment(Call& call) {
    auto& invoice = edited(call);
    require(invoice, {"open"}, "attach a payment to");
    if (!call.has("payment_intent")) throw missing_param("payment_intent");
    const auto& intent = call.get("payment_intent", call.text("payment_intent"), "payment_intent");
    if (text(intent, "status") != "succeeded")
        throw invalid("The simulator attaches payment intents that have succeeded.")
            .param("payment_intent");
    if (invoice_of(call, intent))
        throw invalid("This PaymentIntent is attached to an invoice already.")
            .param("payment_intent");
    if (text(intent, "currency") != text(invoice, "currency"))
        throw invalid("The currency of the PaymentIntent must be that of the invoice.")
            .param("payment_intent");
    if (has(intent, "customer") && text(intent, "customer") != text(invoice, "customer"))
        throw invalid("The customer of the PaymentIntent must be that of the invoice.")
            .param("payment_intent");
    take_payment(call, invoice, text(intent, "id"), false);
    return invoice;
}

// --- reading ----------------------------------------------------------------------------------

json::object list_lines(Call& call) {
    const auto& invoice = call.get("invoice", call.id("invoice"), "invoice");
    json::array lines;
    for (auto& line : lines_of(call, invoice))
        lines.push_back(std::move(line.document));
    return list_page(call, lines);
}

json::object list(Call& call) {
    ListQuery query;
    for (const auto* name : {"collection_method", "customer", "status"})
        if (call.has(name)) query.equal.emplace_back(name, std::string(call.text(name)));
    if (call.has("subscription"))
        query.equal.emplace_back("parent.subscription_details.subscription",
                                 std::string(call.text("subscription")));
    return list_page(call, "invoice", std::move(query));
}

json::value payments(const Scope& scope, const json::object& invoice) {
    const std::string id(text(invoice, "id"));
    const auto page =
        scope.world.store.page(scope.account, "invoice_payment", {.equal = {{"invoice", id}}});
    return list_of(scope, fmt::format("/v1/invoice_payments?invoice={}", id), page.items,
                   page.has_more);
}

json::value confirmation_secret(const Scope& scope, const json::object& invoice) {
    const auto* intent = intent_of(scope, invoice);
    if (!intent) return nullptr;
    return {{"client_secret", intent->at("client_secret")}, {"type", "payment_intent"}};
}

}  // namespace

void add_invoices(Routes& on) {
    on.index("invoice", "customer");
    on.index("invoice", "parent.subscription_details.subscription");
    on.index("line_item", "invoice");
    on("POST", "/v1/invoices", create);
    on("GET", "/v1/invoices", list);
    on.search("/v1/invoices/search");
    on.retrieve("/v1/invoices/{invoice}");
    on("POST", "/v1/invoices/{invoice}", update);
    on("DELETE", "/v1/invoices/{invoice}", remove);
    on("GET", "/v1/invoices/{invoice}/lines", list_lines);
    on("POST", "/v1/invoices/{invoice}/attach_payment", attach_payment);
    on("POST", "/v1/invoices/{invoice}/finalize", finalize);
    on("POST", "/v1/invoices/{invoice}/mark_uncollectible", mark_uncollectible);
    on("POST", "/v1/invoices/{invoice}/pay", pay);
    on("POST", "/v1/invoices/{invoice}/send", send);
    on("POST", "/v1/invoices/{invoice}/void", make_void);
    on.include("invoice", "payments", payments);
    on.include("invoice", "confirmation_secret", confirmation_secret);
}

}  // namespace daybook::sim
