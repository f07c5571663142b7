// Stripe's objects as the folds see them: only the fields they need, the same for every API
// version.
#pragma once

#include <projections/stripe/mirror.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// All text lives in the arena of the batch. Money is in minor units, times are Unix seconds, and
// 0 or empty means that Stripe sent null or nothing.
namespace daybook::projections::stripe {

/// What the marketplace wrote into the metadata of an object.
struct Identity {
    std::string_view order_id;
    std::string_view user_id;
    std::string_view product_id;
};

/// Of a line of an order, as metadata name it: its number, and how many of it.
using LinePart = std::pair<std::int64_t, std::int64_t>;

struct Refund {
    std::string_view id;
    std::string_view charge;
    std::string_view payment_intent;
    std::string_view status;
    std::string_view currency;
    std::string_view reason;
    std::string_view failure_reason;
    std::string_view balance_transaction;
    std::int64_t amount = 0;
    std::int64_t created = 0;
    Identity identity;
    std::vector<LinePart> lines;  ///< from its metadata, by number
};

struct Charge {
    std::string_view id;
    std::string_view payment_intent;
    std::string_view invoice;  ///< before basil only
    std::string_view status;
    std::string_view currency;
    std::string_view customer;
    std::string_view email;
    std::string_view seller;  ///< transfer_data.destination, else on_behalf_of
    std::string_view balance_transaction;
    std::string_view transfer;
    std::string_view failure_code;
    std::int64_t amount = 0;
    std::int64_t amount_captured = 0;
    std::int64_t amount_refunded = 0;
    std::optional<std::int64_t> amount_refunded_before;  ///< from previous_attributes
    std::optional<std::int64_t> application_fee_amount;
    std::int64_t created = 0;
    bool captured = false;
    Identity identity;
    bool lists_refunds = false;   ///< before 2022-11-15: refunds may name the charge alone
    std::vector<Refund> refunds;  ///< of that list
};

/// One line of an invoice, of an expanded checkout session, or of an order in metadata.
struct Line {
    std::string_view price;
    std::string_view product;
    std::string_view description;
    std::string_view currency;
    std::int64_t quantity = 0;
    std::int64_t amount = 0;
    std::int64_t period_end = 0;
};

struct PaymentIntent {
    std::string_view id;
    std::string_view invoice;  ///< before basil only
    std::string_view status;
    std::string_view currency;
    std::string_view customer;
    std::string_view email;
    std::string_view seller;
    std::string_view latest_charge;
    std::string_view failure_code;
    std::int64_t amount = 0;
    std::int64_t amount_received = 0;
    std::optional<std::int64_t> application_fee_amount;
    std::int64_t created = 0;
    std::int64_t canceled_at = 0;
    bool failed = false;  ///< it has a last_payment_error
    Identity identity;
    std::vector<Line> lines;      ///< of the order, from its metadata
    std::vector<Charge> charges;  ///< before 2022-11-15 only
};

struct Dispute {
    std::string_view id;
    std::string_view charge;
    std::string_view payment_intent;
    std::string_view status;
    std::string_view currency;
    std::string_view reason;
    std::int64_t amount = 0;
    std::int64_t evidence_due_by = 0;
    std::int64_t created = 0;
    Identity identity;
};

struct CheckoutSession {
    std::string_view id;
    std::string_view mode;
    std::string_view status;
    std::string_view payment_status;
    std::string_view payment_intent;
    std::string_view invoice;
    std::string_view subscription;
    std::string_view currency;
    std::string_view customer;
    std::string_view email;
    std::string_view client_reference_id;
    std::int64_t amount_total = 0;
    std::int64_t created = 0;
    Identity identity;
    std::vector<Line> lines;  ///< when somebody expanded them, else from its metadata
};

struct SubscriptionItem {
    std::string_view id;
    std::string_view price;
    std::string_view product;
    std::int64_t quantity = 0;
    std::int64_t period_start = 0;
    std::int64_t period_end = 0;
};

struct Subscription {
    std::string_view id;
    std::string_view status;
    std::string_view customer;
    std::string_view latest_invoice;
    std::string_view currency;
    std::string_view collection_method;
    std::string_view default_payment_method;
    std::string_view seller;          ///< transfer_data.destination
    std::string_view seller_percent;  ///< transfer_data.amount_percent: "87.5"
    std::string_view fee_percent;     ///< application_fee_percent
    std::string_view pause_behavior;  ///< pause_collection
    std::int64_t pause_resumes_at = 0;
    std::int64_t trial_start = 0;
    std::int64_t trial_end = 0;
    std::int64_t period_start = 0;  ///< before basil only; later each item has its own
    std::int64_t period_end = 0;
    std::int64_t cancel_at = 0;
    std::int64_t canceled_at = 0;
    std::int64_t ended_at = 0;
    std::int64_t created = 0;
    bool cancel_at_period_end = false;
    Identity identity;
    Metadata metadata;
    std::vector<SubscriptionItem> items;
    std::vector<Subscription> before;  ///< at most one: what previous_attributes take it back to
};

struct Invoice {
    std::string_view id;
    std::string_view status;
    std::string_view billing_reason;
    std::string_view subscription;
    std::string_view charge;  ///< before basil only
    std::string_view currency;
    std::string_view customer;
    std::string_view email;
    std::string_view seller;
    std::int64_t amount_due = 0;
    std::int64_t amount_paid = 0;
    std::optional<std::int64_t> application_fee_amount;
    std::int64_t created = 0;
    std::int64_t paid_at = 0;
    std::int64_t ended_at = 0;  ///< voided or marked uncollectible
    Identity identity;
    Identity inherited;  ///< the subscription's metadata as this invoice remembers it
    std::vector<std::string_view> payment_intents;
    std::vector<Line> lines;
};

struct InvoicePayment {
    std::string_view id;
    std::string_view invoice;
    std::string_view payment_intent;
    std::string_view charge;
    std::string_view status;
};

struct Account {
    std::string_view id;
    std::string_view country;
    std::string_view email;
    std::string_view type;
    std::string_view disabled_reason;
    std::string_view errors = "[]";  ///< requirements.errors as JSON
    std::int64_t current_deadline = 0;
    std::int64_t created = 0;
    bool charges_enabled = false;
    bool payouts_enabled = false;
    bool details_submitted = false;
    std::vector<std::string_view> currently_due;
    std::vector<std::string_view> past_due;
    std::vector<std::string_view> eventually_due;
    std::vector<std::string_view> pending_verification;
    std::vector<std::pair<std::string_view, std::string_view>> capabilities;  ///< name, status
    Metadata metadata;
    std::vector<Account> before;  ///< at most one: what previous_attributes take it back to
};

struct Capability {
    std::string_view id;  ///< for example transfers
    std::string_view account;
    std::string_view status;
    std::string_view status_before;  ///< empty when previous_attributes do not name it
};

/// A bank account or card that payouts go to.
struct ExternalAccount {
    std::string_view id;
    std::string_view account;
    std::string_view kind;  ///< bank_account or card
    std::string_view last4;
    std::string_view bank_name;
    std::string_view status;
    bool is_default = false;
};

/// account.application.authorized or .deauthorized; the account is in the event alone.
struct Authorization {
    bool authorized = false;
};

struct Payout {
    std::string_view id;
    std::string_view status;
    std::string_view currency;
    std::string_view method;
    std::string_view type;
    std::string_view failure_code;
    std::string_view failure_message;
    std::string_view destination;
    std::string_view balance_transaction;
    std::string_view failure_balance_transaction;
    std::string_view reconciliation_status;
    std::string_view trace_id;
    std::int64_t amount = 0;
    std::int64_t arrival_date = 0;
    std::int64_t created = 0;
    bool automatic = false;
};

using Object = std::variant<std::monostate, PaymentIntent, Charge, Refund, Dispute, CheckoutSession,
                            Subscription, Invoice, InvoicePayment, Account, Capability,
                            ExternalAccount, Authorization, Payout, Mirror>;

}  // namespace daybook::projections::stripe
