// The payouts projection: money on its way from Stripe to the banks of sellers and platform.
#include <projections/latest.hpp>
#include <projections/projection.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>
#include <array>

namespace daybook::projections {

namespace {

constexpr Column columns[] = {{"payout_id", Type::text, Use::key},
                              {"account_id"},
                              {"status"},
                              {"amount", Type::bigint},
                              {"currency"},
                              {"method"},
                              {"type"},
                              {"automatic", Type::boolean},
                              {"arrival_date", Type::timestamp},
                              {"failure_code"},
                              {"failure_message"},
                              {"destination"},
                              {"balance_transaction_id"},
                              {"failure_balance_transaction_id"},
                              {"reconciliation_status"},
                              {"trace_id"},
                              {"created_at", Type::timestamp},
                              {"paid_at", Type::timestamp},
                              {"failed_at", Type::timestamp},
                              {"events", Type::json, Use::trace}};
constexpr const char* indexes[] = {"account_id, created_at", "status, arrival_date", "created_at"};
constexpr Table tables[] = {{"payouts", columns, indexes}};

constexpr std::string_view types[] = {"payout.created",   "payout.updated",
                                      "payout.paid",      "payout.failed",
                                      "payout.canceled",  "payout.reconciliation_completed",
                                      "action.succeeded", action_object};

constexpr std::size_t positions_max = 100;

template <std::size_t Size>
std::int64_t place_in(const std::array<std::string_view, Size>& ladder, std::string_view status) {
    const auto found = std::ranges::find(ladder, status);
    return found == ladder.end() ? 0 : found - ladder.begin() + 1;
}

struct PayoutState {
    std::string account, status, currency, method, type, failure_code, failure_message, destination,
        balance_transaction, failure_balance_transaction, reconciliation_status, trace_id;
    std::int64_t amount = 0, arrival_date = 0, created = 0;
    bool automatic = false;

    /// Paid only means expected to have arrived: a payout can fail days later, and that is final.
    [[nodiscard]] std::int64_t finality() const {
        return place_in(std::to_array<std::string_view>(
                            {"pending", "in_transit", "paid", "canceled", "failed"}),
                        status);
    }
    /// What Stripe fills in later, often within the second of the change that it belongs to.
    [[nodiscard]] std::int64_t rank() const {
        return place_in(std::to_array<std::string_view>({"in_progress", "completed"}),
                        reconciliation_status) *
                   4 +
               (trace_id.empty() ? 0 : 2) + (failure_balance_transaction.empty() ? 0 : 1);
    }
    BOOST_DESCRIBE_CLASS(PayoutState, (),
                         (account, status, currency, method, type, failure_code, failure_message,
                          destination, balance_transaction, failure_balance_transaction,
                          reconciliation_status, trace_id, amount, arrival_date, created,
                          automatic),
                         (), ())
};

struct PayoutFacts {
    Newest<PayoutState> state;
    std::int64_t paid_at = 0;    ///< the first event that showed it paid
    std::int64_t failed_at = 0;  ///< the first that showed it failed
    std::string trace_id;        ///< once known it stays, even when an older snapshot wins
    bool reconciled = false;
    std::vector<std::int64_t> positions;
    BOOST_DESCRIBE_CLASS(PayoutFacts, (),
                         (state, paid_at, failed_at, trace_id, reconciled, positions), (), ())
};

void offer_earliest(std::int64_t& time, std::int64_t candidate) {
    if (time == 0 || candidate < time) time = candidate;
}

struct Rules {
    using State = PayoutFacts;

    static void apply(const Event& event, Rows<State>& rows) {
        const auto* payout = std::get_if<stripe::Payout>(&event.object);
        if (!payout) return;
        auto& facts = rows.at(payout->id);
        if (payout->status == "paid") offer_earliest(facts.paid_at, event.created);
        if (payout->status == "failed") offer_earliest(facts.failed_at, event.created);
        facts.trace_id = std::max(facts.trace_id, std::string(payout->trace_id));
        facts.reconciled = facts.reconciled || payout->reconciliation_status == "completed";
        const auto place = std::ranges::lower_bound(facts.positions, event.position);
        if (place == facts.positions.end() || *place != event.position)
            facts.positions.insert(place, event.position);
        if (facts.positions.size() > positions_max) facts.positions.erase(facts.positions.begin());
        facts.state.see(
            event.created, event.order,
            {.account = std::string(event.account),
             .status = std::string(payout->status),
             .currency = std::string(payout->currency),
             .method = std::string(payout->method),
             .type = std::string(payout->type),
             .failure_code = std::string(payout->failure_code),
             .failure_message = std::string(payout->failure_message),
             .destination = std::string(payout->destination),
             .balance_transaction = std::string(payout->balance_transaction),
             .failure_balance_transaction = std::string(payout->failure_balance_transaction),
             .reconciliation_status = std::string(payout->reconciliation_status),
             .trace_id = std::string(payout->trace_id),
             .amount = payout->amount,
             .arrival_date = payout->arrival_date,
             .created = payout->created,
             .automatic = payout->automatic});
    }

    static void derive(std::string_view key, const State& facts, RowSink& sink) {
        const auto& payout = facts.state.value;
        sink.row(0)
            .text(key)
            .text(payout.account)
            .text(payout.status)
            .number(payout.amount)
            .text(payout.currency)
            .text_or_null(payout.method)
            .text_or_null(payout.type)
            .boolean(payout.automatic)
            .time_or_null(payout.arrival_date)
            .text_or_null(payout.failure_code)
            .text_or_null(payout.failure_message)
            .text_or_null(payout.destination)
            .text_or_null(payout.balance_transaction)
            .text_or_null(payout.failure_balance_transaction)
            .text_or_null(facts.reconciled ? "completed" : payout.reconciliation_status)
            .text_or_null(facts.trace_id)
            .time_or_null(payout.created)
            .time_or_null(facts.paid_at)
            .time_or_null(facts.failed_at)
            .json(stripe::json_list(facts.positions));
    }
};

}  // namespace

extern const Projection payouts;
const Projection payouts = {"payouts", 3, tables, types, make_fold<Rules>};

}  // namespace daybook::projections
