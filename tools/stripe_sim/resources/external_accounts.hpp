// Where payouts go: bank accounts and debit cards of an account.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>

namespace daybook::sim {

/// Makes an external account, the first of its currency as the default: from a token (btok_..., or
/// tok_... for a card) or from its details.
json::object& put_external_account(const Scope& owner, const json::object& account,
                                   const json::value& given);

/// The same with account.external_account.created. With `replace` it becomes the default and its
/// predecessors of that currency go.
json::object& add_external_account(const Scope& owner, const json::object& account,
                                   const json::value& given, bool replace);

/// Where a payout goes: `id`, or the default of the currency when it is "". Null when there is
/// none.
const json::object* payout_destination(const Scope& owner, std::string_view id,
                                       std::string_view currency);

/// Why payouts to it fail: a failure_code of Stripe's test numbers, or "".
std::string_view payout_failure_of(const json::object& external_account);

/// Whether it takes instant payouts.
bool takes_instant(const json::object& external_account);

/// Marks it as one that does not work; emits account.external_account.updated.
void disable_external_account(const Scope& owner, std::string_view id);

/// All of them, the latest last.
json::object list_external_accounts(const Scope& owner, std::string_view account_id);

}  // namespace daybook::sim
