// Webhook endpoints: what the API and the configuration have in common.
#pragma once

#include <tools/stripe_sim/config.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string_view>
#include <vector>

namespace daybook::sim {

/// Makes the endpoints that were configured from outside be these: those of an earlier run are
/// pointed to their new address, with what is still in their queues.
void configure_endpoints(World& world, const std::vector<WebhookTarget>& wanted);

/// Refuses what is no address of a receiver.
void check_webhook_url(std::string_view url, std::string_view param);

}  // namespace daybook::sim
