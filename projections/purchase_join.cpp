// Files events under the names of their purchase, and says which states of an object are final.
#include <projections/purchase.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <array>
#include <forward_list>

namespace daybook::projections {

namespace {

constexpr std::string_view order_prefix = "order:";
constexpr std::string_view subscription_prefix = "subscription:";
constexpr std::int64_t unknown_class = 6;

/// How early each name comes as the key of a purchase: what all its objects share comes first.
std::int64_t key_class(std::string_view name) {
    constexpr std::string_view prefixes[unknown_class] = {order_prefix, "sub_", "in_",
                                                          "pi_",        "cs_",  "ch_"};
    std::int64_t place = 0;
    for (const auto prefix : prefixes) {
        if (name.starts_with(prefix)) break;
        ++place;
    }
    return place;
}

bool earlier(std::string_view a, std::string_view b) {
    return std::pair(key_class(a), a) < std::pair(key_class(b), b);
}

template <std::size_t Size>
std::int64_t place_in(const std::array<std::string_view, Size>& ladder, std::string_view status) {
    const auto found = std::ranges::find(ladder, status);
    return found == ladder.end() ? 0 : found - ladder.begin() + 1;
}

using Names = boost::container::small_vector<std::string_view, 6>;

/// Lists the names that an event gives an order, and the subscriptions it is part of; overloaded by
/// the kind of object. They are valid as long as it is.
class Namer {
public:
    explicit Namer(const Event& event) : event_(event) {}
    Names names;
    Names part_of;

