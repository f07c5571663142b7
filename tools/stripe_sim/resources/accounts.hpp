// Accounts: the platform's own, and those connected to it.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// The platform's own account with a bank account, made on first use.
const json::object& platform_account(const Scope& scope);

/// Makes a connected account from the parameters of POST /v1/accounts, with its events.
json::object& make_account(const Scope& scope, const json::object& params);

/// Takes over parameters of POST /v1/accounts/{account}, with all that follows.
json::object& tell_account(const Scope& scope, std::string_view account_id,
                           const json::object& params);

/// An Express account that went through onboarding with test data: it may take payments and is
/// paid out. `params` as for make_account().
json::object& make_active_account(const Scope& scope, const json::object& params);

}  // namespace daybook::sim
