// Reads subscriptions, invoices, their lines and their payments, before and after basil.
#include <projections/stripe/readers.hpp>

#include <algorithm>

namespace daybook::projections::stripe {

namespace {

Line read_line(Json json, Fields fields) {
    Line out;
    std::int64_t discount = 0;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("description"): out.description = fields.text(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("quantity"): out.quantity = Fields::integer(value, "line.quantity"); break;
            case key("amount"): out.amount = Fields::integer(value, "line.amount"); break;
            case key("amount_total"):  // its name on the lines of a checkout session
                out.amount = Fields::integer(value, "line.amount_total");
                break;
            case key("discount_amounts"):  // an invoice's amount is what the line was before them
                each_item(value, [&](Json each) {
                    discount += Fields::integer(member(each, "amount"), "line.discount_amounts");
                });
                break;
            case key("period"):
                out.period_end = Fields::integer(member(value, "end"), "line.period.end");
                break;
            case key("pricing"): {
                const auto details = member(value, "price_details");
                out.price = fields.id(details, "price");
                out.product = fields.id(details, "product");
                break;
            }
            case key("price"):
            case key("plan"):
                if (out.price.empty()) out.price = fields.id(value);
                if (out.product.empty()) out.product = fields.id(value, "product");
                break;
            default: break;
        }
    });
    out.amount -= discount;
    return out;
}

SubscriptionItem read_item(Json json, Fields& fields) {
    SubscriptionItem out;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("quantity"): out.quantity = Fields::integer(value, "item.quantity"); break;
            case key("price"):
                out.price = fields.id(value);
                if (const auto product = fields.id(value, "product"); !product.empty())
                    out.product = product;
                break;
            case key("plan"):
                if (out.price.empty()) out.price = fields.id(value);
                if (out.product.empty()) out.product = fields.id(value, "product");
                break;
            case key("current_period_start"):
                out.period_start = Fields::integer(value, "item.current_period_start");
                break;
            case key("current_period_end"):
                out.period_end = Fields::integer(value, "item.current_period_end");
                break;
            default: break;
        }
    });
    return out;
}

/// previous_attributes name only what changed within it.
void read_seller_share(Json transfer, Subscription& out, Fields& fields) {
    const auto destination = member(transfer, "destination");
    const auto percent = member(transfer, "amount_percent");
    if (destination || transfer.is_null()) out.seller = fields.id(transfer, "destination");
    if (percent || transfer.is_null()) out.seller_percent = decimal(percent, fields);
}

/// What is only mirrored: no purchase depends on it.
void read_subscription_terms(std::uint64_t name, Json value, Subscription& out, Fields& fields) {
    switch (name) {
        case key("currency"): out.currency = fields.text(value); break;
        case key("collection_method"): out.collection_method = fields.text(value); break;
        case key("default_payment_method"): out.default_payment_method = fields.id(value); break;
        case key("transfer_data"): read_seller_share(value, out, fields); break;
        case key("application_fee_percent"): out.fee_percent = decimal(value, fields); break;
        case key("pause_collection"):
            out.pause_behavior = fields.id(value, "behavior");
            out.pause_resumes_at =
                Fields::integer(member(value, "resumes_at"), "subscription.pause_collection");
            break;
        case key("trial_start"):
            out.trial_start = Fields::integer(value, "subscription.trial_start");
            break;
        case key("current_period_start"):
            out.period_start = Fields::integer(value, "subscription.current_period_start");
            break;
        case key("current_period_end"):
            out.period_end = Fields::integer(value, "subscription.current_period_end");
            break;
        case key("cancel_at"):
            out.cancel_at = Fields::integer(value, "subscription.cancel_at");
            break;
        case key("canceled_at"):
            out.canceled_at = Fields::integer(value, "subscription.canceled_at");
            break;
        default: break;
    }
}

/// Overwrites what `json` names: the whole object at first, then previous_attributes on a copy.
void read_subscription_fields(Json json, Subscription& out, Fields& fields) {
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("customer"): out.customer = fields.id(value); break;
            case key("latest_invoice"): out.latest_invoice = fields.id(value); break;
            case key("trial_end"):
                out.trial_end = Fields::integer(value, "subscription.trial_end");
                break;
            case key("ended_at"):
                out.ended_at = Fields::integer(value, "subscription.ended_at");
                break;
            case key("created"):
                out.created = Fields::integer(value, "subscription.created");
                break;
            case key("cancel_at_period_end"):
                out.cancel_at_period_end = Fields::boolean(value);
                break;
            case key("metadata"):
                out.identity = read_identity(value, fields);
                merge_metadata(value, out.metadata, fields);
                break;
            case key("items"):
                out.items.clear();
                each_item(value, [&](Json item) { out.items.push_back(read_item(item, fields)); });
                break;
            default: read_subscription_terms(name, value, out, fields); break;
        }
    });
}

