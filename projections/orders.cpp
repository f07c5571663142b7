// The orders projection: what was bought, by whom, from whom, and where the money of it stands.
#include <ledger/sha256.hpp>
#include <projections/projection.hpp>
#include <projections/purchase.hpp>
#include <projections/purchase_types.hpp>
#include <projections/standing.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>

namespace daybook::projections {

namespace {

constexpr Column order_columns[] = {{"order_id", Type::text, Use::key},
                                    {"order_number"},
                                    {"status"},
                                    {"amount", Type::bigint},
                                    {"amount_refunded", Type::bigint},
                                    {"application_fee_amount", Type::bigint},
                                    {"currency"},
                                    {"buyer_id"},
                                    {"customer_id"},
                                    {"buyer_email"},
                                    {"seller_account"},
                                    {"product_id"},
                                    {"payment_intent_id"},
                                    {"charge_id"},
                                    {"checkout_session_id"},
                                    {"subscription_id"},
                                    {"invoice_id"},
                                    {"failure_code"},
                                    {"complete", Type::boolean},
                                    {"missing", Type::json},
                                    {"created_at", Type::timestamp},
                                    {"paid_at", Type::timestamp},
                                    {"refunded_at", Type::timestamp},
                                    {"disputed_at", Type::timestamp},
                                    {"canceled_at", Type::timestamp},
                                    {"failed_at", Type::timestamp},
                                    {"events", Type::json, Use::trace}};
// Most orders are paid: those are found among all.
constexpr const char* order_indexes[] = {"created_at, order_id",
                                         "status, created_at WHERE status <> 'paid'",
                                         "buyer_id, created_at", "seller_account, created_at"};

constexpr Column item_columns[] = {{"order_id", Type::text, Use::key},
                                   {"item_no", Type::bigint, Use::key},
                                   {"product_id"},
                                   {"price_id"},
                                   {"description"},
                                   {"quantity", Type::bigint},
                                   {"amount", Type::bigint},
                                   {"currency"},
                                   {"events", Type::json, Use::trace}};

constexpr Column transaction_columns[] = {{"order_id", Type::text, Use::key},
                                          {"transaction_id", Type::text, Use::key},
                                          {"kind"},
                                          {"payment_intent_id"},
                                          {"charge_id"},
                                          {"status"},
                                          {"amount", Type::bigint},
                                          {"amount_captured", Type::bigint},
                                          {"amount_refunded", Type::bigint},
                                          {"application_fee_amount", Type::bigint},
                                          {"currency"},
                                          {"seller_account"},
                                          {"balance_transaction_id"},
                                          {"transfer_id"},
                                          {"failure_code"},
                                          {"created_at", Type::timestamp},
                                          {"events", Type::json, Use::trace}};

constexpr Column refund_columns[] = {{"order_id", Type::text, Use::key},
                                     {"refund_id", Type::text, Use::key},
                                     {"charge_id"},
                                     {"payment_intent_id"},
                                     {"amount", Type::bigint},
                                     {"currency"},
                                     {"status"},
                                     {"reason"},
                                     {"failure_reason"},
                                     {"balance_transaction_id"},
                                     {"lines", Type::json},
                                     {"created_at", Type::timestamp},
                                     {"events", Type::json, Use::trace}};

constexpr Column dispute_columns[] = {{"order_id", Type::text, Use::key},
                                      {"dispute_id", Type::text, Use::key},
                                      {"charge_id"},
                                      {"amount", Type::bigint},
                                      {"currency"},
                                      {"status"},
                                      {"reason"},
                                      {"is_inquiry", Type::boolean},
                                      {"evidence_due_by", Type::timestamp},
                                      {"created_at", Type::timestamp},
                                      {"closed_at", Type::timestamp},
                                      {"events", Type::json, Use::trace}};
constexpr const char* transaction_indexes[] = {"payment_intent_id", "charge_id"};
constexpr const char* dispute_indexes[] = {"status, evidence_due_by", "dispute_id"};

enum TableIndex : std::size_t {
    orders_table,
    items_table,
    transactions_table,
    refunds_table,
    disputes_table
};
constexpr Table tables[] = {{"orders", order_columns, order_indexes},
                            {"order_items", item_columns, {}},
                            {"transactions", transaction_columns, transaction_indexes},
                            {"refunds", refund_columns, {}},
                            {"disputes", dispute_columns, dispute_indexes}};

/// What people read out on the phone: 50 bits of the order id's SHA-256 in Crockford's alphabet.
std::string order_number(std::string_view order_id) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    constexpr unsigned bits = 50, bits_each = 5, half = 25;
    std::uint64_t number = 0;
    for (const char byte : sha256(order_id).substr(0, sizeof number))
        number = number << 8 | static_cast<unsigned char>(byte);
    number >>= 64 - bits;
    std::string out = "DB-";
    for (unsigned shift = bits; shift > 0; shift -= bits_each) {
        if (shift == half) out += '-';
        out += alphabet[number >> (shift - bits_each) & 31];
    }
    return out;
}

/// What was refunded of which lines, as far as the refund says so.
std::string refunded_lines(const RefundState& refund) {
    JsonArray lines;
    for (const auto& [number, quantity] : refund.lines) {
        JsonObject line;
        lines.add(line.number("item_no", number).number("quantity", quantity).str());
    }
    return lines.str();
}

/// The id of the newest entry by its `created`; empty when there is none.
template <class Facts>
std::string_view newest_id(const std::map<std::string, Facts>& facts) {
    std::string_view newest;
    std::int64_t created = -1;
    for (const auto& [id, entry] : facts) {
        if (entry.state.value.created < created) continue;
        created = entry.state.value.created;
        newest = id;
    }
    return newest;
}

struct Writer {
    const Purchase& purchase;
    std::string_view order_id;
    Standing standing;
    std::string events;
    RowSink& sink;

