#include <api/actions/collections.hpp>

#include <api/target.hpp>

#include <algorithm>
#include <array>

namespace daybook::api {
namespace {

constexpr Collection collections[] = {
    {"payment_intents", "payment_intent", "payment_intent.", true},
    {"setup_intents", "setup_intent", "setup_intent."},
    {"charges", "charge", "charge.", true},
    {"refunds", "refund", "refund."},
    {"disputes", "dispute", "charge.dispute."},
    {"customers", "customer", "customer.", true},
    {"payment_methods", "payment_method", "payment_method."},
    {"products", "product", "product.", true},
    {"prices", "price", "price.", true},
    {"coupons", "coupon", "coupon."},
    {"promotion_codes", "promotion_code", "promotion_code."},
    {"subscriptions", "subscription", "customer.subscription.", true},
    {"subscription_schedules", "subscription_schedule", "subscription_schedule."},
    {"invoices", "invoice", "invoice.", true},
    {"invoiceitems", "invoiceitem", "invoiceitem."},
    {"credit_notes", "credit_note", "credit_note."},
    {"checkout/sessions", "checkout.session", "checkout.session."},
    {"accounts", "account", "account."},
    {"transfers", "transfer", "transfer."},
    {"payouts", "payout", "payout."},
    {"topups", "topup", "topup."},
};

/// Top-level parameters that name an object which Stripe locks while it works.
constexpr std::array<std::string_view, 5> locking = {"customer", "subscription", "payment_intent",
                                                     "charge", "invoice"};

/// What stands behind an id in a call that answers with the object of that id.
constexpr std::array<std::string_view, 24> own_verbs = {"add_lines",
                                                        "apply_customer_balance",
                                                        "attach",
                                                        "attach_payment",
                                                        "cancel",
                                                        "capture",
                                                        "close",
                                                        "confirm",
                                                        "detach",
                                                        "expire",
                                                        "finalize",
                                                        "increment_authorization",
                                                        "mark_uncollectible",
                                                        "migrate",
                                                        "pay",
                                                        "refund",
                                                        "reject",
                                                        "release",
                                                        "remove_lines",
                                                        "resume",
                                                        "send",
                                                        "update_lines",
                                                        "verify_microdeposits",
                                                        "void"};

bool names_object(std::string_view segment) {
    // Stripe's ids have a prefix and an underscore; verbs with one (apply_customer_balance) have no
    // digits or capitals.
    return segment.find('_') != std::string_view::npos && std::ranges::any_of(segment, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
}

}  // namespace

bool TargetPath::means_object() const {
    return verb.empty() || std::ranges::find(own_verbs, verb) != own_verbs.end();
}

TargetPath taken_apart(std::string_view path) {
    TargetPath out;
    path = path.substr(0, path.find('?'));
    const auto version_end = path.find('/', 1);
    if (version_end == std::string_view::npos) return out;
    const auto rest = path.substr(version_end + 1);
    for (const auto& one : collections)
        if (rest == one.path || (rest.starts_with(one.path) && rest[one.path.size()] == '/'))
            out.collection = &one;
    auto end = out.collection ? out.collection->path.size() : rest.find('/');
    if (end == std::string_view::npos) end = rest.size();
    out.collection_path = path.substr(0, version_end + 1 + end);
    auto tail = rest.substr(end);
    if (tail.starts_with('/')) tail.remove_prefix(1);
    const auto slash = tail.find('/');
    out.id = tail.substr(0, slash);
    if (slash != std::string_view::npos) out.verb = tail.substr(slash + 1);
    return out;
}

std::vector<std::string> objects_of(std::string_view path, std::string_view form) {
    std::vector<std::string> objects;
    const auto target = taken_apart(path);
    if (names_object(target.id)) objects.push_back(target.id);
    while (!form.empty()) {
        const auto end = form.find('&');
        const auto pair = form.substr(0, end);
        form = end == std::string_view::npos ? std::string_view() : form.substr(end + 1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        if (std::ranges::find(locking, pair.substr(0, equals)) == locking.end()) continue;
        const auto value = pair.substr(equals + 1);
        if (names_object(value)) objects.emplace_back(value);
    }
    return objects;
}

}  // namespace daybook::api
