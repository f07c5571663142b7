// What the simulator's pages share.
#pragma once

#include <tools/stripe_sim/http.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>

namespace daybook::sim {

/// pages/<name>, with the content type of its suffix.
Reply page_reply(std::string_view name);

/// The scope that has the object: an address names the object alone, whoever it belongs to. Throws
/// Stripe's 404.
Scope home_of(World& world, std::string_view type, std::string_view id);

}  // namespace daybook::sim
