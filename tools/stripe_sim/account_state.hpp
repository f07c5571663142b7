// What follows from what is known of an account: requirements, capabilities, what it may do.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// The scope of an account's persons, external accounts, capabilities and events.
Scope owner_of(const Scope& scope, std::string_view account_id);

/// Changes an account (or, with an empty function, what belongs to it has changed), works out what
/// follows, emits account.updated and a capability.updated for each one that moved.
json::object& change_account(const Scope& scope, std::string_view account_id,
                             const std::function<void(json::object&)>& change = {});

/// The same without account.updated: for an account that was just made.
void review_account(const Scope& scope, json::object& account);

/// Wants further fields from an account until `deadline`; what is missing then disables it.
void ask_account(const Scope& scope, std::string_view account_id,
                 const std::vector<std::string>& fields, Seconds deadline);

/// Fields of these paths were just told: what was asked for is there.
void account_told(const Scope& scope, std::string_view account_id,
                  const std::vector<std::string>& paths);

/// Turns an account away for good (until it is given "" as reason).
void reject_account(const Scope& scope, std::string_view account_id, std::string_view reason);

/// Requests a capability, or takes the request back.
void request_capability(const Scope& owner, std::string_view account_id, std::string_view name,
                        bool requested);

}  // namespace daybook::sim
