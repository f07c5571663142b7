// What subscriptions are told and pass on.
#include <tools/stripe_sim/billing/subscription_terms.hpp>

#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/discounts.hpp>
#include <tools/stripe_sim/billing/invoicing.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/resources/payment_methods.hpp>
#include <tools/stripe_sim/resources/transfers.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace daybook::sim {
namespace {

constexpr Seconds trial_warning = 3 * day;
constexpr Seconds upcoming_notice = 7 * day;

constexpr std::array plain = {"application_fee_percent",
                              "automatic_tax",
                              "billing_cycle_anchor_config",
                              "billing_thresholds",
                              "cancel_at_period_end",
                              "collection_method",
                              "days_until_due",
                              "default_payment_method",
                              "description",
                              "invoice_settings",
                              "on_behalf_of",
                              "payment_settings",
                              "pending_invoice_item_interval",
                              "transfer_data",
                              "trial_settings"};

/// Times and counts that the calendar can be asked about.
void check_times(const json::object& params) {
    for (const auto* name : {"backdate_start_date", "billing_cycle_anchor", "cancel_at",
                             "proration_date", "trial_end"})
        if (const auto* given = at(params, name); given && given->is_int64())
            checked_time(given->get_int64(), name);
    const auto within = [&params](std::string_view path, std::int64_t least, std::int64_t most) {
        const auto value = integer(params, path, least);
        if (value < least || value > most)
            throw invalid(fmt::format("Invalid integer: must be between {} and {}.", least, most))
                .code("parameter_invalid_integer")
                .param(path);
    };
    within("trial_period_days", 0, 730);
    within("days_until_due", 0, 365);
    within("billing_cycle_anchor_config.day_of_month", 1, 31);
    within("billing_cycle_anchor_config.month", 1, 12);
    within("billing_cycle_anchor_config.hour", 0, 23);
    within("billing_cycle_anchor_config.minute", 0, 59);
    within("billing_cycle_anchor_config.second", 0, 59);
}

void check_fee_percent(const Scope& scope, const json::object& params) {
    const auto* percent = at(params, "application_fee_percent");
    if (!percent) return;
    check_percent(*percent, "application_fee_percent");
    if (scope.is_platform() && !has(params, "transfer_data.destination"))
        throw invalid(
            "Can only apply an application_fee_percent when the request is made on behalf of "
            "another account (using an OAuth key, the Stripe-Account header, or "
            "`transfer_data[destination]`).")
            .code("application_fees_not_allowed")
            .param("application_fee_percent");
}

}  // namespace

void check_subscription_params(const Scope& scope, const json::object& params,
                               std::string_view customer) {
    if (has(params, "default_payment_method"))
        check_attached(scope, text(params, "default_payment_method"), customer,
                       "default_payment_method");
    if (has(params, "transfer_data.destination"))
        check_destination(scope.on(""), text(params, "transfer_data.destination"),
                          "transfer_data[destination]");
    if (has(params, "on_behalf_of"))
        static_cast<void>(
            scope.on("").get("account", text(params, "on_behalf_of"), "on_behalf_of"));
    check_fee_percent(scope, params);
    if (const auto* percent = at(params, "transfer_data.amount_percent"))
        check_percent(*percent, "transfer_data[amount_percent]");
    check_times(params);
    if (text(params, "collection_method") == "send_invoice" && !has(params, "days_until_due"))
        throw invalid(
            "If you set `collection_method` to `send_invoice`, you must also set "
            "`days_until_due`.")
            .param("days_until_due");
    for (const auto& id : array(params, "default_tax_rates"))
        static_cast<void>(scope.get("tax_rate", id.as_string(), "default_tax_rates"));
}

void apply_to_subscription(const Scope& scope, json::object& subscription,
                           const json::object& params) {
    for (const auto* name : plain) {
        const auto* given = params.if_contains(name);
        if (!given) continue;
        auto* kept = subscription[name].if_object();
        if (!given->is_object() || !kept) {
            scope.fill(subscription, name, *given);
            continue;
        }
        json::object merged(*kept);
        for (const auto& [member, value] : given->get_object())
            merged[member] = value;
        scope.fill(subscription, name, std::move(merged));
    }
    if (params.contains("default_tax_rates")) {
        json::array rates;
        for (const auto& id : array(params, "default_tax_rates"))
            rates.push_back(scope.get("tax_rate", id.as_string()));
        subscription["default_tax_rates"] = std::move(rates);
    }
    Call::merge_metadata(subscription, params);
}

