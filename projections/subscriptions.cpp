// The subscriptions projection: what is billed again and again, to whom, for whom, and until when.
#include <projections/latest.hpp>
#include <projections/projection.hpp>
#include <projections/purchase.hpp>
#include <projections/purchase_types.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>

namespace daybook::projections {

namespace {

constexpr Column columns[] = {{"subscription_id", Type::text, Use::key},
                              {"account_id"},
                              {"status"},
                              {"customer_id"},
                              {"user_id"},
                              {"order_id"},
                              {"product_id"},
                              {"seller_account"},
                              {"seller_percent"},
                              {"application_fee_percent"},
                              {"currency"},
                              {"collection_method"},
                              {"default_payment_method_id"},
                              {"latest_invoice_id"},
                              {"current_period_start", Type::timestamp},
                              {"current_period_end", Type::timestamp},
                              {"cancel_at_period_end", Type::boolean},
                              {"cancel_at", Type::timestamp},
                              {"canceled_at", Type::timestamp},
                              {"ended_at", Type::timestamp},
                              {"trial_start", Type::timestamp},
                              {"trial_end", Type::timestamp},
                              {"pause_behavior"},
                              {"pause_resumes_at", Type::timestamp},
                              {"metadata", Type::json},
                              {"created_at", Type::timestamp},
                              {"events", Type::json, Use::trace}};
constexpr const char* indexes[] = {"created_at, subscription_id", "status, created_at",
                                   "customer_id", "user_id", "seller_account, created_at"};

constexpr Column item_columns[] = {{"subscription_id", Type::text, Use::key},
                                   {"item_id", Type::text, Use::key},
                                   {"price_id"},
                                   {"product_id"},
                                   {"quantity", Type::bigint},
                                   {"current_period_start", Type::timestamp},
                                   {"current_period_end", Type::timestamp},
                                   {"events", Type::json, Use::trace}};
constexpr const char* item_indexes[] = {"price_id", "product_id"};

constexpr Table tables[] = {{"subscriptions", columns, indexes},
                            {"subscription_items", item_columns, item_indexes}};

constexpr auto types = joined(subscription_types, snapshot_types);
constexpr std::size_t positions_max = 100;

struct ItemState {
    std::string id, price, product;
    std::int64_t quantity = 0, period_start = 0, period_end = 0;
    bool operator==(const ItemState&) const = default;
    BOOST_DESCRIBE_CLASS(ItemState, (), (id, price, product, quantity, period_start, period_end),
                         (), ())
};

struct SubscriptionTerms {
    std::string account, status, customer, user, order, product, seller, seller_percent,
        fee_percent, currency, collection_method, payment_method, latest_invoice, pause_behavior,
        metadata;
    std::int64_t period_start = 0, period_end = 0, cancel_at = 0, canceled_at = 0, ended_at = 0,
                 trial_start = 0, trial_end = 0, pause_resumes_at = 0, created = 0;
    bool cancel_at_period_end = false;
    std::vector<ItemState> items;

