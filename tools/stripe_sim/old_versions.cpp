// One function per breaking version, applied newest first, each to the object types it changed.
#include <tools/stripe_sim/old_versions.hpp>

#include <tools/stripe_sim/world.hpp>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

/// The account whose objects the event is about, and the shelf they stand on.
struct Place {
    World& world;
    std::string account;

    [[nodiscard]] const json::object* find(std::string_view type, std::string_view id) const {
        return id.empty() ? nullptr : world.store.find(account, type, id);
    }
    [[nodiscard]] const json::object* first(std::string_view type, std::string_view field,
                                            std::string_view value) const {
        if (value.empty()) return nullptr;
        const auto page = world.store.page(
            account, type, {.limit = 1, .equal = {{std::string(field), std::string(value)}}});
        return page.items.empty() ? nullptr : page.items.front();
    }
    /// Of a payment intent, or null.
    [[nodiscard]] json::value invoice_of(std::string_view intent) const {
        const auto* paid = first("invoice_payment", "payment.payment_intent", intent);
        return paid ? text_or_null(text(*paid, "invoice")) : json::value();
    }
};

json::object all_of(json::array items, std::string_view url) {
    return {{"object", "list"},
            {"data", std::move(items)},
            {"has_more", false},
            {"url", json::string(url)}};
}

void move_member(json::object& document, std::string_view from, std::string_view to) {
    const auto* found = document.if_contains(from);
    if (!found) return;
    json::value value = *found;
    document.stable_erase(document.find(from));
    document[to] = std::move(value);
}

void remove(json::object& document, std::string_view name) {
    if (const auto found = document.find(name); found != document.end())
        document.stable_erase(found);
}

// --- before 2025-09-30.clover -----------------------------------------------------------------

/// A discount held its coupon, a promotion code named it.
void before_clover(const Place& place, json::object& object) {
    const auto type = text(object, "object");
    if (type == "discount") {
        const auto* coupon = place.find("coupon", text(object, "source.coupon"));
        object["coupon"] = coupon ? json::value(*coupon) : json::value();
        remove(object, "source");
    } else if (type == "promotion_code") {
        const auto* coupon = place.find("coupon", text(object, "promotion.coupon"));
        object["coupon"] = coupon ? json::value(*coupon) : json::value();
        remove(object, "promotion");
    }
}

// --- before 2025-03-31.basil ------------------------------------------------------------------

void line_before_basil(json::object& line) {
    const json::object parent(sim::object(line, "parent"));
    const auto kind = text(parent, "type");
    const auto& details = sim::object(parent, kind);
    line["type"] = kind == "subscription_item_details" ? "subscription" : "invoiceitem";
    for (const auto* name : {"subscription", "subscription_item", "invoice_item"})
        line[name] = text_or_null(text(details, name));
    line["proration"] = flag(details, "proration");
    line["price"] =
        json::object{{"id", text_or_null(text(line, "pricing.price_details.price"))},
                     {"object", "price"},
                     {"currency", text_or_null(text(line, "currency"))},
                     {"product", text_or_null(text(line, "pricing.price_details.product"))}};
    move_member(line, "taxes", "tax_amounts");
    for (const auto* name : {"parent", "pricing"})
        remove(line, name);
}

void invoice_before_basil(const Place& place, json::object& invoice) {
    const auto* payment = place.first("invoice_payment", "invoice", text(invoice, "id"));
    const std::string intent_id(payment ? text(*payment, "payment.payment_intent") : "");
    const auto* intent = place.find("payment_intent", intent_id);
    const auto subscription = text(invoice, "parent.subscription_details.subscription");
    std::int64_t tax = 0;
    for (const auto& part : array(invoice, "total_taxes"))
        tax += integer(part.as_object(), "amount");
    invoice["subscription"] = text_or_null(subscription);
    invoice["payment_intent"] = text_or_null(intent_id);
    invoice["charge"] = intent ? text_or_null(text(*intent, "latest_charge")) : json::value();
    invoice["paid"] = text(invoice, "status") == "paid";
    invoice["tax"] = array(invoice, "total_taxes").empty() ? json::value() : json::value(tax);
    for (const auto* name : {"application_fee_amount", "transfer_data"}) {
        const auto* value = intent ? at(*intent, name) : nullptr;
        invoice[name] = value ? *value : json::value();
    }
    invoice["subscription_details"] =
        json::object{{"metadata", sim::object(invoice, "parent.subscription_details.metadata")}};
    move_member(invoice, "total_taxes", "total_tax_amounts");
    for (const auto* name : {"parent", "confirmation_secret", "payments", "amount_overpaid"})
        remove(invoice, name);
    if (auto* lines = invoice.if_contains("lines"); lines && lines->is_object())
        for (auto& line : lines->as_object()["data"].as_array())
            line_before_basil(line.as_object());
}