/// Where basil and later keep what an invoice has of its subscription.
void read_parent(Json parent, Invoice& out, Fields& fields) {
    const auto details = member(parent, "subscription_details");
    if (const auto subscription = fields.id(details, "subscription"); !subscription.empty())
        out.subscription = subscription;
    if (const auto metadata = member(details, "metadata"))
        out.inherited = read_identity(*metadata, fields);
}

void read_transitions(Json transitions, Invoice& out) {
    const auto time = [&](const char* name) {
        return Fields::integer(member(transitions, name), "invoice.status_transitions");
    };
    out.paid_at = time("paid_at");
    out.ended_at = std::max(time("voided_at"), time("marked_uncollectible_at"));
}

void add_payment_intent(std::string_view id, Invoice& out) {
    if (!id.empty()) out.payment_intents.push_back(id);
}

}  // namespace

std::vector<Line> read_lines(Json list, Fields fields) {
    std::vector<Line> lines;
    each_item(list, [&](Json line) { lines.push_back(read_line(line, fields)); });
    return lines;
}

Subscription read_subscription(Json json, const MaybeJson& previous, Fields fields) {
    Subscription out;
    read_subscription_fields(json, out, fields);
    require(!out.id.empty(), "subscription.id");
    require(!out.status.empty(), "subscription.status");
    if (previous && previous->is_object()) {
        auto before = out;
        read_subscription_fields(*previous, before, fields);
        out.before.push_back(std::move(before));
    }
    return out;
}

Invoice read_invoice(Json json, Fields fields) {
    Invoice out;
    std::string_view on_behalf_of;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("billing_reason"): out.billing_reason = fields.text(value); break;
            case key("subscription"): out.subscription = fields.id(value); break;
            case key("parent"): read_parent(value, out, fields); break;
            case key("subscription_details"):
                if (const auto metadata = member(value, "metadata"))
                    out.inherited = read_identity(*metadata, fields);
                break;
            case key("payment_intent"): add_payment_intent(fields.id(value), out); break;
            case key("payments"):
                each_item(value, [&](Json payment) {
                    add_payment_intent(fields.id(member(payment, "payment"), "payment_intent"),
                                       out);
                });
                break;
            case key("charge"): out.charge = fields.id(value); break;
            case key("currency"): out.currency = fields.text(value); break;
            case key("customer"): out.customer = fields.id(value); break;
            case key("customer_email"): out.email = fields.text(value); break;
            case key("transfer_data"): out.seller = fields.id(value, "destination"); break;
            case key("on_behalf_of"): on_behalf_of = fields.id(value); break;
            case key("amount_due"):
                out.amount_due = Fields::integer(value, "invoice.amount_due");
                break;
            case key("amount_paid"):
                out.amount_paid = Fields::integer(value, "invoice.amount_paid");
                break;
            case key("application_fee_amount"):
                out.application_fee_amount =
                    Fields::optional_integer(value, "invoice.application_fee_amount");
                break;
            case key("created"): out.created = Fields::integer(value, "invoice.created"); break;
            case key("status_transitions"): read_transitions(value, out); break;
            case key("metadata"): out.identity = read_identity(value, fields); break;
            case key("lines"): out.lines = read_lines(value, fields); break;
            default: break;
        }
    });
    require(!out.id.empty(), "invoice.id");
    require(!out.currency.empty(), "invoice.currency");
    require(!out.status.empty(), "invoice.status");
    if (out.seller.empty()) out.seller = on_behalf_of;
    return out;
}

InvoicePayment read_invoice_payment(Json json, Fields fields) {
    InvoicePayment out;
    each_field(json, [&](std::uint64_t name, Json value) {
        switch (name) {
            case key("id"): out.id = fields.text(value); break;
            case key("invoice"): out.invoice = fields.id(value); break;
            case key("status"): out.status = fields.text(value); break;
            case key("payment"):
                out.payment_intent = fields.id(value, "payment_intent");
                out.charge = fields.id(value, "charge");
                break;
            default: break;
        }
    });
    require(!out.id.empty(), "invoice_payment.id");
    require(!out.invoice.empty(), "invoice_payment.invoice");
    return out;
}

}  // namespace daybook::projections::stripe
