// The entitlements projection: who may use which product, because of which order or subscription.
#include <projections/projection.hpp>
#include <projections/purchase.hpp>
#include <projections/purchase_types.hpp>
#include <projections/standing.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>
#include <set>

namespace daybook::projections {

namespace {

constexpr Column columns[] = {{"user_id", Type::text, Use::key},
                              {"product_id", Type::text, Use::key},
                              {"source_id", Type::text, Use::key},
                              {"active", Type::boolean},
                              {"reason"},
                              {"source_type"},
                              {"order_id"},
                              {"subscription_id"},
                              {"status"},
                              {"period_end", Type::timestamp},
                              {"created_at", Type::timestamp},
                              {"granted_at", Type::timestamp},
                              {"revoked_at", Type::timestamp},
                              {"events", Type::json, Use::trace}};
constexpr const char* indexes[] = {"product_id"};
constexpr Table tables[] = {{"entitlements", columns, indexes}};

struct Grant {
    bool active = false;
    std::string_view reason;
    std::string_view status;
    std::int64_t period_end = 0;
    std::int64_t created_at = 0;
    std::int64_t granted_at = 0;
    std::int64_t revoked_at = 0;
};

using Products = std::set<std::string, std::less<>>;

void add_products(const std::vector<LineState>& lines, Products& products) {
    for (const auto& line : lines)
        if (!line.product.empty() && line.amount >= 0)  // below 0: what was given up for another
            products.insert(line.product);
}

/// What the metadata names, and what was sold when they name nothing.
bool named_product(const Purchase& purchase, Products& products) {
    if (purchase.product.text.empty() || purchase.product.rank > origin::inherited_metadata)
        return false;
    products.insert(purchase.product.text);
    return true;
}

// --- one-off orders ------------------------------------------------------------------------------

Products products_of_order(const Purchase& purchase) {
    Products products;
    if (named_product(purchase, products)) return products;
    for (const auto& [id_, facts] : purchase.invoices)
        add_products(facts.state.value.lines, products);
    for (const auto& [id_, facts] : purchase.sessions)
        add_products(facts.state.value.lines, products);
    if (products.empty()) add_products(lines_in_metadata(purchase), products);
    return products;
}

Grant grant_of_order(const Purchase& purchase, const Standing& standing) {
    Grant grant{.active = true,
                .reason = "paid",
                .status = standing.status,
                .created_at = purchase.created_at.time,
                .granted_at = purchase.paid_at.time};
    if (standing.status == "refunded" || standing.status == "charged_back") {
        grant.active = false;
        grant.reason = standing.status;
        grant.revoked_at =
            standing.status == "refunded" ? standing.refunded_at : standing.charged_back_at;
    }
    return grant;
}

// --- subscriptions -------------------------------------------------------------------------------

/// The invoices of a subscription that were ever paid, boiled down.
struct Paid {
    bool any = false;
    std::int64_t first_paid_at = 0;
    std::int64_t period_end = 0;  ///< of those that are still paid for
    Standing newest;
    const InvoiceState* newest_invoice = nullptr;
};

std::int64_t period_end_of(const InvoiceState& invoice) {
    std::int64_t end = 0;
    for (const auto& line : invoice.lines)
        end = std::max(end, line.period_end);
    return end;
}

Paid paid_invoices(const Purchase& purchase, std::string_view subscription) {
    Paid paid;
    Earliest first;
    std::tuple<std::int64_t, std::int64_t, std::string_view> newest;
    for (const auto& [id, facts] : purchase.invoices) {
        const auto& invoice = facts.state.value;
        if (invoice.subscription != subscription || !invoice.paid()) continue;
        paid.any = true;
        first.offer(facts.paid_at.time);
        const auto end = period_end_of(invoice);
        const auto stands = standing(purchase, id);
        if (stands.status != "refunded" && stands.status != "charged_back")
            paid.period_end = std::max(paid.period_end, end);
        const auto place = std::tuple(end, invoice.created, std::string_view(id));
        if (paid.newest_invoice && place < newest) continue;
        newest = place;
        paid.newest = stands;
        paid.newest_invoice = &invoice;
    }
    paid.first_paid_at = first.time;
    return paid;
}

/// The first that holds: charged_back, refunded, subscription_ended, unpaid, paused,
/// awaiting_payment, and then, with access: past_due, trialing, paid. A period that moved proves
/// no payment, so only paid invoices grant; past_due keeps access while Stripe retries.
Grant grant_of_subscription(const Purchase& purchase, std::string_view id, const Paid& paid) {
    const auto found = purchase.subscriptions.find(std::string(id));
    const auto* version = found == purchase.subscriptions.end() ? nullptr : found->second.newest();
    static const SubscriptionState unseen;
    const auto& state = version ? version->value : unseen;
    const std::string_view status = state.status;
    const bool trialing = status == "trialing";

    Grant grant;
    grant.status = status;
    grant.period_end = paid.period_end;
    grant.created_at = state.created > 0 ? state.created : purchase.created_at.time;
    grant.granted_at = paid.first_paid_at;
    if (trialing) {
        grant.period_end = std::max(grant.period_end, state.trial_end);
        if (!paid.any) grant.granted_at = state.created;
    }
    if (paid.newest.status == "charged_back") {
        grant.reason = "charged_back";
        grant.revoked_at = paid.newest.charged_back_at;
    } else if (paid.newest.status == "refunded") {
        grant.reason = "refunded";
        grant.revoked_at = paid.newest.refunded_at;
    } else if (status == "canceled" || status == "incomplete_expired") {
        grant.reason = "subscription_ended";
        grant.revoked_at = state.ended_at > 0 ? state.ended_at : version->at;
    } else if (status == "unpaid" || status == "paused") {
        grant.reason = status;
        grant.revoked_at = version->at;
    } else if (!(paid.any || trialing) ||
               (version && status != "active" && !trialing && status != "past_due")) {
        grant.reason = "awaiting_payment";
    } else {
        grant.active = true;
        grant.reason = status == "past_due" || trialing ? status : "paid";
    }
    return grant;
}

Products products_of_subscription(const Purchase& purchase, std::string_view id, const Paid& paid) {
    Products products;
    if (named_product(purchase, products)) return products;
    const auto found = purchase.subscriptions.find(std::string(id));
    const auto* version = found == purchase.subscriptions.end() ? nullptr : found->second.newest();
    if (version) products.insert(version->value.products.begin(), version->value.products.end());
    if (!products.empty()) return products;
    if (paid.newest_invoice) {
        add_products(paid.newest_invoice->lines, products);
    } else {
        for (const auto& [id_, facts] : purchase.invoices)
            if (facts.state.value.subscription == id)
                add_products(facts.state.value.lines, products);
    }
    return products;
}

// --- rows ----------------------------------------------------------------------------------------

void write(const Purchase& purchase, const Products& products, std::string_view source,
           std::string_view subscription, const Grant& grant, RowSink& sink) {
    for (const auto& product : products)
        sink.row(0)
            .text(purchase.user.text)
            .text(product)
            .text(source)
            .boolean(grant.active)
            .text(grant.reason)
            .text(subscription.empty() ? "order" : "subscription")
            .text_or_null(subscription.empty() ? source : purchase.order_id())
            .text_or_null(subscription)
            .text_or_null(grant.status)
            .time_or_null(grant.period_end)
            .time_or_null(grant.created_at)
            .time_or_null(grant.granted_at)
            .time_or_null(grant.revoked_at)
            .json(stripe::json_list(purchase.positions));
}

struct Rules {
    using State = Purchase;

    static void apply(const Event& event, Rows<State>& rows) { record(event, rows); }

    static void derive(std::string_view key, const Purchase& purchase, RowSink& sink) {
        if (purchase.user.text.empty()) return;
        if (const auto id = subscription_in(key); !id.empty()) {
            const auto paid = paid_invoices(purchase, id);
            write(purchase, products_of_subscription(purchase, id, paid), id, id,
                  grant_of_subscription(purchase, id, paid), sink);
            return;
        }
        // The customer of a one-off payment is no user that the marketplace ever named.
        if (!purchase.part_of.empty() || purchase.user.rank == origin::customer) return;
        const auto stands = standing(purchase);
        if (!stands.ever_paid) return;
        const auto named = purchase.order_id();
        write(purchase, products_of_order(purchase), named.empty() ? key : named, {},
              grant_of_order(purchase, stands), sink);
    }
};

}  // namespace

extern const Projection entitlements;
const Projection entitlements = {"entitlements", 6, tables, purchase_types, make_fold<Rules>,
                                 purchase_states};

}  // namespace daybook::projections
