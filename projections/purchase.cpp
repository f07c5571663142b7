// Takes the facts out of events and joins them into purchases.
#include <projections/purchase.hpp>

#include <projections/pack.hpp>

#include <algorithm>
#include <iterator>

namespace daybook::projections {

namespace {

constexpr std::size_t positions_max = 100;

template <class T>
void insert_sorted(std::vector<T>& values, T value) {
    const auto place = std::ranges::lower_bound(values, value);
    if (place == values.end() || *place != value) values.insert(place, std::move(value));
}

template <class T>
void unite(std::vector<T>& into, std::vector<T>&& other) {
    std::vector<T> both;
    std::ranges::set_union(std::make_move_iterator(into.begin()),
                           std::make_move_iterator(into.end()),
                           std::make_move_iterator(other.begin()),
                           std::make_move_iterator(other.end()), std::back_inserter(both));
    into = std::move(both);
}

void cap(std::vector<std::int64_t>& positions) {
    if (positions.size() > positions_max)
        positions.erase(positions.begin(), positions.end() - positions_max);
}

template <class Facts, class Merge>
void merge_each(std::map<std::string, Facts>& into, std::map<std::string, Facts>&& other,
                const Merge& merge) {
    for (auto& [id, facts] : other)
        merge(into[id], std::move(facts));
}

void merge_times(std::map<std::string, Earliest>& into,
                 const std::map<std::string, Earliest>& other) {
    for (const auto& [name, at] : other)
        into[name].offer(at.time);
}

std::vector<LineState> lines_of(const std::vector<stripe::Line>& lines) {
    std::vector<LineState> out;
    for (const auto& line : lines)
        out.push_back({std::string(line.price), std::string(line.product),
                       std::string(line.description), std::string(line.currency), line.quantity,
                       line.amount, line.period_end});
    return out;
}

/// Adds what one event says; overloaded by the kind of object.
class Adder {
public:
    Adder(Purchase& purchase, const Event& event) : to_(purchase), event_(event) {}

    void operator()(std::monostate) const {}
    void operator()(const stripe::Account&) const {}
    void operator()(const stripe::Capability&) const {}
    void operator()(const stripe::ExternalAccount&) const {}
    void operator()(const stripe::Authorization&) const {}
    void operator()(const stripe::Payout&) const {}
    void operator()(const stripe::Mirror&) const {}
    void operator()(const stripe::PaymentIntent& intent) const;
    void operator()(const stripe::Charge& charge) const;
    void operator()(const stripe::Refund& refund) const;
    void operator()(const stripe::Dispute& dispute) const;
    void operator()(const stripe::CheckoutSession& session) const;
    void operator()(const stripe::Invoice& invoice) const;
    void operator()(const stripe::InvoicePayment& payment) const;
    void operator()(const stripe::Subscription& subscription) const;

private:
    template <class Object>
    void about(const Object& object) const {
        identity(object.identity, origin::metadata);
        to_.created_at.offer(object.created);
    }
    void identity(const stripe::Identity& identity, std::int64_t source) const {
        to_.user.offer(source, identity.user_id);
        to_.product.offer(source, identity.product_id);
    }
    /// What every object that asks for money says of the people in it.
    template <class Object>
    void people(const Object& object) const {
        to_.user.offer(origin::customer, object.customer);
        to_.customer.offer(0, object.customer);
        to_.email.offer(0, object.email);
        if constexpr (requires { object.seller; }) {
            to_.seller.offer(0, event_.account.empty() ? object.seller : event_.account);
        }
    }
    void canceled(std::string_view id, std::int64_t at) const {
        to_.canceled[std::string(id)].offer(at);
    }
    void failed() const { to_.failed_at = std::max(to_.failed_at, event_.created); }
    void link(std::string_view container, std::string_view payment) const {
        if (!container.empty() && !payment.empty())
            insert_sorted(to_.links, {std::string(container), std::string(payment)});
    }