void before_basil(const Place& place, json::object& object) {
    const auto type = text(object, "object");
    if (type == "payment_intent") {
        object["invoice"] = place.invoice_of(text(object, "id"));
    } else if (type == "charge") {
        object["invoice"] = place.invoice_of(text(object, "payment_intent"));
    } else if (type == "invoice") {
        invoice_before_basil(place, object);
    } else if (type == "subscription") {
        const auto& items = array(object, "items.data");
        for (const auto* name : {"current_period_start", "current_period_end"})
            object[name] = items.empty() ? json::value() : items.front().as_object().at(name);
    }
}

// --- before 2024-04-10 ------------------------------------------------------------------------

/// Nothing was asynchronous: a charge came with its balance transaction, transfer and fee.
void before_async_capture(const Place& place, json::object& object) {
    const auto type = text(object, "object");
    if (type == "payment_intent" && text(object, "capture_method") == "automatic_async")
        object["capture_method"] = "automatic";
    if (type != "charge") return;
    const auto* charge = place.find("charge", text(object, "id"));
    for (const auto* name : {"balance_transaction", "transfer", "application_fee"})
        if (charge && !has(object, name) && has(*charge, name)) object[name] = charge->at(name);
}

// --- before 2022-11-15 ------------------------------------------------------------------------

void add_refunds(const Place& place, json::object& charge) {
    const std::string id(text(charge, "id"));
    const auto page =
        place.world.store.page(place.account, "refund", {.limit = 10, .equal = {{"charge", id}}});
    json::array refunds;
    for (const auto* refund : page.items)
        refunds.push_back(*refund);
    charge["refunds"] = all_of(std::move(refunds), "/v1/charges/" + id + "/refunds");
}

void before_latest_charge(const Place& place, json::object& object) {
    const auto type = text(object, "object");
    if (type == "charge") add_refunds(place, object);
    if (type != "payment_intent") return;
    json::array charges;
    if (const auto* latest = place.find("charge", text(object, "latest_charge"))) {
        json::object charge(*latest);
        before_async_capture(place, charge);
        before_basil(place, charge);
        add_refunds(place, charge);
        charges.push_back(std::move(charge));
    }
    const auto url = "/v1/charges?payment_intent=" + std::string(text(object, "id"));
    object["charges"] = all_of(std::move(charges), url);
    remove(object, "latest_charge");
}

struct Change {
    std::string_view version;  ///< the first that has the new shape
    void (*undo)(const Place& place, json::object& object);
};

constexpr std::array changes = {
    Change{"2025-09-30", before_clover}, Change{"2025-03-31", before_basil},
    Change{"2024-04-10", before_async_capture}, Change{"2022-11-15", before_latest_charge}};

}  // namespace

std::span<const std::string> known_versions() {
    static const std::array<std::string, 10> versions = {"",
                                                         "2020-08-27",
                                                         "2022-08-01",
                                                         "2022-11-15",
                                                         "2023-10-16",
                                                         "2024-04-10",
                                                         "2025-02-24.acacia",
                                                         "2025-03-31.basil",
                                                         "2025-09-30.clover",
                                                         "2026-03-25.dahlia"};
    return versions;
}

std::size_t known_version(std::string_view version) {
    const auto all = known_versions();
    const auto found = std::ranges::find(all, version);
    return found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin());
}

void render_as_of(World& world, json::object& event, std::string_view version) {
    event["api_version"] = json::string(version);
    auto& object = event["data"].as_object()["object"].as_object();
    const Place place{world, std::string(text(event, "account"))};
    for (const auto& change : changes)
        if (version < change.version) change.undo(place, object);
}

void drop_balance_transactions(json::object& event) {
    auto& object = event["data"].as_object()["object"].as_object();
    for (const auto* name : {"balance_transaction", "transfer", "application_fee"})
        if (auto* value = object.if_contains(name); value && value->is_string()) *value = nullptr;
}

}  // namespace daybook::sim
