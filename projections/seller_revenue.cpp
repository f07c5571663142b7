// The seller_revenue projection: what each seller sold, by day and currency, less what went back.
#include <projections/projection.hpp>
#include <projections/purchase.hpp>
#include <projections/standing.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>

namespace daybook::projections {

namespace {

constexpr Column columns[] = {{"seller_account", Type::text, Use::key},
                              {"currency", Type::text, Use::key},
                              {"day", Type::timestamp, Use::key},
                              {"charges", Type::bigint},
                              {"captured", Type::bigint},
                              {"refunded", Type::bigint},
                              {"events", Type::json, Use::trace}};
constexpr Table tables[] = {{"seller_revenue", columns, {}}};

constexpr std::string_view types[] = {
    "charge.succeeded", "charge.captured",       "charge.failed",    "charge.expired",
    "charge.updated",   "charge.refunded",       "refund.created",   "refund.updated",
    "refund.failed",    "charge.refund.updated", "action.succeeded", action_object};

constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::size_t positions_max = 100;

/// What one charge adds to the day on which it was made; nothing without a seller or a capture.
struct Sale {
    std::string seller, currency;
    std::int64_t day = 0;  ///< Unix seconds of its midnight, UTC
    std::int64_t charges = 0, captured = 0, refunded = 0;
    bool operator==(const Sale&) const = default;
    BOOST_DESCRIBE_CLASS(Sale, (), (seller, currency, day, charges, captured, refunded), (), ())
};

/// Two kinds of entities share a table: charges, which have no rows, and days, which are the sums
/// over the charges as those stand now. A charge that changes takes what it added before out of its
/// day and adds itself anew, so a day depends on the charges alone, not on how they came to be.
struct Revenue {
    ChargeFacts charge;
    std::map<std::string, RefundFacts> refunds;
    Sale sum;
    std::vector<std::int64_t> positions;  ///< sorted: the newest events that changed the sum
    BOOST_DESCRIBE_CLASS(Revenue, (), (charge, refunds, sum, positions), (), ())
};

Sale sale_of(const std::string& charge, const Revenue& facts) {
    const auto& state = facts.charge.state.value;
    if (!state.collected() || state.seller.empty()) return {};
    return {.seller = state.seller,
            .currency = state.currency,
            .day = state.created / seconds_per_day * seconds_per_day,
            .charges = 1,
            .captured = state.amount_captured,
            .refunded = refunded_of(charge, facts.charge, facts.refunds)};
}

void book(const Sale& sale, std::int64_t sign, std::int64_t position, Rows<Revenue>& rows) {
    if (sale.charges == 0) return;
    auto& day =
        rows.at("day:" + sale.seller + '\x1f' + sale.currency + '\x1f' + std::to_string(sale.day));
    auto& sum = day.sum;
    sum.seller = sale.seller;
    sum.currency = sale.currency;
    sum.day = sale.day;
    sum.charges += sign;
    sum.captured += sign * sale.captured;
    sum.refunded += sign * sale.refunded;
    auto& positions = day.positions;
    const auto place = std::ranges::lower_bound(positions, position);
    if (place == positions.end() || *place != position) positions.insert(place, position);
    if (positions.size() > positions_max) positions.erase(positions.begin());
}

template <class See>
void change(const Event& event, const std::string& charge, Rows<Revenue>& rows, const See& see_it) {
    auto& facts = rows.at(charge);
    const auto before = sale_of(charge, facts);
    see_it(facts);
    const auto after = sale_of(charge, facts);
    if (before == after) return;
    book(before, -1, event.position, rows);
    book(after, 1, event.position, rows);
}

struct Rules {
    using State = Revenue;

    static void apply(const Event& event, Rows<State>& rows) {
        if (const auto* charge = std::get_if<stripe::Charge>(&event.object)) {
            if (mirrored(event, charge->payment_intent, charge->id)) return;
            change(event, std::string(charge->id), rows, [&](Revenue& facts) {
                see(event, *charge, facts.charge);
                for (const auto& refund : charge->refunds)
                    see(event, refund, facts.refunds[std::string(refund.id)]);
            });
        } else if (const auto* refund = std::get_if<stripe::Refund>(&event.object)) {
            if (refund->charge.empty() || mirrored(event, refund->payment_intent, refund->charge))
                return;
            change(event, std::string(refund->charge), rows, [&](Revenue& facts) {
                see(event, *refund, facts.refunds[std::string(refund->id)]);
            });
        }
    }

    static void derive(std::string_view, const State& facts, RowSink& sink) {
        const auto& sum = facts.sum;
        if (sum.charges == 0) return;
        sink.row(0)
            .text(sum.seller)
            .text(sum.currency)
            .time_or_null(sum.day)
            .number(sum.charges)
            .number(sum.captured)
            .number(sum.refunded)
            .json(stripe::json_list(facts.positions));
    }
};

}  // namespace

extern const Projection seller_revenue;
const Projection seller_revenue = {"seller_revenue", 4, tables, types, make_fold<Rules>};

}  // namespace daybook::projections
