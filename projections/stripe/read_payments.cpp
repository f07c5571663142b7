// Reads payment intents, charges, refunds, disputes and checkout sessions.
#include <projections/stripe/readers.hpp>

namespace daybook::projections::stripe {

namespace {
/// Three of them must fit into a key. Stripe takes 500 characters, of up to four bytes: no id.
constexpr std::size_t id_bytes_max = 500;
}  // namespace

Identity read_identity(Json metadata, Fields fields) {
    Identity snake;
    Identity camel;
    each_field(metadata, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("order_id"): snake.order_id = fields.text(value); break;
            case key("orderId"): camel.order_id = fields.text(value); break;
            case key("user_id"): snake.user_id = fields.text(value); break;
            case key("userId"): camel.user_id = fields.text(value); break;
            case key("product_id"): snake.product_id = fields.text(value); break;
            case key("productId"): camel.product_id = fields.text(value); break;
            default: break;
        }
    });
    if (snake.order_id.empty()) snake.order_id = camel.order_id;
    if (snake.user_id.empty()) snake.user_id = camel.user_id;
    if (snake.product_id.empty()) snake.product_id = camel.product_id;
    for (auto* id : {&snake.order_id, &snake.user_id, &snake.product_id})
        if (id->size() > id_bytes_max) *id = {};
    return snake;
}

PaymentIntent read_payment_intent(Json json, Fields fields) {
    PaymentIntent out;
    std::optional<std::int64_t> amount;
    std::string_view on_behalf_of;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("invoice"): out.invoice = fields.id(value); break;
            case key("payment_details"):  // the intents of invoices may name them there
                if (const auto reference = fields.id(value, "order_reference");
                    reference.starts_with("in_"))
                    out.invoice = reference;
                break;
            case key("status"): out.status = fields.text(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("customer"): out.customer = fields.id(value); break;
            case key("receipt_email"): out.email = fields.text(value); break;
            case key("transfer_data"): out.seller = fields.id(value, "destination"); break;
            case key("on_behalf_of"): on_behalf_of = fields.id(value); break;
            case key("latest_charge"): out.latest_charge = fields.id(value); break;
            case key("amount"):
                amount = Fields::optional_integer(value, "payment_intent.amount");
                break;
            case key("amount_received"):
                out.amount_received = Fields::integer(value, "payment_intent.amount_received");
                break;
            case key("application_fee_amount"):
                out.application_fee_amount =
                    Fields::optional_integer(value, "payment_intent.application_fee_amount");
                break;
            case key("created"):
                out.created = Fields::integer(value, "payment_intent.created");
                break;
            case key("canceled_at"):
                out.canceled_at = Fields::integer(value, "payment_intent.canceled_at");
                break;
            case key("last_payment_error"):
                out.failed = value.is_object();
                out.failure_code = fields.id(value, "decline_code");
                if (out.failure_code.empty()) out.failure_code = fields.id(value, "code");
                break;
            case key("metadata"):
                out.identity = read_identity(value, fields);
                out.lines = read_order_lines(value, fields);
                break;
            case key("charges"):
                each_item(value, [&](Json charge) {
                    out.charges.push_back(read_charge(charge, std::nullopt, fields));
                });
                break;
            default: break;
        }
    });
    require(!out.id.empty(), "payment_intent.id");
    require(amount.has_value(), "payment_intent.amount");
    require(!out.currency.empty(), "payment_intent.currency");
    require(!out.status.empty(), "payment_intent.status");
    out.amount = *amount;
    if (out.seller.empty()) out.seller = on_behalf_of;
    for (auto& charge : out.charges)
        if (charge.payment_intent.empty()) charge.payment_intent = out.id;
    return out;
}

