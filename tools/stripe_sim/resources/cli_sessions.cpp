// What Stripe's CLI asks for before it listens, and how it has an event sent again.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cli_listeners.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

// The CLI opens its socket anew that often, and misses what happens meanwhile.
constexpr std::int64_t reconnect_seconds = 24 * 60 * 60;

/// What the session is for: snapshots of objects, or thin events.
std::string_view feature_asked(const Call& call) {
    for (const auto& feature : call.array("websocket_features"))
        if (feature.is_string() && feature.get_string() == cli_thin_feature)
            return cli_thin_feature;
    return "webhooks";
}

json::object open(Call& call) {
    auto socket = call.world.base_url;
    socket.replace(0, socket.find("://"), "ws");
    return {{"object", "stripecli.session"},
            {"websocket_id", "cliws_" + call.world.ids.letters(24)},
            {"websocket_url", socket + std::string(cli_socket_path)},
            {"websocket_authorized_feature", json::string(feature_asked(call))},
            {"reconnect_delay", reconnect_seconds},
            {"secret", cli_secret(call.world)},
            {"default_version", call.world.spec.version()},
            {"latest_version", call.world.spec.version()},
            {"display_connect_filter_warning", false}};
}

/// `stripe events resend`: to one endpoint, or to each that takes it.
json::object resend(Call& call) {
    const auto id = call.id("event");
    const auto number = call.world.events.find(call.account, id);
    if (!number) throw no_such("event", id);
    auto& deliveries = call.world.deliveries;
    const auto endpoint = call.text("webhook_endpoint");
    if (!endpoint.empty()) {
        if (!deliveries.find(endpoint))
            throw no_such("webhook_endpoint", endpoint, "webhook_endpoint");
        deliveries.resend(endpoint, *number);
    } else {
        deliveries.resend(*number);
    }
    return call.world.events.get(*number);
}

}  // namespace

void add_cli_sessions(Routes& on) {
    on.unlisted("POST", "/v1/stripecli/sessions", open);
    on.unlisted("POST", "/v1/events/{event}/retry", resend);
}

}  // namespace daybook::sim
