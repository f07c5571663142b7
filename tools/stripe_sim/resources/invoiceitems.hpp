// Invoice items: what waits to be on a customer's next invoice.
#pragma once

#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>
#include <vector>

namespace daybook::sim {

/// An item without invoice, created in the customer's time; amount, description and all else are
/// the caller's to set.
json::object begin_item(const Scope& scope, const json::object& customer,
                        std::string_view currency);

/// Stores it and emits invoiceitem.created.
json::object& put_item(const Scope& scope, json::object item);

/// Sets the amount and the rest from the parameters of POST /v1/invoiceitems, which those of lines
/// resemble.
void apply_to_invoice_item(const Scope& scope, json::object& item, const json::object& params);

/// The item behind a line, or "".
std::string_view item_of_line(const json::object& line);

/// Makes a line tell what its item does by now.
void show_in_line(const json::object& item, json::object& line);

/// The line that an item becomes.
InvoiceLine line_of_item(const Scope& scope, const json::object& item);

/// The lines of the items that wait: of the subscription and of none, or of none alone.
std::vector<InvoiceLine> pending_lines(const Scope& scope, std::string_view customer,
                                       std::string_view currency, std::string_view subscription);

/// Ties the items behind these lines to the invoice.
void bind_items(const Scope& scope, const std::vector<InvoiceLine>& lines,
                std::string_view invoice);

/// The items of a draft that is deleted wait again.
void release_items(const Scope& scope, std::string_view invoice);

}  // namespace daybook::sim