Charge read_charge(Json json, const MaybeJson& previous, Fields fields) {
    Charge out;
    std::optional<std::int64_t> amount;
    std::optional<std::int64_t> captured;
    std::string_view on_behalf_of;
    std::string_view receipt_email;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("payment_intent"): out.payment_intent = fields.id(value); break;
            case key("invoice"): out.invoice = fields.id(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("customer"): out.customer = fields.id(value); break;
            case key("receipt_email"): receipt_email = fields.text(value); break;
            case key("billing_details"): out.email = fields.id(value, "email"); break;
            case key("transfer_data"): out.seller = fields.id(value, "destination"); break;
            case key("on_behalf_of"): on_behalf_of = fields.id(value); break;
            case key("balance_transaction"): out.balance_transaction = fields.id(value); break;
            case key("transfer"): out.transfer = fields.id(value); break;
            case key("failure_code"): out.failure_code = fields.text(value); break;
            case key("captured"): out.captured = Fields::boolean(value); break;
            case key("amount"): amount = Fields::optional_integer(value, "charge.amount"); break;
            case key("amount_captured"):
                captured = Fields::optional_integer(value, "charge.amount_captured");
                break;
            case key("amount_refunded"):
                out.amount_refunded = Fields::integer(value, "charge.amount_refunded");
                break;
            case key("application_fee_amount"):
                out.application_fee_amount =
                    Fields::optional_integer(value, "charge.application_fee_amount");
                break;
            case key("created"): out.created = Fields::integer(value, "charge.created"); break;
            case key("metadata"): out.identity = read_identity(value, fields); break;
            case key("refunds"):
                out.lists_refunds = true;
                each_item(value,
                          [&](Json refund) { out.refunds.push_back(read_refund(refund, fields)); });
                break;
            default: break;
        }
    });
    require(!out.id.empty(), "charge.id");
    require(amount.has_value(), "charge.amount");
    require(!out.currency.empty(), "charge.currency");
    require(!out.status.empty(), "charge.status");
    out.amount = *amount;
    out.amount_captured = captured.value_or(out.captured ? out.amount : 0);
    if (out.status == "paid") out.status = "succeeded";  // its name before 2015
    if (out.seller.empty()) out.seller = on_behalf_of;
    if (out.email.empty()) out.email = receipt_email;
    for (auto& refund : out.refunds) {
        if (refund.charge.empty()) refund.charge = out.id;
        if (refund.payment_intent.empty()) refund.payment_intent = out.payment_intent;
    }
    const auto before = member(previous, "amount_refunded");
    out.amount_refunded_before =
        Fields::optional_integer(before, "previous_attributes.amount_refunded");
    return out;
}

Refund read_refund(Json json, Fields fields) {
    Refund out;
    std::optional<std::int64_t> amount;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("charge"): out.charge = fields.id(value); break;
            case key("payment_intent"): out.payment_intent = fields.id(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("reason"): out.reason = fields.text(value); break;
            case key("failure_reason"): out.failure_reason = fields.text(value); break;
            case key("balance_transaction"): out.balance_transaction = fields.id(value); break;
            case key("amount"): amount = Fields::optional_integer(value, "refund.amount"); break;
            case key("created"): out.created = Fields::integer(value, "refund.created"); break;
            case key("metadata"):
                out.identity = read_identity(value, fields);
                out.lines = read_line_parts(value);
                break;
            default: break;
        }
    });
    require(!out.id.empty(), "refund.id");
    require(amount.has_value(), "refund.amount");
    require(!out.currency.empty(), "refund.currency");
    out.amount = *amount;
    return out;
}

Dispute read_dispute(Json json, Fields fields) {
    Dispute out;
    std::optional<std::int64_t> amount;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("charge"): out.charge = fields.id(value); break;
            case key("payment_intent"): out.payment_intent = fields.id(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("reason"): out.reason = fields.text(value); break;
            case key("amount"): amount = Fields::optional_integer(value, "dispute.amount"); break;
            case key("created"): out.created = Fields::integer(value, "dispute.created"); break;
            case key("evidence_details"):
                out.evidence_due_by = Fields::integer(member(value, "due_by"), "dispute.due_by");
                break;
            case key("metadata"): out.identity = read_identity(value, fields); break;
            default: break;
        }
    });
    require(!out.id.empty(), "dispute.id");
    require(amount.has_value(), "dispute.amount");
    require(!out.currency.empty(), "dispute.currency");
    require(!out.status.empty(), "dispute.status");
    out.amount = *amount;
    return out;
}

CheckoutSession read_checkout_session(Json json, Fields fields) {
    CheckoutSession out;
    std::string_view typed_email;
    std::vector<Line> noted;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("mode"): out.mode = fields.text(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("payment_status"): out.payment_status = fields.text(value); break;
            case key("payment_intent"): out.payment_intent = fields.id(value); break;
            case key("invoice"): out.invoice = fields.id(value); break;
            case key("subscription"): out.subscription = fields.id(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("customer"): out.customer = fields.id(value); break;
            case key("customer_email"): typed_email = fields.text(value); break;
            case key("customer_details"): out.email = fields.id(value, "email"); break;
            case key("client_reference_id"): out.client_reference_id = fields.text(value); break;
            case key("amount_total"):
                out.amount_total = Fields::integer(value, "checkout.session.amount_total");
                break;
            case key("created"):
                out.created = Fields::integer(value, "checkout.session.created");
                break;
            case key("metadata"):
                out.identity = read_identity(value, fields);
                noted = read_order_lines(value, fields);
                break;
            case key("line_items"): out.lines = read_lines(value, fields); break;
            default: break;
        }
    });
    require(!out.id.empty(), "checkout.session.id");
    require(!out.payment_status.empty(), "checkout.session.payment_status");
    if (out.email.empty()) out.email = typed_email;
    if (out.lines.empty()) out.lines = std::move(noted);
    return out;
}

}  // namespace daybook::projections::stripe
