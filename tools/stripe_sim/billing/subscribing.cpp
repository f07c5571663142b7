// The beginning of subscriptions.
#include <tools/stripe_sim/billing/subscribing.hpp>

#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/collecting.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/billing/subscription_terms.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/invoiceitems.hpp>
#include <tools/stripe_sim/setups.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds incomplete_lasts = 23 * hour;

/// A subscription on its way into being.
struct Beginning {
    const json::object* customer = nullptr;
    Seconds now = 0;
    Seconds trial_end = 0;  ///< 0 is no trial
    Seconds anchor = 0;
    std::string currency;
    std::vector<json::object> items;
    std::vector<Reduction> reductions;
    std::vector<std::pair<const json::object*, std::int64_t>> extras;  ///< one-time, by quantity
};

/// {"discounts": [...]}, or the coupon and promotion_code of older versions.
json::array discounts_in(const json::object& params) {
    json::array given(array(params, "discounts"));
    for (const auto* name : {"coupon", "promotion_code"})
        if (has(params, name)) given.push_back({{name, params.at(name)}});
    return given;
}

Seconds trial_end_of(const Beginning& beginning, const json::object& params) {
    if (const auto* end = at(params, "trial_end"); end && end->is_int64()) return end->get_int64();
    if (has(params, "trial_end")) return 0;
    auto days = integer(params, "trial_period_days");
    if (days == 0 && flag(params, "trial_from_plan"))
        days = integer(beginning.items.front(), "price.recurring.trial_period_days");
    return days == 0 ? 0 : beginning.now + days * day;
}

Seconds anchor_of(const Beginning& beginning, const json::object& params) {
    if (has(params, "billing_cycle_anchor_config"))
        return anchor_by(object(params, "billing_cycle_anchor_config"),
                         interval_of(object(beginning.items.front(), "price.recurring")),
                         beginning.now);
    const auto given = integer(params, "billing_cycle_anchor");
    if (given != 0 && given < beginning.now)
        throw invalid("Invalid timestamp: must be an integer Unix timestamp in the future.")
            .param("billing_cycle_anchor");
    if (given != 0) return given;
    return beginning.trial_end != 0 ? beginning.trial_end : beginning.now;
}

void begin_items(const Scope& scope, Beginning& beginning, const json::object& params) {
    const auto& given = array(params, "items");
    if (given.empty()) throw missing_param("items");
    beginning.currency = has(params, "currency") ? checked_currency(text(params, "currency")) : "";
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto& item = given[i].as_object();
        beginning.items.push_back(
            begin_subscription_item(scope, item, fmt::format("items[{}]", i), beginning.currency));
        if (beginning.currency.empty())
            beginning.currency = text(beginning.items.back(), "price.currency");
        if (has(item, "quantity")) beginning.items.back()["quantity"] = item.at("quantity");
    }
}

/// Everything that can be refused is refused here.
Beginning begun(const Scope& scope, const json::object& params, Claim claim = Claim::asked) {
    Beginning beginning;
    if (!has(params, "customer")) throw missing_param("customer");
    beginning.customer = &scope.get("customer", text(params, "customer"), "customer");
    check_subscription_params(scope, params, text(*beginning.customer, "id"));
    beginning.reductions = reductions_for(scope, discounts_in(params), "discounts",
                                          text(*beginning.customer, "id"), claim);
    beginning.now = time_for(scope, *beginning.customer);
    begin_items(scope, beginning, params);
    for (const auto& each : array(params, "add_invoice_items"))
        beginning.extras.emplace_back(&price_for(scope, each.as_object(), "add_invoice_items"),
                                      integer(each.as_object(), "quantity", 1));
    for (auto& reduction : beginning.reductions)
        in_currency(scope, reduction, beginning.currency);
    beginning.trial_end = trial_end_of(beginning, params);
    beginning.anchor = anchor_of(beginning, params);
    for (auto& item : beginning.items) {
        set_period(item, beginning.anchor, beginning.now);
        if (beginning.trial_end != 0) item["current_period_end"] = beginning.trial_end;
    }
    return beginning;
}

/// A first period that is cut short by the anchor costs its part.
std::int64_t first_item_amount(const Scope& scope, const Beginning& beginning,
                               const json::object& item, const json::object& params) {
    if (beginning.trial_end != 0) return 0;
    const auto whole = item_amount(scope, item, beginning.currency);
    const auto interval = interval_of(object(item, "price.recurring"));
    const auto start = period_start(beginning.anchor, interval, beginning.now);
    const auto end = integer(item, "current_period_end");
    if (start == beginning.now) return whole;
    if (text(params, "proration_behavior") == "none") return 0;
    return share(whole, end - beginning.now, end - start);
}