    void write() const {
        order();
        items();
        transactions();
        refunds();
        disputes();
    }

private:
    [[nodiscard]] std::string_view subscription() const {
        for (const auto& [id_, facts] : purchase.invoices)
            if (!facts.state.value.subscription.empty()) return facts.state.value.subscription;
        for (const auto& [id_, facts] : purchase.sessions)
            if (!facts.state.value.subscription.empty()) return facts.state.value.subscription;
        return {};
    }

    /// A renewal is known by its invoice; nobody could have given it an order id of its own.
    [[nodiscard]] bool renewal() const {
        return std::ranges::any_of(purchase.invoices, [](const auto& entry) {
            const auto& state = entry.second.state.value;
            return !state.subscription.empty() && state.billing_reason != "subscription_create";
        });
    }

    [[nodiscard]] std::vector<std::string> missing() const {
        std::vector<std::string> names;
        if (purchase.order_id().empty() && !renewal()) names.emplace_back("order_id");
        if (purchase.user.text.empty() || purchase.user.rank == origin::customer)
            names.emplace_back("user_id");
        if (purchase.product.text.empty()) names.emplace_back("product_id");
        return names;
    }

    void order() const {
        const auto absent = missing();
        const auto status = standing.status;
        sink.row(orders_table)
            .text(order_id)
            .text(order_number(order_id))
            .text(status)
            .number(standing.amount)
            .number(standing.refunded)
            .number_or_null(standing.application_fee)
            .text_or_null(standing.currency)
            .text_or_null(purchase.user.text)
            .text_or_null(purchase.customer.text)
            .text_or_null(purchase.email.text)
            .text_or_null(purchase.seller.text)
            .text_or_null(purchase.product_name(purchase.product.text))
            .text_or_null(standing.payment_intent)
            .text_or_null(standing.charge)
            .text_or_null(newest_id(purchase.sessions))
            .text_or_null(subscription())
            .text_or_null(newest_id(purchase.invoices))
            .text_or_null(standing.failure_code)
            .boolean(absent.empty())
            .json(stripe::json_list(absent))
            .time_or_null(purchase.created_at.time)
            .time_or_null(standing.ever_paid ? purchase.paid_at.time : 0)
            .time_or_null(standing.refunded_at)
            .time_or_null(standing.disputed_at)
            .time_or_null(status == "canceled" ? purchase.canceled_at() : 0)
            .time_or_null(status == "failed" ? purchase.failed_at : 0)
            .json(events);
    }

    void items() const {
        std::int64_t number = 0;
        const auto write_lines = [&](const std::vector<LineState>& lines) {
            for (const auto& line : lines)
                item(++number, line);
        };
        for (const auto& [id_, facts] : purchase.invoices)
            write_lines(facts.state.value.lines);
        if (number > 0) return;  // a session that made an invoice sold the same things
        for (const auto& [id_, facts] : purchase.sessions)
            write_lines(facts.state.value.lines);
        if (number == 0) write_lines(lines_in_metadata(purchase));
        if (number == 0 && !purchase.product.text.empty())
            item(1, {{}, purchase.product.text, {}, {}, 1, standing.amount, 0});
    }

