// Invoices as documents: lines, totals, numbers, and their way from draft to open, paid or void.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// A line_item and what of it Stripe does not show.
struct InvoiceLine {
    json::object document;
    json::array tax_rates;  ///< txr_...; none: the invoice's own
};

struct LineOrder {
    std::int64_t amount = 0;
    std::string currency;
    std::string description;
    std::int64_t quantity = 1;
    Seconds from = 0;
    Seconds to = 0;
    const json::object* price = nullptr;
    bool discountable = true;
    json::array discounts;  ///< di_...
    json::array tax_rates;
};

/// A line that belongs to no invoice yet; its parent is null.
InvoiceLine begin_line(const Scope& scope, const LineOrder& order);

/// "2 × Basket (at $15.00 / month)"
std::string description_of(const Scope& scope, const json::object& price, std::int64_t quantity);

/// {"price_details": {price, product}, "type": "price_details", "unit_amount_decimal"}
json::object pricing_of(const json::object& price);

/// A draft of the customer in the customer's time: not stored, without lines.
json::object begin_invoice(const Scope& scope, const json::object& customer,
                           std::string_view currency, std::string_view billing_reason);

/// Computes all sums of the invoice and of its lines, and shows the first lines in it.
void total_up(const Scope& scope, json::object& invoice, std::vector<InvoiceLine>& lines);

/// Stores the invoice and its lines; emits invoice.created.
json::object& put_invoice(const Scope& scope, json::object invoice, std::vector<InvoiceLine> lines);

/// The stored lines, in their order.
std::vector<InvoiceLine> lines_of(const Scope& scope, const json::object& invoice);

/// Adds lines to a stored draft, or totals it up anew with none.
void add_to_invoice(const Scope& scope, json::object& invoice, std::vector<InvoiceLine> lines);

/// Turns a draft into an open invoice with a number, applying the customer's credit; emits
/// invoice.finalized. Where nothing is due it is paid, otherwise a payment intent awaits payment;
/// or `paid_by`, a payment intent that has succeeded already, pays it.
void finalize_invoice(const Scope& scope, json::object& invoice, std::string_view paid_by = "");

/// The open invoice is paid: emits invoice.paid, and invoice.payment_succeeded unless it was paid
/// outside of Stripe.
void mark_paid(const Scope& scope, json::object& invoice, std::int64_t amount,
               bool out_of_band = false);

/// Voids an open or uncollectible invoice, or deletes the claim of a draft.
void void_invoice(const Scope& scope, json::object& invoice);

/// An invoice for a purchase that a payment intent has already paid; `lines` as begin_line() makes
/// them.
json::object& make_paid_invoice(const Scope& scope, const json::object& customer,
                                std::string_view currency, std::vector<InvoiceLine> lines,
                                std::string_view paid_by);

/// The subscription that it bills, or "".
inline std::string_view subscription_of(const json::object& invoice) {
    return text(invoice, "parent.subscription_details.subscription");
}

/// Emits invoice.updated.
inline void tell_invoice(const Scope& scope, const json::object& before,
                         const json::object& invoice) {
    scope.emit_changed("invoice.updated", before, invoice);
}

}  // namespace daybook::sim