std::int64_t amount_of(const Scope& scope, const Beginning& beginning, const json::object& params) {
    std::vector<PricedLine> lines;
    std::vector<const json::object*> rates;
    for (const auto& id : array(params, "default_tax_rates"))
        rates.push_back(&scope.get("tax_rate", id.as_string(), "default_tax_rates"));
    const auto add = [&](std::int64_t amount, std::string_view product) {
        PricedLine line;
        line.amount = amount;
        line.product = product;
        line.tax_rates = rates;
        lines.push_back(std::move(line));
    };
    for (const auto& item : beginning.items)
        add(first_item_amount(scope, beginning, item, params), text(item, "price.product"));
    for (const auto& [price, quantity] : beginning.extras)
        add(price_amount(scope, *price, quantity, beginning.currency), text(*price, "product"));
    auto reductions = beginning.reductions;
    const auto& own = object(*beginning.customer, "discount");
    if (reductions.empty() && !own.empty()) {
        reductions.push_back(reduction_of(scope, own));
        in_currency(scope, reductions.back(), beginning.currency);
    }
    for (const auto& line :
         pending_lines(scope, text(*beginning.customer, "id"), beginning.currency, ""))
        add(integer(line.document, "amount"), text(line.document, "pricing.price_details.product"));
    return price_lines(lines, reductions).total;
}

/// Refuses a first payment that cannot be, where the caller does not want an incomplete one.
void check_payment(const Scope& scope, const Beginning& beginning, const json::object& params) {
    const auto behavior = text(params, "payment_behavior");
    if (behavior == "pending_if_incomplete")
        throw invalid("`pending_if_incomplete` can only be used when updating a subscription.")
            .param("payment_behavior");
    if (text(params, "collection_method") == "send_invoice" || behavior == "default_incomplete")
        return;
    if (amount_of(scope, beginning, params) <= 0) return;
    json::object invoice{{"customer", beginning.customer->at("id")}};
    if (has(params, "default_payment_method"))
        invoice["default_payment_method"] = params.at("default_payment_method");
    const auto method = payment_method_for(scope, invoice);
    const auto refusal = foreseen_refusal(scope, method);
    if (refusal && (method.empty() || behavior == "error_if_incomplete"))
        throw StripeError(*refusal);
}

json::object begin_subscription(const Scope& scope, const Beginning& beginning,
                                const json::object& params) {
    auto subscription = begin_at(scope, "subscription", "sub_", clock_of(*beginning.customer));
    subscription["billing_cycle_anchor"] = beginning.anchor;
    subscription["billing_mode"] = {{"flexible", {{"proration_discounts", "included"}}},
                                    {"type", "flexible"}};
    if (text(params, "billing_mode.type") == "classic")
        subscription["billing_mode"] = {{"flexible", nullptr}, {"type", "classic"}};
    scope.fill(subscription, "cancellation_details", json::object());
    subscription["collection_method"] = "charge_automatically";
    subscription["currency"] = beginning.currency;
    subscription["customer"] = beginning.customer->at("id");
    subscription["start_date"] = integer(params, "backdate_start_date", beginning.now);
    scope.fill(subscription, "payment_settings", {{"save_default_payment_method", "off"}});
    scope.fill(subscription, "trial_settings",
               {{"end_behavior", {{"missing_payment_method", "create_invoice"}}}});
    scope.fill(subscription, "invoice_settings", {{"issuer", {{"type", "self"}}}});
    if (!scope.is_platform()) subscription["application"] = scope.world.application_id;
    apply_to_subscription(scope, subscription, params);
    if (beginning.trial_end != 0) {
        subscription["trial_start"] = beginning.now;
        subscription["trial_end"] = beginning.trial_end;
    }
    return subscription;
}

std::vector<InvoiceLine> first_lines(const Scope& scope, const Beginning& beginning,
                                     const json::object& subscription, const json::object& params) {
    auto lines = pending_lines(scope, text(*beginning.customer, "id"), beginning.currency,
                               text(subscription, "id"));
    for (const auto& item : beginning.items) {
        const auto* product = scope.find("product", text(item, "price.product"));
        const auto trial = beginning.trial_end == 0 || !product
                               ? std::string()
                               : fmt::format("Trial period for {}", text(*product, "name"));
        lines.push_back(line_of(scope, subscription, item,
                                first_item_amount(scope, beginning, item, params), trial));
    }
    return lines;
}

