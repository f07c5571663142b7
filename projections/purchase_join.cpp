// Files events under the names of their purchase, and says which states of an object are final.
#include <projections/purchase.hpp>

#include <algorithm>
#include <array>

namespace daybook::projections {

namespace {

constexpr std::string_view order_prefix = "order:";
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

/// Lists the names of an event; overloaded by the kind of object.
class Namer {
public:
    Namer(const Event& event, Scope scope) : event_(event), scope_(scope) {}
    std::vector<std::string> names;

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
        if (scope_ != Scope::subscription) return;
        subscription(object.id);
        order(object.identity);
    }

private:
    void name(std::string_view text) {
        if (!text.empty()) names.emplace_back(text);
    }
    void order(const stripe::Identity& identity) {
        if (identity.order_id.empty()) return;
        // Who gives Stripe's own id for an order id means that object, not one named like it.
        if (key_class(identity.order_id) < unknown_class)
            name(identity.order_id);
        else
            names.push_back(std::string(order_prefix) += identity.order_id);
    }
    void subscription(std::string_view id) {
        if (scope_ == Scope::subscription) name(id);
    }
    void payment(std::string_view intent, std::string_view charge) {
        name(intent.empty() ? charge : intent);
    }
    const Event& event_;
    Scope scope_;
};

}  // namespace

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

void record(const Event& event, Scope scope, Rows<Purchase>& rows) {
    Namer namer(event, scope);
    std::visit(namer, event.object);
    if (namer.names.empty()) return;

    std::vector<std::string> homes;
    for (const auto& name : namer.names)
        homes.push_back(rows.home(name));
    std::ranges::sort(homes);
    homes.erase(std::ranges::unique(homes).begin(), homes.end());
    const auto key =
        std::min(std::ranges::min(homes, earlier), std::ranges::min(namer.names, earlier), earlier);

    // A purchase's key is the earliest of its names, so no name of a taken one can precede `key`.
    Purchase& purchase = rows.at(key);
    for (const auto& home : homes)
        if (home != key)
            if (const auto other = rows.take(home)) purchase.merge(std::move(*other));
    purchase.add(event);
    std::ranges::sort(namer.names);
    namer.names.erase(std::ranges::unique(namer.names).begin(), namer.names.end());
    for (auto& name : namer.names) {
        const auto place = std::ranges::lower_bound(purchase.nodes, name);
        if (place == purchase.nodes.end() || *place != name)
            purchase.nodes.insert(place, std::move(name));
    }
    for (const auto& node : purchase.nodes)
        if (node != key && rows.home(node) != key) rows.forward(node, key);
}

}  // namespace daybook::projections
