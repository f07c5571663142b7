// Days of the week and of the month, all in UTC.
#include <tools/stripe_sim/payout_schedule.hpp>

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace daybook::sim {
namespace {

constexpr std::int64_t delay_days_default = 2;
constexpr std::array<std::string_view, 7> weekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};

std::chrono::sys_days date_of(Seconds time) {
    return std::chrono::sys_days(std::chrono::days(time / day));
}

unsigned weekday_of(Seconds time) {
    return std::chrono::weekday(date_of(time)).c_encoding();
}

bool falls_on_weekday(const json::array& days, Seconds time) {
    const auto today = weekdays.at(weekday_of(time));
    if (days.empty()) return today == "friday";
    return std::ranges::any_of(days,
                               [&](const json::value& one) { return one.as_string() == today; });
}

/// The 31st means the last day of shorter months.
bool falls_on_day_of_month(const json::array& days, Seconds time) {
    const std::chrono::year_month_day date(date_of(time));
    const std::chrono::year_month_day_last last{date.year() / date.month() / std::chrono::last};
    const auto today = static_cast<std::int64_t>(static_cast<unsigned>(date.day()));
    const auto length = static_cast<std::int64_t>(static_cast<unsigned>(last.day()));
    if (days.empty()) return today == 1;
    return std::ranges::any_of(
        days, [&](const json::value& one) { return std::min(one.as_int64(), length) == today; });
}

bool is_payout_day(const json::object& schedule, Seconds time) {
    const auto interval = text(schedule, "interval");
    if (interval == "weekly") return falls_on_weekday(array(schedule, "weekly_payout_days"), time);
    if (interval == "monthly")
        return falls_on_day_of_month(array(schedule, "monthly_payout_days"), time);
    return interval == "daily";
}

/// The days that are given, by their new name or as the one day of the old name; else those that
/// are set already.
json::array days_of(const json::object& params, const json::object& schedule, std::string_view name,
                    std::string_view old_name) {
    if (has(params, name)) return array(params, name);
    if (const auto* one = at(params, old_name)) return json::array{*one};
    if (has(schedule, name)) return array(schedule, name);
    throw missing_param(name);
}

}  // namespace

const json::object& balance_settings(const Scope& scope) {
    if (const auto* found = scope.find("balance_settings", "current")) return *found;
    return edit_balance_settings(scope);
}

json::object& edit_balance_settings(const Scope& scope) {
    auto& store = scope.world.store;
    if (auto* found = store.edit(scope.account, "balance_settings", "current")) return *found;
    auto settings = scope.begin("balance_settings", "");
    settings["id"] = "current";
    scope.fill(settings, "payments",
               {{"debit_negative_balances", true},
                {"payouts", {{"schedule", {{"interval", "daily"}}}, {"status", "enabled"}}},
                {"settlement_timing", {{"delay_days", delay_days_default}}}});
    return scope.put(std::move(settings));
}

void change_schedule(json::object& settings, const json::object& params) {
    auto& schedule = set(settings, "payments.payouts.schedule").as_object();
    const auto interval =
        has(params, "interval") ? text(params, "interval") : text(schedule, "interval");
    json::object changed{{"interval", json::string(interval)}};
    if (interval == "weekly")
        changed["weekly_payout_days"] =
            days_of(params, schedule, "weekly_payout_days", "weekly_anchor");
    if (interval == "monthly")
        changed["monthly_payout_days"] =
            days_of(params, schedule, "monthly_payout_days", "monthly_anchor");
    schedule = std::move(changed);
    if (const auto* delay = at(params, "delay_days"); delay && delay->is_int64())
        set(settings, "payments.settlement_timing.delay_days") =
            std::max(delay->get_int64(), delay_days_default);
    else if (delay)
        set(settings, "payments.settlement_timing.delay_days") = delay_days_default;
}

json::object shown_balance_settings(const json::object& settings) {
    json::object shown(settings);
    shown.stable_erase(shown.find("id"));
    return shown;
}

json::object account_payout_settings(const json::object& settings) {
    const auto& payments = object(settings, "payments");
    json::object schedule(object(payments, "payouts.schedule"));
    schedule["delay_days"] = integer(payments, "settlement_timing.delay_days");
    if (const auto& days = array(schedule, "weekly_payout_days"); !days.empty())
        schedule["weekly_anchor"] = json::value(days.front());
    if (const auto& days = array(schedule, "monthly_payout_days"); !days.empty())
        schedule["monthly_anchor"] = json::value(days.front());
    return {{"debit_negative_balances", flag(payments, "debit_negative_balances")},
            {"schedule", std::move(schedule)},
            {"statement_descriptor", text_or_null(text(payments, "payouts.statement_descriptor"))}};
}

std::optional<Seconds> next_payout_run(const Scope& scope, Seconds from) {
    const auto& schedule = object(balance_settings(scope), "payments.payouts.schedule");
    if (text(schedule, "interval") == "manual") return std::nullopt;
    auto at = midnight(std::max(from, scope.now() + 1) + day - 1);
    while (!is_payout_day(schedule, at))
        at += day;
    return at;
}

Seconds next_business_day(Seconds time) {
    auto at = midnight(time) + day;
    while (weekday_of(at) == 0 || weekday_of(at) == 6)
        at += day;
    return at;
}

Seconds own_delay(const Scope& scope) {
    const auto days = integer(balance_settings(scope), "payments.settlement_timing.delay_days");
    return midnight(scope.now()) + days * day;
}

}  // namespace daybook::sim