    void operator()(std::monostate) {}
    void operator()(const stripe::Account&) {}
    void operator()(const stripe::Capability&) {}
    void operator()(const stripe::ExternalAccount&) {}
    void operator()(const stripe::Authorization&) {}
    void operator()(const stripe::Payout&) {}
    void operator()(const stripe::Mirror&) {}
    void operator()(const stripe::PaymentIntent& intent) {
        name(intent.id);
        name(intent.invoice);
        for (const auto& charge : intent.charges)
            if (charge.lists_refunds) name(charge.id);
        order(intent.identity);
    }
    void operator()(const stripe::Charge& charge) {
        if (mirrored(event_, charge.payment_intent, charge.id)) return;
        payment(charge.payment_intent, charge.id);
        if (charge.lists_refunds) name(charge.id);
        name(charge.invoice);
        order(charge.identity);
    }
    void operator()(const stripe::Refund& refund) {
        if (mirrored(event_, refund.payment_intent, refund.charge)) return;
        payment(refund.payment_intent, refund.charge);
        order(refund.identity);
    }
    void operator()(const stripe::Dispute& dispute) {
        payment(dispute.payment_intent, dispute.charge);
        order(dispute.identity);
    }
    void operator()(const stripe::CheckoutSession& session) {
        if (session.mode == "setup") return;  // it stores a card and sells nothing
        name(session.id);
        name(session.payment_intent);
        name(session.invoice);
        subscription(session.subscription);
        order(session.identity);
    }
    void operator()(const stripe::Invoice& invoice) {
        name(invoice.id);
        for (const auto intent : invoice.payment_intents)
            name(intent);
        if (invoice.payment_intents.empty()) name(invoice.charge);
        subscription(invoice.subscription);
        order(invoice.identity);
        // Renewals carry the subscription's metadata too, but are no part of the first order.
        if (invoice.billing_reason == "subscription_create") order(invoice.inherited);
    }
    void operator()(const stripe::InvoicePayment& made) {
        name(made.invoice);
        payment(made.payment_intent, made.charge);
    }
    void operator()(const stripe::Subscription& object) {
        subscription(object.id);
        order(object.identity);
    }

private:
    void name(std::string_view text) {
        if (!text.empty()) names.emplace_back(text);
    }
    void order(const stripe::Identity& identity) {
        if (identity.order_id.empty()) return;
        const std::string_view id =
            made_.emplace_front(name_within(event_.account, identity.order_id));
        // Who gives Stripe's own id for an order id means that object, not one named like it.
        if (id.starts_with("sub_")) subscription(id);
        if (key_class(id) < unknown_class)
            name(id);
        else
            names.push_back(made_.emplace_front(order_prefix).append(id));
    }
    void subscription(std::string_view id) {
        if (!id.empty()) part_of.emplace_back(id);
    }
    void payment(std::string_view intent, std::string_view charge) {
        name(intent.empty() ? charge : intent);
    }
    const Event& event_;
    std::forward_list<std::string> made_;  ///< names that stand nowhere in the event
};

/// Adds what is not there yet to what is sorted.
void add_all(std::vector<std::string>& to, const Names& from) {
    for (const auto text : from) {
        const auto place = std::ranges::lower_bound(to, text);
        if (place == to.end() || *place != text) to.emplace(place, text);
    }
}

/// Makes one order of all that these names lead to; from now on they lead to it.
Purchase& order_named(const Names& names, Rows<Purchase>& rows) {
    std::vector<std::string> homes;
    for (const auto name : names)
        if (const auto home = rows.home(name); std::ranges::find(homes, home) == homes.end())
            homes.emplace_back(home);
    std::string key = std::ranges::min(homes, earlier);
    // Mostly they lead to one that is there.
    if (homes.size() == 1)
        if (Purchase& order = rows.at(key); !order.nodes.empty()) return order;
    if (const auto name = std::ranges::min(names, earlier); earlier(name, key)) key = name;

    // An order's key is the earliest of its names, so no name of a taken one can precede `key`.
    Purchase& order = rows.at(key);
    std::ranges::sort(homes);
    for (const auto& home : homes)
        if (home != key)
            if (const auto other = rows.take(home)) order.merge(std::move(*other));
    add_all(order.nodes, names);
    for (const auto& node : order.nodes)
        if (node != key && rows.home(node) != key) rows.forward(node, key);
    return order;
}

Purchase& subscription_of(std::string_view id, Rows<Purchase>& rows) {
    return rows.at(std::string(subscription_prefix) += id);
}

}  // namespace

std::string name_within(std::string_view account, std::string_view name) {
    if (name.empty()) return {};
    if (account.empty()) {
        // The platform's own name that looks like one of an account's.
        const bool like_theirs =
            name.starts_with("acct_") && name.find(':') != std::string_view::npos;
        return like_theirs ? std::string("platform:").append(name) : std::string(name);
    }
    return std::string(account).append(":").append(name);
}

bool mirrored(const Event& event, std::string_view payment_intent, std::string_view charge) {
    return !event.account.empty() && payment_intent.empty() && charge.starts_with("py_");
}

void Choice::offer(std::int64_t source, std::string_view candidate) {
    if (candidate.empty()) return;
    if (!text.empty() && std::pair(rank, std::string_view(text)) <= std::pair(source, candidate))
        return;
    rank = source;
    text = candidate;
}

void Earliest::offer(std::int64_t candidate) {
    if (candidate != 0 && (time == 0 || candidate < time)) time = candidate;
}

std::int64_t PaymentState::finality() const {
    return status == "succeeded" || status == "canceled" ? 1 : 0;
}

std::int64_t PaymentState::rank() const {
    // A failed attempt puts an intent back to where it began; within a second it came after.
    if (status == "requires_payment_method" && failed) return 5;
    constexpr auto ladder =
        std::to_array<std::string_view>({"requires_confirmation", "requires_action", "processing",
                                         "(failed)", "requires_capture", "canceled", "succeeded"});
    const auto place = place_in(ladder, status);
    return place > 4 ? place + 1 : place;
}

std::int64_t ChargeState::rank() const {
    constexpr auto ladder = std::to_array<std::string_view>({"pending", "failed", "succeeded"});
    return place_in(ladder, status) * 8 + (captured ? 4 : 0) +
           (balance_transaction.empty() ? 0 : 2) + (transfer.empty() ? 0 : 1);
}

std::int64_t RefundState::finality() const {
    constexpr auto ladder = std::to_array<std::string_view>(
        {"pending", "requires_action", "succeeded", "canceled", "failed"});
    return place_in(ladder, status);
}

bool DisputeState::closed() const {
    return lost() || status == "won" || status == "prevented" || status == "warning_closed" ||
           status == "charge_refunded";
}

std::int64_t DisputeState::rank() const {
    constexpr auto ladder = std::to_array<std::string_view>(
        {"warning_needs_response", "warning_under_review", "warning_closed", "needs_response",
         "under_review", "appeal_needs_response", "appeal_under_review", "prevented",
         "charge_refunded", "won", "lost"});
    return place_in(ladder, status);
}

bool SessionState::paid() const {
    return payment_status == "paid" ||
           (payment_status == "no_payment_required" && status == "complete");
}

std::int64_t SessionState::finality() const {
    if (paid()) return 3;
    if (status == "complete") return 2;
    return status == "expired" ? 1 : 0;
}

std::int64_t InvoiceState::finality() const {
    constexpr auto ladder =
        std::to_array<std::string_view>({"draft", "open", "uncollectible", "void", "paid"});
    return place_in(ladder, status);
}

std::int64_t SubscriptionState::finality() const {
    return status == "canceled" || status == "incomplete_expired" ? 1 : 0;
}

std::string_view Purchase::order_id() const {
    const auto first = std::ranges::lower_bound(nodes, order_prefix);
    if (first == nodes.end() || !first->starts_with(order_prefix)) return {};
    return std::string_view(*first).substr(order_prefix.size());
}

std::string_view subscription_in(std::string_view key) {
    return key.starts_with(subscription_prefix) ? key.substr(subscription_prefix.size())
                                                : std::string_view();
}

void record(const Event& event, Rows<Purchase>& rows) {
    Namer namer(event);
    std::visit(namer, event.object);
    const auto* subscription = std::get_if<stripe::Subscription>(&event.object);
    if (!namer.names.empty()) {
        Purchase& order = order_named(namer.names, rows);
        if (!subscription) order.add(event);
        add_all(order.part_of, namer.part_of);
        // A purchase only grows, so the last of its copies makes up for all before.
        for (const auto& id : order.part_of)
            subscription_of(id, rows).merge(Purchase(order));
    }
    if (subscription) subscription_of(subscription->id, rows).add(event);
}

}  // namespace daybook::projections