    void item(std::int64_t number, const LineState& line) const {
        sink.row(items_table)
            .text(order_id)
            .number(number)
            .text_or_null(
                purchase.product_name(line.product.empty() ? purchase.product.text : line.product))
            .text_or_null(line.price)
            .text_or_null(line.description)
            .number(line.quantity)
            .number(line.amount)
            .text_or_null(line.currency.empty() ? standing.currency : line.currency)
            .json(events);
    }

    void transactions() const {
        std::vector<std::string_view> charged;
        for (const auto& [id, facts] : purchase.charges) {
            const auto& charge = facts.state.value;
            charged.push_back(charge.payment_intent);
            sink.row(transactions_table)
                .text(order_id)
                .text(id)
                .text("charge")
                .text_or_null(charge.payment_intent)
                .text(id)
                .text(charge.status)
                .number(charge.amount)
                .number(charge.collected() ? charge.amount_captured : 0)
                .number(charge.collected() ? refunded_of(purchase, id) : 0)
                .number_or_null(charge.application_fee)
                .text(charge.currency)
                .text_or_null(charge.seller.empty() ? purchase.seller.text : charge.seller)
                .text_or_null(charge.balance_transaction)
                .text_or_null(charge.transfer)
                .text_or_null(charge.failure_code)
                .time_or_null(charge.created)
                .json(events);
        }
        for (const auto& [id, facts] : purchase.payments)
            if (std::ranges::find(charged, id) == charged.end()) uncharged(id, facts.value);
    }

    void uncharged(std::string_view id, const PaymentState& intent) const {
        sink.row(transactions_table)
            .text(order_id)
            .text(id)
            .text("payment_intent")
            .text(id)
            .text_or_null(intent.latest_charge)
            .text(intent.status)
            .number(intent.amount)
            .number(intent.received)
            .number(0)
            .number_or_null(intent.application_fee)
            .text(intent.currency)
            .text_or_null(purchase.seller.text)
            .text_or_null({})
            .text_or_null({})
            .text_or_null(intent.failure_code)
            .time_or_null(intent.created)
            .json(events);
    }

    void refunds() const {
        for (const auto& [id, facts] : purchase.refunds) {
            const auto& refund = facts.state.value;
            const auto intent = payment_of(purchase, refund.payment_intent, refund.charge);
            sink.row(refunds_table)
                .text(order_id)
                .text(id)
                .text_or_null(refund.charge)
                .text_or_null(intent == refund.charge ? std::string_view() : intent)
                .number(refund.amount)
                .text(refund.currency)
                .text_or_null(refund.status)
                .text_or_null(refund.reason)
                .text_or_null(refund.failure_reason)
                .text_or_null(refund.balance_transaction)
                .json(refunded_lines(refund))
                .time_or_null(refund.created)
                .json(events);
        }
    }

    void disputes() const {
        for (const auto& [id, facts] : purchase.disputes) {
            const auto& dispute = facts.state.value;
            sink.row(disputes_table)
                .text(order_id)
                .text(id)
                .text_or_null(dispute.charge)
                .number(dispute.amount)
                .text(dispute.currency)
                .text(dispute.status)
                .text_or_null(dispute.reason)
                .boolean(dispute.inquiry())
                .time_or_null(dispute.evidence_due_by)
                .time_or_null(dispute.created)
                .time_or_null(facts.closed_at())
                .json(events);
        }
    }
};

struct Rules {
    using State = Purchase;

    static void apply(const Event& event, Rows<State>& rows) { record(event, rows); }

    static void derive(std::string_view key, const Purchase& purchase, RowSink& sink) {
        // An order that only its subscription has named yet is none.
        if (!subscription_in(key).empty() || purchase.positions.empty()) return;
        const auto named = purchase.order_id();
        Writer{purchase, named.empty() ? key : named, standing(purchase),
               stripe::json_list(purchase.positions), sink}
            .write();
    }
};

}  // namespace

extern const Projection orders;
const Projection orders = {"orders", 10, tables, purchase_types, make_fold<Rules>, purchase_states};

}  // namespace daybook::projections