/// One-time prices on the first invoice.
void add_extra_items(const Scope& scope, const Beginning& beginning,
                     const json::object& subscription) {
    for (const auto& [price, quantity] : beginning.extras) {
        auto item = begin_item(scope, *beginning.customer, beginning.currency);
        item["amount"] = price_amount(scope, *price, quantity, beginning.currency);
        item["description"] = description_of(scope, *price, quantity);
        item["pricing"] = pricing_of(*price);
        item["quantity"] = quantity;
        item["quantity_decimal"] = std::to_string(quantity);
        scope.fill(item, "parent",
                   {{"subscription_details", {{"subscription", subscription.at("id")}}},
                    {"type", "subscription_details"}});
        put_item(scope, std::move(item));
    }
}

/// Nothing is due now, but the buyer's payment method is wanted.
void ask_for_method(const Scope& scope, json::object& subscription) {
    auto intent = begin_setup_intent(scope);
    intent["customer"] = subscription.at("customer");
    intent["usage"] = "off_session";
    subscription["pending_setup_intent"] = put_setup_intent(scope, std::move(intent)).at("id");
}

std::string_view first_status(const Beginning& beginning, const json::object& subscription,
                              std::int64_t due, const Subscribing& how) {
    if (beginning.trial_end != 0) return "trialing";
    const bool settled = due <= 0 || !how.paid_by.empty() || !how.schedule.empty();
    return settled || text(subscription, "collection_method") == "send_invoice" ? "active"
                                                                                : "incomplete";
}

void bill_first(const Scope& scope, json::object& subscription, json::object& invoice,
                const json::object& params, const Subscribing& how) {
    const bool later =
        text(invoice, "collection_method") == "send_invoice" || !how.schedule.empty();
    if (later) return;
    finalize_invoice(scope, invoice, how.paid_by);
    if (text(invoice, "status") == "open" &&
        text(params, "payment_behavior") != "default_incomplete")
        static_cast<void>(collect(scope, invoice));
    if (text(subscription, "status") == "incomplete")
        schedule_at(scope, subscription, integer(subscription, "created") + incomplete_lasts,
                    "subscription.expire");
}

}  // namespace

std::int64_t first_amount(const Scope& scope, const json::object& params) {
    return amount_of(scope, begun(scope, params), params);
}

json::object preview_subscription(const Scope& scope, const json::object& params) {
    const auto beginning = begun(scope, params);
    auto subscription = begin_subscription(scope, beginning, params);
    subscription["discounts"] =
        redeem_all(scope, beginning.reductions,
                   {.customer = std::string(text(*beginning.customer, "id")), .preview = true});
    auto invoice = begin_subscription_invoice(scope, subscription, "upcoming");
    invoice["id"] = "upcoming_" + std::string(text(invoice, "id"));
    invoice["parent"] = nullptr;
    auto lines = first_lines(scope, beginning, subscription, params);
    for (auto& line : lines) {
        line.document["parent"] = nullptr;
        line.document["subscription"] = nullptr;
    }
    total_up(scope, invoice, lines);
    return invoice;
}

json::object& subscribe(const Scope& scope, const json::object& params, const Subscribing& how) {
    auto beginning = begun(scope, params, how.checked_out ? Claim::promised : Claim::asked);
    if (how.paid_by.empty() && !how.checked_out && how.schedule.empty())
        check_payment(scope, beginning, params);
    const auto due = amount_of(scope, beginning, params);
    const std::string customer(text(*beginning.customer, "id"));
    auto& subscription = scope.put(begin_subscription(scope, beginning, params));
    const std::string id(text(subscription, "id"));
    subscription["status"] = first_status(beginning, subscription, due, how);
    subscription["schedule"] = text_or_null(how.schedule);
    const auto& given = array(params, "items");
    for (std::size_t i = 0; i < given.size(); ++i)
        apply_to_item(scope, beginning.items[i], given[i].as_object(), customer);
    put_items(scope, subscription, beginning.items);
    subscription["discounts"] =
        redeem_all(scope, beginning.reductions,
                   {.customer = customer, .subscription = id, .start = beginning.now});
    if (due <= 0 && text(params, "payment_behavior") == "default_incomplete")
        ask_for_method(scope, subscription);
    auto invoice = begin_subscription_invoice(scope, subscription, "subscription_create");
    subscription["latest_invoice"] = invoice.at("id");
    scope.emit("customer.subscription.created", subscription);
    for (const auto& discount : array(subscription, "discounts"))
        tell_discount(scope, "created", discount.as_string());
    add_extra_items(scope, beginning, subscription);
    auto lines = first_lines(scope, beginning, subscription, params);
    bind_items(scope, lines, text(invoice, "id"));
    if (text(invoice, "collection_method") == "send_invoice" || !how.schedule.empty())
        advance_later(scope, invoice);
    auto& stored = put_invoice(scope, std::move(invoice), std::move(lines));
    drop_used_discounts(scope, subscription);
    bill_first(scope, subscription, stored, params, how);
    schedule_billing(scope, subscription);
    return subscription;
}

}  // namespace daybook::sim
