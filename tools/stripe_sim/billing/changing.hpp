// Changes of running subscriptions: what they cost for the rest of the period, and when they wait
// for a payment.
#pragma once

#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// What the items shall be.
struct ItemChanges {
    std::vector<json::object> before;  ///< those that change or go, as they are
    std::vector<json::object> after;   ///< those that are new or changed
    std::vector<std::string> removed;  ///< ids
    bool restarts = false;             ///< a new period begins now
};

/// The changes that the items parameter asks for. Throws Stripe's refusals.
ItemChanges item_changes(const Scope& scope, const json::object& subscription,
                         const json::array& given, Seconds now, bool restart = false);

/// Invoice items, not stored: credit for the unused time of what was, and the remaining time of
/// what will be (the latter not when a new period begins).
std::vector<json::object> prorations(const Scope& scope, const json::object& subscription,
                                     const ItemChanges& changes, Seconds now);

/// POST /v1/subscriptions/{subscription} with these parameters.
void change_subscription(const Scope& scope, json::object& subscription,
                         const json::object& params);

/// The payment that a pending update waited for has come.
void apply_pending(const Scope& scope, json::object& subscription);

/// Registers the expiry of pending updates.
void add_changing(Routes& on);

}  // namespace daybook::sim
