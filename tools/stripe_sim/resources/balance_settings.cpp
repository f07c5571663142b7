// Balance settings: when and how an account is paid out.
#include <tools/stripe_sim/account_state.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/resources/accounts.hpp>
#include <tools/stripe_sim/resources/payouts.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

json::object shown(const Scope& scope) {
    auto settings = shown_balance_settings(balance_settings(scope));
    set(settings, "payments.payouts.status") = payouts_enabled(scope) ? "enabled" : "disabled";
    return settings;
}

/// Sets what is given per currency; null takes a currency out.
void merge_by_currency(json::object& payouts, std::string_view name, const json::value& given) {
    auto& place = payouts[name];
    if (given.is_null()) {
        place = nullptr;
        return;
    }
    if (!place.is_object()) place = json::object();
    auto& by_currency = place.get_object();
    for (const auto& [currency, value] : given.as_object()) {
        const auto checked = checked_currency(currency);
        if (!value.is_null())
            by_currency[checked] = value;
        else if (const auto found = by_currency.find(checked); found != by_currency.end())
            by_currency.stable_erase(found);
    }
}

void change_payouts(json::object& settings, const json::object& params) {
    if (has(params, "schedule")) change_schedule(settings, object(params, "schedule"));
    auto& payouts = set(settings, "payments.payouts").as_object();
    for (const auto* name : {"minimum_balance_by_currency", "automatic_transfer_rules_by_currency"})
        if (const auto* given = params.if_contains(name)) merge_by_currency(payouts, name, *given);
    if (const auto* descriptor = params.if_contains("statement_descriptor"))
        payouts["statement_descriptor"] = *descriptor;
}

void change_timing(json::object& settings, const json::object& params) {
    auto& timing = set(settings, "payments.settlement_timing").as_object();
    if (const auto* days = params.if_contains("delay_days_override")) {
        timing.erase("delay_days_override");
        if (days->is_int64()) timing["delay_days_override"] = *days;
        change_schedule(settings, {{"delay_days", days->is_int64() ? *days : "minimum"}});
    }
    if (const auto* start = params.if_contains("start_of_day")) timing["start_of_day"] = *start;
}

json::object update(Call& call) {
    if (call.is_platform()) static_cast<void>(platform_account(call));
    const auto before = shown(call);
    auto& settings = edit_balance_settings(call);
    if (const auto* debit = at(call.params, "payments.debit_negative_balances"))
        set(settings, "payments.debit_negative_balances") = *debit;
    change_payouts(settings, call.object("payments.payouts"));
    change_timing(settings, call.object("payments.settlement_timing"));
    const auto after = shown(call);
    call.emit_changed("balance_settings.updated", before, after);
    change_account(call, call.account_id(), [&](json::object& account) {
        set(account, "settings.payouts") = account_payout_settings(settings);
    });
    await_run(call, true);
    return after;
}

}  // namespace

void add_balance_settings(Routes& on) {
    on("GET", "/v1/balance_settings", [](Call& call) { return shown(call); });
    on("POST", "/v1/balance_settings", update);
}

}  // namespace daybook::sim