    Purchase& to_;
    const Event& event_;
};

void Adder::operator()(const stripe::PaymentIntent& intent) const {
    about(intent);
    people(intent);
    link(intent.invoice, intent.id);
    if (intent.status == "succeeded") to_.paid_at.offer(event_.created);
    if (intent.status == "canceled")
        canceled(intent.id, intent.canceled_at > 0 ? intent.canceled_at : event_.created);
    if (intent.failed) failed();
    to_.payments[std::string(intent.id)].see(event_.created, event_.order,
                                             {.status = std::string(intent.status),
                                              .currency = std::string(intent.currency),
                                              .latest_charge = std::string(intent.latest_charge),
                                              .failure_code = std::string(intent.failure_code),
                                              .amount = intent.amount,
                                              .received = intent.amount_received,
                                              .created = intent.created,
                                              .application_fee = intent.application_fee_amount,
                                              .failed = intent.failed,
                                              .lines = lines_of(intent.lines)});
    for (const auto& sold : intent.lines)
        to_.product.offer(origin::line, sold.product);
    for (const auto& charge : intent.charges)
        (*this)(charge);
}

void Adder::operator()(const stripe::Charge& charge) const {
    about(charge);
    people(charge);
    link(charge.invoice, charge.payment_intent.empty() ? charge.id : charge.payment_intent);
    see(event_, charge, to_.charges[std::string(charge.id)]);
    if (charge.captured && charge.status == "succeeded") to_.paid_at.offer(event_.created);
    if (charge.status == "failed") failed();
    for (const auto& refund : charge.refunds)
        (*this)(refund);
}

void Adder::operator()(const stripe::Refund& refund) const {
    about(refund);
    see(event_, refund, to_.refunds[std::string(refund.id)]);
}

void Adder::operator()(const stripe::Dispute& dispute) const {
    about(dispute);
    auto& facts = to_.disputes[std::string(dispute.id)];
    DisputeState state{.charge = std::string(dispute.charge),
                       .payment_intent = std::string(dispute.payment_intent),
                       .status = std::string(dispute.status),
                       .currency = std::string(dispute.currency),
                       .reason = std::string(dispute.reason),
                       .amount = dispute.amount,
                       .evidence_due_by = dispute.evidence_due_by,
                       .created = dispute.created};
    if (state.closed()) facts.closed[state.status].offer(event_.created);
    facts.state.see(event_.created, event_.order, std::move(state));
}

void Adder::operator()(const stripe::CheckoutSession& session) const {
    about(session);
    people(session);
    to_.user.offer(origin::client_reference, session.client_reference_id);
    link(session.id, session.payment_intent);
    auto& facts = to_.sessions[std::string(session.id)];
    SessionState state{.status = std::string(session.status),
                       .payment_status = std::string(session.payment_status),
                       .currency = std::string(session.currency),
                       .subscription = std::string(session.subscription),
                       .amount = session.amount_total,
                       .created = session.created,
                       .lines = lines_of(session.lines)};
    for (const auto& sold : state.lines)
        to_.product.offer(origin::line, sold.product);
    if (state.paid()) to_.paid_at.offer(event_.created);
    if (state.status == "expired") canceled(session.id, event_.created);
    if (event_.type == "checkout.session.async_payment_failed") {
        facts.failed = true;
        failed();
    }
    facts.state.see(event_.created, event_.order, std::move(state));
}

void Adder::operator()(const stripe::Invoice& invoice) const {
    about(invoice);
    people(invoice);
    identity(invoice.inherited, origin::inherited_metadata);
    for (const auto intent : invoice.payment_intents)
        link(invoice.id, intent);
    if (invoice.payment_intents.empty()) link(invoice.id, invoice.charge);
    auto& facts = to_.invoices[std::string(invoice.id)];
    const bool deleted = event_.type == "invoice.deleted";  // its last snapshot is still a draft
    InvoiceState state{.status = std::string(deleted ? "void" : invoice.status),
                       .billing_reason = std::string(invoice.billing_reason),
                       .subscription = std::string(invoice.subscription),
                       .currency = std::string(invoice.currency),
                       .amount_due = invoice.amount_due,
                       .amount_paid = invoice.amount_paid,
                       .created = invoice.created,
                       .ended_at = invoice.ended_at,
                       .application_fee = invoice.application_fee_amount,
                       .lines = lines_of(invoice.lines)};
    for (const auto& line : state.lines)
        to_.product.offer(line.amount < 0 ? origin::credited_line : origin::line, line.product);
    if (state.paid()) {
        const auto paid_at = invoice.paid_at > 0 ? invoice.paid_at : event_.created;
        facts.paid_at.offer(paid_at);
        to_.paid_at.offer(paid_at);
    }
    if (state.status == "void" || state.status == "uncollectible")
        canceled(invoice.id, invoice.ended_at > 0 ? invoice.ended_at : event_.created);
    if (event_.type == "invoice.payment_failed") {
        facts.failed_at = std::max(facts.failed_at, event_.created);
        failed();
    }
    facts.state.see(event_.created, event_.order, std::move(state));
}

void Adder::operator()(const stripe::InvoicePayment& payment) const {
    link(payment.invoice, payment.payment_intent.empty() ? payment.charge : payment.payment_intent);
}

void Adder::operator()(const stripe::Subscription& subscription) const {
    about(subscription);
    to_.user.offer(origin::customer, subscription.customer);
    to_.customer.offer(0, subscription.customer);
    const auto state = [](const stripe::Subscription& from) {
        SubscriptionState to{.status = std::string(from.status),
                             .latest_invoice = std::string(from.latest_invoice),
                             .product = std::string(from.identity.product_id),
                             .trial_end = from.trial_end,
                             .ended_at = from.ended_at,
                             .created = from.created,
                             .cancel_at_period_end = from.cancel_at_period_end,
                             .products = {}};
        for (const auto& item : from.items)
            if (!item.product.empty()) to.products.emplace_back(item.product);
        return to;
    };
    std::optional<SubscriptionState> before;
    if (!subscription.before.empty()) before = state(subscription.before.front());
    to_.subscriptions[std::string(subscription.id)].see(
        event_.created, event_.order, state(subscription), std::move(before), event_.until);
}

}  // namespace

void see(const Event& event, const stripe::Charge& charge, ChargeFacts& facts) {
    std::optional<RefundedAmount> before;
    if (charge.amount_refunded_before) before = RefundedAmount{*charge.amount_refunded_before};
    facts.refunded.see(event.created, event.order, {charge.amount_refunded}, before, event.until);
    ChargeState state{.payment_intent = std::string(charge.payment_intent),
                      .status = std::string(charge.status),
                      .currency = std::string(charge.currency),
                      .seller = std::string(event.account.empty() ? charge.seller : event.account),
                      .balance_transaction = std::string(charge.balance_transaction),
                      .transfer = std::string(charge.transfer),
                      .failure_code = std::string(charge.failure_code),
                      .amount = charge.amount,
                      .amount_captured = charge.amount_captured,
                      .created = charge.created,
                      .application_fee = charge.application_fee_amount,
                      .captured = charge.captured};
    if (state.collected()) {
        facts.least_refunded =
            std::min(facts.least_refunded.value_or(charge.amount_refunded), charge.amount_refunded);
        if (charge.amount_refunded > 0) facts.refunded_at.offer(event.created);
    }
    facts.state.see(event.created, event.order, std::move(state));
}

void see(const Event& event, const stripe::Refund& refund, RefundFacts& facts) {
    RefundState state{.charge = std::string(refund.charge),
                      .payment_intent = std::string(refund.payment_intent),
                      .status = std::string(refund.status),
                      .currency = std::string(refund.currency),
                      .reason = std::string(refund.reason),
                      .failure_reason = std::string(refund.failure_reason),
                      .balance_transaction = std::string(refund.balance_transaction),
                      .amount = refund.amount,
                      .created = refund.created,
                      .lines = refund.lines};
    if (state.bounced()) facts.bounced_at.offer(event.created);
    facts.state.see(event.created, event.order, std::move(state));
}

const std::vector<LineState>& lines_in_metadata(const Purchase& purchase) {
    static const std::vector<LineState> none;
    const PaymentState* newest = nullptr;
    for (const auto& [id_, facts] : purchase.payments) {
        const auto& payment = facts.value;
        if (payment.lines.empty()) continue;
        if (!newest || payment.created >= newest->created) newest = &payment;
    }
    return newest ? newest->lines : none;
}

std::int64_t DisputeFacts::closed_at() const {
    const auto found = closed.find(state.value.status);
    return found == closed.end() ? 0 : found->second.time;
}

std::int64_t Purchase::canceled_at() const {
    std::int64_t last = 0;
    for (const auto& [id_, at] : canceled)
        last = std::max(last, at.time);
    return last;
}

void Purchase::add(const Event& event) {
    std::visit(Adder(*this, event), event.object);
    account.offer(0, event.account);
    insert_sorted(positions, event.position);
    cap(positions);
}

void Purchase::merge(Purchase&& other) {
    unite(nodes, std::move(other.nodes));
    unite(part_of, std::move(other.part_of));
    unite(positions, std::move(other.positions));
    cap(positions);
    unite(links, std::move(other.links));
    user.offer(other.user.rank, other.user.text);
    product.offer(other.product.rank, other.product.text);
    customer.offer(other.customer.rank, other.customer.text);
    email.offer(other.email.rank, other.email.text);
    seller.offer(other.seller.rank, other.seller.text);
    account.offer(other.account.rank, other.account.text);
    created_at.offer(other.created_at.time);
    paid_at.offer(other.paid_at.time);
    merge_times(canceled, other.canceled);
    failed_at = std::max(failed_at, other.failed_at);
    const auto whole = [](auto& into, auto&& from) { into.merge(std::move(from)); };
    const auto state = [](auto& into, auto& from) { into.state.merge(std::move(from.state)); };
    merge_each(payments, std::move(other.payments), whole);
    merge_each(subscriptions, std::move(other.subscriptions), whole);
    merge_each(charges, std::move(other.charges), [&](ChargeFacts& into, ChargeFacts&& from) {
        state(into, from);
        into.refunded.merge(std::move(from.refunded));
        if (from.least_refunded)
            into.least_refunded =
                std::min(into.least_refunded.value_or(*from.least_refunded), *from.least_refunded);
        into.refunded_at.offer(from.refunded_at.time);
    });
    merge_each(refunds, std::move(other.refunds), [&](RefundFacts& into, RefundFacts&& from) {
        state(into, from);
        into.bounced_at.offer(from.bounced_at.time);
    });
    merge_each(disputes, std::move(other.disputes), [&](DisputeFacts& into, DisputeFacts&& from) {
        state(into, from);
        merge_times(into.closed, from.closed);
    });
    merge_each(sessions, std::move(other.sessions), [&](SessionFacts& into, SessionFacts&& from) {
        state(into, from);
        into.failed = into.failed || from.failed;
    });
    merge_each(invoices, std::move(other.invoices), [&](InvoiceFacts& into, InvoiceFacts&& from) {
        state(into, from);
        into.paid_at.offer(from.paid_at.time);
        into.failed_at = std::max(into.failed_at, from.failed_at);
    });
}

}  // namespace daybook::projections
