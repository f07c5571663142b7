// One reader for each kind of Stripe object; each copes with every API version.
#pragma once

#include <projections/stripe/action.hpp>
#include <projections/stripe/fields.hpp>
#include <projections/stripe/objects.hpp>

namespace daybook::projections::stripe {

// Each throws Unreadable when a field that every version has is missing or of a wrong type.
// `previous` is data.previous_attributes, if any.
PaymentIntent read_payment_intent(Json json, Fields fields);
Charge read_charge(Json json, const MaybeJson& previous, Fields fields);
Refund read_refund(Json json, Fields fields);
Dispute read_dispute(Json json, Fields fields);
CheckoutSession read_checkout_session(Json json, Fields fields);

Subscription read_subscription(Json json, const MaybeJson& previous, Fields fields);
Invoice read_invoice(Json json, Fields fields);
InvoicePayment read_invoice_payment(Json json, Fields fields);

Account read_account(Json json, const MaybeJson& previous, Fields fields);
Capability read_capability(Json json, const MaybeJson& previous, Fields fields);
ExternalAccount read_external_account(Json json, Fields fields);
Payout read_payout(Json json, Fields fields);

/// `name` is what the object calls itself: one that mirror_fields() knows.
Mirror read_mirror(std::string_view name, Json json, const MaybeJson& previous, Fields fields);
/// Of a whole action.* payload.
Action read_action(Json root, Fields fields);

/// A number, or a string with one, as text; 25 and 25.0 are the same. Empty for all else.
std::string_view decimal(const MaybeJson& json, Fields& fields);
/// Overwrites entry by entry; a null takes one away.
void merge_metadata(Json json, Metadata& metadata, Fields& fields);
Identity read_identity(Json metadata, Fields fields);
/// The lines of an order that metadata hold: line_1=<product>|<price>|<quantity>|<amount>, as
/// Daybook's own API writes them. What has another form is no line.
std::vector<Line> read_order_lines(Json metadata, Fields fields);
/// The same of a refund: line_1=<quantity>.
std::vector<LinePart> read_line_parts(Json metadata);
std::vector<Line> read_lines(Json list, Fields fields);

}  // namespace daybook::projections::stripe
