// When an account is paid out: its balance settings, and what they mean.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <optional>

namespace daybook::sim {

/// The account's balance settings, made on first use; they carry an id that clients do not see.
const json::object& balance_settings(const Scope& scope);
/// The same to be changed.
json::object& edit_balance_settings(const Scope& scope);

/// Takes over a schedule, in the members of balance_settings.payments.payouts.schedule or in the
/// older ones of account.settings.payouts.schedule. Throws StripeError for what makes no sense.
void change_schedule(json::object& settings, const json::object& params);

/// The settings as clients see them.
json::object shown_balance_settings(const json::object& settings);

/// The settings as account.settings.payouts tells of them.
json::object account_payout_settings(const json::object& settings);

/// The first time of an automatic payout after now and not before `from`; none when payouts are
/// manual.
std::optional<Seconds> next_payout_run(const Scope& scope, Seconds from);

/// The next day on which banks work, after `time`: when what is sent then arrives.
Seconds next_business_day(Seconds time);

/// When money that the account takes now becomes available at the earliest.
Seconds own_delay(const Scope& scope);

}  // namespace daybook::sim
