// The entitlements projection: who may use which product, because of which order or subscription.
#include <projections/projection.hpp>
#include <projections/purchase.hpp>
#include <projections/purchase_types.hpp>
#include <projections/standing.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

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
constexpr const char* indexes[] = {"product_id, user_id", "order_id",
                                   "subscription_id WHERE subscription_id IS NOT NULL"};
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

/// The product that the metadata name; empty when they name none.
std::string_view named_product(const Purchase& purchase) {
    if (purchase.product.rank > origin::inherited_metadata) return {};
    return purchase.product.text;
}

// --- one-off orders ------------------------------------------------------------------------------

/// What the metadata name, and what was sold when they name nothing.
Products products_of_order(const Purchase& purchase) {
    Products products;
    if (const auto named = named_product(purchase); !named.empty()) {
        products.emplace(named);
        return products;
    }
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

std::int64_t period_end_of(const InvoiceState& invoice) {
    std::int64_t end = 0;
    for (const auto& line : invoice.lines)
        if (line.amount >= 0)  // below 0: what was given up for another
            end = std::max(end, line.period_end);
    return end;
}

/// All that was paid for one period: a change of plan within it has an invoice of its own.
struct Period {
    std::int64_t end = 0;  ///< 0: of invoices that are for no period
    std::int64_t amount = 0, refunded = 0, refunded_at = 0;
    Earliest charged_back;
    const InvoiceState* newest_invoice = nullptr;

    void add(const InvoiceState& invoice, const Standing& stands) {
        amount += stands.amount;
        refunded += stands.refunded;
        refunded_at = std::max(refunded_at, stands.refunded_at);
        if (stands.status == "charged_back") charged_back.offer(stands.charged_back_at);
        if (!newest_invoice || invoice.created >= newest_invoice->created)
            newest_invoice = &invoice;
    }
    /// Why it is paid for no longer; empty while it is.
    [[nodiscard]] std::string_view revoked() const {
        if (charged_back.time > 0) return "charged_back";
        return amount > 0 && refunded >= amount ? "refunded" : "";
    }
    [[nodiscard]] std::int64_t revoked_at() const {
        return charged_back.time > 0 ? charged_back.time : refunded_at;
    }
    /// A period that was paid for later counts, even if it ends earlier: a year became a month.
    [[nodiscard]] auto age() const { return std::tuple(end > 0, newest_invoice->created, end); }
};

/// The invoices of a subscription that were ever paid, boiled down.
struct Paid {
    std::int64_t first_paid_at = 0;
    std::int64_t period_end = 0;   ///< of the newest that is still paid for
    std::optional<Period> newest;  ///< none: nothing was ever paid
};

Paid paid_invoices(const Purchase& purchase, std::string_view subscription) {
    std::map<std::int64_t, Period> periods;
    Earliest first;
    for (const auto& [id, facts] : purchase.invoices) {
        const auto& invoice = facts.state.value;
        if (invoice.subscription != subscription || !invoice.paid()) continue;
        first.offer(facts.paid_at.time);
        // What is billed by hand is for no period, though Stripe gives its lines the day as one.
        const auto end = invoice.billing_reason == "manual" ? 0 : period_end_of(invoice);
        auto& period = periods[end];
        period.end = end;
        period.add(invoice, standing(purchase, id));
    }
    Paid paid{.first_paid_at = first.time};
    const Period* standing_period = nullptr;
    for (const auto& [end_, period] : periods) {
        if (!paid.newest || period.age() > paid.newest->age()) paid.newest = period;
        if (!period.revoked().empty()) continue;
        if (!standing_period || period.age() > standing_period->age()) standing_period = &period;
    }
    if (standing_period) paid.period_end = standing_period->end;
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
        if (!paid.newest) grant.granted_at = state.created;
    }
    if (paid.newest && !paid.newest->revoked().empty()) {
        grant.reason = paid.newest->revoked();
        grant.revoked_at = paid.newest->revoked_at();
    } else if (status == "canceled" || status == "incomplete_expired") {
        grant.reason = "subscription_ended";
        grant.revoked_at = state.ended_at > 0 ? state.ended_at : version->at;
    } else if (status == "unpaid" || status == "paused") {
        grant.reason = status;
        grant.revoked_at = version->at;
    } else if (!(paid.newest || trialing) ||
               (version && status != "active" && !trialing && status != "past_due")) {
        grant.reason = "awaiting_payment";
    } else {
        grant.active = true;
        grant.reason = status == "past_due" || trialing ? status : "paid";
    }
    return grant;
}

/// Whether an invoice has a line of this product.
bool invoiced(const Purchase& purchase, std::string_view product) {
    return std::ranges::any_of(purchase.invoices, [&](const auto& entry) {
        const auto& lines = entry.second.state.value.lines;
        return std::ranges::find(lines, product, &LineState::product) != lines.end();
    });
}

/// What its own metadata name comes first, since those change with the plan. But whoever names a
/// product of Stripe's there may leave it when the plan changes, so then the items count.
Products products_of_subscription(const Purchase& purchase, std::string_view id, const Paid& paid) {
    static const SubscriptionState unseen;
    const auto found = purchase.subscriptions.find(std::string(id));
    const auto* version = found == purchase.subscriptions.end() ? nullptr : found->second.newest();
    const auto& state = version ? version->value : unseen;

    Products products(state.products.begin(), state.products.end());
    const auto named =
        state.product.empty() ? named_product(purchase) : std::string_view(state.product);
    if (!named.empty() && (products.empty() || !invoiced(purchase, named)))
        return {std::string(named)};
    if (!products.empty()) return products;
    if (paid.newest) {
        add_products(paid.newest->newest_invoice->lines, products);
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
            .text(purchase.product_name(product))
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
const Projection entitlements = {"entitlements", 9, tables, purchase_types, make_fold<Rules>,
                                 purchase_states};

}  // namespace daybook::projections