    [[nodiscard]] auto tracked() const {
        return std::tie(status, latest_invoice, period_start, period_end, cancel_at_period_end,
                        cancel_at, canceled_at, trial_start, trial_end, pause_behavior,
                        pause_resumes_at, payment_method, collection_method, seller, seller_percent,
                        fee_percent, metadata, items);
    }
    [[nodiscard]] std::int64_t finality() const {
        return status == "canceled" || status == "incomplete_expired" ? 1 : 0;
    }
    [[nodiscard]] std::int64_t rank() const { return status == "incomplete" ? 0 : 1; }
    bool operator==(const SubscriptionTerms&) const = default;
    BOOST_DESCRIBE_CLASS(SubscriptionTerms, (),
                         (account, status, customer, user, order, product, seller, seller_percent,
                          fee_percent, currency, collection_method, payment_method, latest_invoice,
                          pause_behavior, metadata, period_start, period_end, cancel_at,
                          canceled_at, ended_at, trial_start, trial_end, pause_resumes_at, created,
                          cancel_at_period_end, items),
                         (), ())
};

struct SubscriptionFacts {
    Latest<SubscriptionTerms> versions;
    std::vector<std::int64_t> positions;
    BOOST_DESCRIBE_CLASS(SubscriptionFacts, (), (versions, positions), (), ())
};

/// Since basil each item has a period of its own: it began with the first and lasts to the last.
void read_items(const stripe::Subscription& from, SubscriptionTerms& to) {
    for (const auto& item : from.items) {
        to.items.push_back({.id = std::string(item.id),
                            .price = std::string(item.price),
                            .product = std::string(item.product),
                            .quantity = item.quantity,
                            .period_start = item.period_start,
                            .period_end = item.period_end});
        if (item.period_start > 0 && (to.period_start == 0 || item.period_start < to.period_start))
            to.period_start = item.period_start;
        to.period_end = std::max(to.period_end, item.period_end);
    }
    std::ranges::sort(to.items, {}, &ItemState::id);
}

SubscriptionTerms terms_of(const stripe::Subscription& from, std::string_view account) {
    SubscriptionTerms to{.account = std::string(account),
                         .status = std::string(from.status),
                         .customer = std::string(from.customer),
                         .user = std::string(from.identity.user_id),
                         .order = name_within(account, from.identity.order_id),
                         .product = name_within(account, from.identity.product_id),
                         .seller = std::string(account.empty() ? from.seller : account),
                         .seller_percent = std::string(from.seller_percent),
                         .fee_percent = std::string(from.fee_percent),
                         .currency = std::string(from.currency),
                         .collection_method = std::string(from.collection_method),
                         .payment_method = std::string(from.default_payment_method),
                         .latest_invoice = std::string(from.latest_invoice),
                         .pause_behavior = std::string(from.pause_behavior),
                         .metadata = stripe::json_object(from.metadata),
                         .period_start = from.period_start,
                         .period_end = from.period_end,
                         .cancel_at = from.cancel_at,
                         .canceled_at = from.canceled_at,
                         .ended_at = from.ended_at,
                         .trial_start = from.trial_start,
                         .trial_end = from.trial_end,
                         .pause_resumes_at = from.pause_resumes_at,
                         .created = from.created,
                         .cancel_at_period_end = from.cancel_at_period_end,
                         .items = {}};
    read_items(from, to);
    return to;
}

struct Rules {
    using State = SubscriptionFacts;

    static void apply(const Event& event, Rows<State>& rows) {
        const auto* subscription = std::get_if<stripe::Subscription>(&event.object);
        if (!subscription) return;
        auto& facts = rows.at(subscription->id);
        const auto place = std::ranges::lower_bound(facts.positions, event.position);
        if (place == facts.positions.end() || *place != event.position)
            facts.positions.insert(place, event.position);
        if (facts.positions.size() > positions_max) facts.positions.erase(facts.positions.begin());
        std::optional<SubscriptionTerms> before;
        if (!subscription->before.empty())
            before = terms_of(subscription->before.front(), event.account);
        facts.versions.see(event.created, event.order, terms_of(*subscription, event.account),
                           std::move(before), event.until);
    }

    static void derive(std::string_view key, const State& facts, RowSink& sink) {
        const auto* newest = facts.versions.newest();
        if (!newest) return;
        const auto& terms = newest->value;
        sink.row(0)
            .text(key)
            .text(terms.account)
            .text(terms.status)
            .text_or_null(terms.customer)
            .text_or_null(terms.user)
            .text_or_null(terms.order)
            .text_or_null(terms.product)
            .text_or_null(terms.seller)
            .text_or_null(terms.seller_percent)
            .text_or_null(terms.fee_percent)
            .text_or_null(terms.currency)
            .text_or_null(terms.collection_method)
            .text_or_null(terms.payment_method)
            .text_or_null(terms.latest_invoice)
            .time_or_null(terms.period_start)
            .time_or_null(terms.period_end)
            .boolean(terms.cancel_at_period_end)
            .time_or_null(terms.cancel_at)
            .time_or_null(terms.canceled_at)
            .time_or_null(terms.ended_at)
            .time_or_null(terms.trial_start)
            .time_or_null(terms.trial_end)
            .text_or_null(terms.pause_behavior)
            .time_or_null(terms.pause_resumes_at)
            .json(terms.metadata)
            .time_or_null(terms.created)
            .json(stripe::json_list(facts.positions));
        write_items(key, facts, sink);
    }

private:
    static void write_items(std::string_view key, const State& facts, RowSink& sink) {
        std::string_view last;
        for (const auto& item : facts.versions.newest()->value.items) {
            if (item.id.empty() || item.id == last) continue;  // ids are the key of their table
            last = item.id;
            sink.row(1)
                .text(key)
                .text(item.id)
                .text_or_null(item.price)
                .text_or_null(item.product)
                .number(item.quantity)
                .time_or_null(item.period_start)
                .time_or_null(item.period_end)
                .json(stripe::json_list(facts.positions));
        }
    }
};

}  // namespace

extern const Projection subscriptions;
const Projection subscriptions = {"subscriptions", 6, tables, types, make_fold<Rules>};

}  // namespace daybook::projections
