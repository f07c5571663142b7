// Everything known of one purchase: the Stripe objects that belong together, joined without order.
#pragma once

#include <projections/event.hpp>
#include <projections/latest.hpp>
#include <projections/rows.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

// Every member is a join: a maximum, a minimum or a union. So merging two purchases, or folding
// events in any order any number of times, comes to the same value.
namespace daybook::projections {

/// The best known text: the smallest by (rank, text). Lower ranks are better sources.
struct Choice {
    std::int64_t rank = 0;
    std::string text;  ///< empty: nothing known
    void offer(std::int64_t source, std::string_view candidate);
    BOOST_DESCRIBE_CLASS(Choice, (), (rank, text), (), ())
};

/// A minimum of times; 0 while there is none.
struct Earliest {
    std::int64_t time = 0;
    void offer(std::int64_t candidate);
    BOOST_DESCRIBE_CLASS(Earliest, (), (time), (), ())
};

struct LineState {
    std::string price, product, description, currency;
    std::int64_t quantity = 0, amount = 0, period_end = 0;
    BOOST_DESCRIBE_CLASS(LineState, (),
                         (price, product, description, currency, quantity, amount, period_end), (),
                         ())
};

struct PaymentState {
    std::string status, currency, latest_charge, failure_code;
    std::int64_t amount = 0, received = 0, created = 0;
    std::optional<std::int64_t> application_fee;
    bool failed = false;
    std::vector<LineState> lines;  ///< of the order, where its metadata have them
    [[nodiscard]] std::int64_t finality() const;
    [[nodiscard]] std::int64_t rank() const;
    BOOST_DESCRIBE_CLASS(PaymentState, (),
                         (status, currency, latest_charge, failure_code, amount, received, created,
                          application_fee, failed, lines),
                         (), ())
};

struct ChargeState {
    std::string payment_intent, status, currency, seller, balance_transaction, transfer,
        failure_code;
    std::int64_t amount = 0, amount_captured = 0, created = 0;
    std::optional<std::int64_t> application_fee;
    bool captured = false;
    [[nodiscard]] bool collected() const { return captured && status == "succeeded"; }
    [[nodiscard]] std::int64_t rank() const;
    BOOST_DESCRIBE_CLASS(ChargeState, (),
                         (payment_intent, status, currency, seller, balance_transaction, transfer,
                          failure_code, amount, amount_captured, created, application_fee,
                          captured),
                         (), ())
};

/// charge.amount_refunded: it grows, and shrinks only when previous_attributes say so.
struct RefundedAmount {
    std::int64_t amount = 0;
    [[nodiscard]] auto tracked() const { return std::tuple(amount); }
    [[nodiscard]] std::int64_t tie() const { return amount; }
    bool operator==(const RefundedAmount&) const = default;
    BOOST_DESCRIBE_CLASS(RefundedAmount, (), (amount), (), ())
};

struct ChargeFacts {
    Newest<ChargeState> state;
    Latest<RefundedAmount> refunded;
    std::optional<std::int64_t> least_refunded;  ///< the smallest seen since the capture
    Earliest refunded_at;
    BOOST_DESCRIBE_CLASS(ChargeFacts, (), (state, refunded, least_refunded, refunded_at), (), ())
};

struct RefundState {
    std::string charge, payment_intent, status, currency, reason, failure_reason,
        balance_transaction;
    std::int64_t amount = 0, created = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> lines;  ///< of the order: number, quantity
    [[nodiscard]] bool bounced() const { return status == "failed" || status == "canceled"; }
    [[nodiscard]] std::int64_t finality() const;
    [[nodiscard]] std::int64_t rank() const { return balance_transaction.empty() ? 0 : 1; }
    BOOST_DESCRIBE_CLASS(RefundState, (),
                         (charge, payment_intent, status, currency, reason, failure_reason,
                          balance_transaction, amount, created, lines),
                         (), ())
};

struct RefundFacts {
    Newest<RefundState> state;
    Earliest bounced_at;
    BOOST_DESCRIBE_CLASS(RefundFacts, (), (state, bounced_at), (), ())
};

struct DisputeState {
    std::string charge, payment_intent, status, currency, reason;
    std::int64_t amount = 0, evidence_due_by = 0, created = 0;
    [[nodiscard]] bool inquiry() const { return status.starts_with("warning_"); }
    [[nodiscard]] bool lost() const { return status == "lost"; }
    [[nodiscard]] bool closed() const;
    [[nodiscard]] std::int64_t rank() const;
    BOOST_DESCRIBE_CLASS(DisputeState, (),
                         (charge, payment_intent, status, currency, reason, amount, evidence_due_by,
                          created),
                         (), ())
};

struct DisputeFacts {
    Newest<DisputeState> state;
    std::map<std::string, Earliest> closed;  ///< by the status it was closed with
    /// When it came to the status it has: an appeal closes a dispute again. 0 while it is open.
    [[nodiscard]] std::int64_t closed_at() const;
    BOOST_DESCRIBE_CLASS(DisputeFacts, (), (state, closed), (), ())
};

struct SessionState {
    std::string status, payment_status, currency, subscription;
    std::int64_t amount = 0, created = 0;
    std::vector<LineState> lines;
    [[nodiscard]] bool paid() const;
    [[nodiscard]] std::int64_t finality() const;
    BOOST_DESCRIBE_CLASS(SessionState, (),
                         (status, payment_status, currency, subscription, amount, created, lines),
                         (), ())
};

struct SessionFacts {
    Newest<SessionState> state;
    bool failed = false;  ///< checkout.session.async_payment_failed was seen
    BOOST_DESCRIBE_CLASS(SessionFacts, (), (state, failed), (), ())
};

struct InvoiceState {
    std::string status, billing_reason, subscription, currency;
    std::int64_t amount_due = 0, amount_paid = 0, created = 0, ended_at = 0;
    std::optional<std::int64_t> application_fee;
    std::vector<LineState> lines;
    [[nodiscard]] bool paid() const { return status == "paid"; }
    [[nodiscard]] std::int64_t finality() const;
    BOOST_DESCRIBE_CLASS(InvoiceState, (),
                         (status, billing_reason, subscription, currency, amount_due, amount_paid,
                          created, ended_at, application_fee, lines),
                         (), ())
};

struct InvoiceFacts {
    Newest<InvoiceState> state;
    Earliest paid_at;
    std::int64_t failed_at = 0;  ///< the last invoice.payment_failed
    BOOST_DESCRIBE_CLASS(InvoiceFacts, (), (state, paid_at, failed_at), (), ())
};

struct SubscriptionState {
    std::string status, latest_invoice;
    std::string product;  ///< that its own metadata name
    std::int64_t trial_end = 0, ended_at = 0, created = 0;
    bool cancel_at_period_end = false;
    std::vector<std::string> products;
    [[nodiscard]] auto tracked() const {
        return std::tie(status, latest_invoice, product, trial_end, cancel_at_period_end, products);
    }
    [[nodiscard]] std::int64_t finality() const;
    [[nodiscard]] std::int64_t rank() const { return status == "incomplete" ? 0 : 1; }
    bool operator==(const SubscriptionState&) const = default;
    BOOST_DESCRIBE_CLASS(SubscriptionState, (),
                         (status, latest_invoice, product, trial_end, ended_at, created,
                          cancel_at_period_end, products),
                         (), ())
};

/// Adds what a snapshot says of a charge or a refund.
void see(const Event& event, const stripe::Charge& charge, ChargeFacts& facts);
void see(const Event& event, const stripe::Refund& refund, RefundFacts& facts);

/// A seller's account has a copy of each destination charge and its refunds: no second sale.
bool mirrored(const Event& event, std::string_view payment_intent, std::string_view charge);

/// What the metadata of an object name. Those on a connected account's own objects are the
/// account's to write, so they name what is its own, `acct_…:name`, and never an order or a product
/// of the platform or of another seller. What the platform itself calls `acct_…:name` becomes
/// `platform:acct_…:name`.
std::string name_within(std::string_view account, std::string_view name);

/// An order: each invoice of a subscription is one of its own. Or a subscription: then all orders
/// that are part of it, joined, and what is known of the subscription itself.
struct Purchase {
    std::vector<std::string> nodes;       ///< sorted: every name this purchase is known by
    std::vector<std::string> part_of;     ///< sorted: ids of the subscriptions it belongs to
    std::vector<std::int64_t> positions;  ///< sorted: the newest events that it was made from
    Choice user, product, customer, email, seller;
    Choice account;  ///< the connected account that its objects are on; empty: the platform
    Earliest created_at, paid_at;
    std::map<std::string, Earliest> canceled;  ///< when, by the id of what was
    std::int64_t failed_at = 0;
    std::map<std::string, Newest<PaymentState>> payments;
    std::map<std::string, ChargeFacts> charges;
    std::map<std::string, RefundFacts> refunds;
    std::map<std::string, DisputeFacts> disputes;
    std::map<std::string, SessionFacts> sessions;
    std::map<std::string, InvoiceFacts> invoices;
    std::map<std::string, Latest<SubscriptionState>> subscriptions;
    std::vector<std::pair<std::string, std::string>> links;  ///< sorted: (in_ or cs_, pi_ or ch_)