Seconds anchor_by(const json::object& config, Interval interval, Seconds now) {
    using namespace std::chrono;
    const year_month_day today(floor<days>(sys_seconds(seconds(now))));
    const auto wanted = static_cast<unsigned>(integer(config, "day_of_month", 1));
    auto month_then = year_month(today.year(), today.month());
    if (has(config, "month"))
        month_then = today.year() / month(static_cast<unsigned>(integer(config, "month")));
    for (;; month_then += months(interval.unit == "year" ? 12 : 1)) {
        const auto last =
            year_month_day_last(month_then.year(), month_day_last(month_then.month()));
        const sys_days date(month_then / std::min(std::chrono::day(wanted), last.day()));
        const Seconds midnight_then = sys_seconds(date).time_since_epoch().count();
        const auto time_of_day = integer(config, "hour", now % day / hour) * hour +
                                 integer(config, "minute", now % hour / minute) * minute +
                                 integer(config, "second", now % minute);
        if (midnight_then + time_of_day >= now) return midnight_then + time_of_day;
    }
}

json::object begin_subscription_invoice(const Scope& scope, const json::object& subscription,
                                        std::string_view billing_reason) {
    const auto& customer = scope.get("customer", text(subscription, "customer"), "customer");
    auto invoice = begin_invoice(scope, customer, text(subscription, "currency"), billing_reason);
    const auto now = integer(invoice, "created");
    scope.fill(
        invoice, "parent",
        {{"subscription_details",
          {{"metadata", subscription.at("metadata")}, {"subscription", subscription.at("id")}}},
         {"type", "subscription_details"}});
    for (const auto* same : {"application", "collection_method", "description", "on_behalf_of"})
        invoice[same] = subscription.at(same);
    invoice["auto_advance"] = true;
    if (flag(subscription, "automatic_tax.enabled")) set(invoice, "automatic_tax.enabled") = true;
    if (const auto* rates = at(subscription, "default_tax_rates"))
        invoice["default_tax_rates"] = *rates;
    if (text(subscription, "collection_method") == "send_invoice")
        invoice["due_date"] = now + integer(subscription, "days_until_due") * day;
    auto discounts = array(subscription, "discounts");
    const auto& own = object(customer, "discount");
    if (discounts.empty() && !own.empty()) discounts.push_back(own.at("id"));
    json::array holding_now;
    for (const auto& id : holding(scope, discounts, now))
        holding_now.emplace_back(id);
    invoice["discounts"] = std::move(holding_now);
    return invoice;
}

void drop_used_discounts(const Scope& scope, json::object& subscription) {
    const auto now = time_for(scope, subscription);
    json::array kept;
    for (const auto& each : array(subscription, "discounts")) {
        const auto& discount = scope.get("discount", each.as_string());
        const auto reduction = reduction_of(scope, discount);
        const bool over = has(discount, "end") && integer(discount, "end") <= now;
        if (over || text(*reduction.coupon, "duration") == "once")
            scope.emit("customer.discount.deleted", discount);
        else
            kept.push_back(each);
    }
    subscription["discounts"] = std::move(kept);
}

void schedule_billing(const Scope& scope, const json::object& subscription) {
    const auto now = time_for(scope, subscription);
    const auto end = first_period_end(items_of(scope, subscription));
    if (end > now) schedule_at(scope, subscription, end, "subscription.cycle");
    if (end - upcoming_notice > now)
        schedule_at(scope, subscription, end - upcoming_notice, "subscription.upcoming");
    const auto trial_end = integer(subscription, "trial_end");
    if (trial_end > now)
        schedule_at(scope, subscription, std::max(now, trial_end - trial_warning),
                    "subscription.trial_will_end");
    if (const auto cancel_at = integer(subscription, "cancel_at"); cancel_at > now)
        schedule_at(scope, subscription, cancel_at, "subscription.cycle");
    const auto resumes = integer(subscription, "pause_collection.resumes_at");
    if (resumes > now) schedule_at(scope, subscription, resumes, "subscription.resume_collection");
}

}  // namespace daybook::sim
