// Events as older API versions show them: for endpoints pinned to one, and as a fault.
#pragma once

#include <tools/stripe_sim/json.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace daybook::sim {

class World;

/// Versions on both sides of every difference that is rendered, oldest first. The first entry is
/// "", the simulator's own.
std::span<const std::string> known_versions();

/// The place in known_versions() of this version, or 0 when it is not there.
std::size_t known_version(std::string_view version);

/// Rewrites a snapshot event as `version` would have shown it, as far as payment intents, charges,
/// invoices, subscriptions, discounts and promotion codes go. What an older shape embeds or names
/// beyond the snapshot (a payment's charges, its invoice) is taken as it is now.
void render_as_of(World& world, json::object& event, std::string_view version);

/// Takes the balance transaction, transfer and application fee away from a snapshot, as when Stripe
/// has not made them yet.
void drop_balance_transactions(json::object& event);

}  // namespace daybook::sim