    void add(const Event& event);
    void merge(Purchase&& other);

    /// The marketplace's order id; empty when no object of this purchase names one.
    [[nodiscard]] std::string_view order_id() const;

    /// What the marketplace calls a product of this purchase.
    [[nodiscard]] std::string product_name(std::string_view product_id) const {
        return name_within(account.text, product_id);
    }

    /// When the last of what was canceled was; 0 when nothing was.
    [[nodiscard]] std::int64_t canceled_at() const;

    BOOST_DESCRIBE_CLASS(Purchase, (),
                         (nodes, part_of, positions, user, product, customer, email, seller,
                          account, created_at, paid_at, canceled, failed_at, payments, charges,
                          refunds, disputes, sessions, invoices, subscriptions, links),
                         (), ())
};

/// The lines that the newest payment with any names in its metadata: an order that has neither an
/// invoice nor a session has them there.
const std::vector<LineState>& lines_in_metadata(const Purchase& purchase);

/// The ranks of Purchase::user and ::product: where they come from, best first.
namespace origin {
constexpr std::int64_t metadata = 0, inherited_metadata = 1, client_reference = 2, line = 3,
                       credited_line = 4, customer = 5;
}

/// Files the event under every name it gives, and joins purchases that turn out to be one; then
/// joins a copy into each subscription that the purchase is part of. Ignores events that are no
/// part of a purchase. The key of an order is the first of its names, so keys are independent of
/// order too.
void record(const Event& event, Rows<Purchase>& rows);

/// The name of what orders and entitlements share (Projection::states).
inline constexpr char purchase_states[] = "purchases";

/// The subscription that this key stands for; empty for an order's.
std::string_view subscription_in(std::string_view key);

}  // namespace daybook::projections
