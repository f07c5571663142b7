// Webhook endpoints: documents for whoever asks, targets for the deliveries.
#include <tools/stripe_sim/resources/webhook_endpoints.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::string_view type = "webhook_endpoint";
constexpr std::size_t endpoints_max = 16;

std::vector<std::string> patterns(const json::object& endpoint) {
    std::vector<std::string> all;
    for (const auto& pattern : array(endpoint, "enabled_events"))
        all.emplace_back(pattern.as_string());
    return all;
}

/// Brings the target in line with its document; its secrets and scope stay.
void update_target(const Scope& scope, const json::object& endpoint) {
    auto target = *scope.world.deliveries.find(text(endpoint, "id"));
    target.url = text(endpoint, "url");
    target.types = patterns(endpoint);
    target.enabled = text(endpoint, "status") == "enabled";
    scope.world.deliveries.put(std::move(target));
}

json::object& make(const Scope& scope, json::object endpoint, const std::string& secret,
                   bool connect) {
    Target target;
    target.id = text(endpoint, "id");
    target.owner = scope.account;
    target.own = !connect;
    target.connect = connect;
    target.api_version = text(endpoint, "api_version");
    target.secrets.push_back({secret, std::nullopt});
    endpoint["status"] = "enabled";
    auto& stored = scope.put(std::move(endpoint));
    scope.world.deliveries.put(std::move(target));
    update_target(scope, stored);
    return stored;
}

json::object create(Call& call) {
    check_webhook_url(call.text("url"), "url");
    if (call.array("enabled_events").empty())
        throw invalid("You must enable at least one event.").param("enabled_events");
    if (call.world.store.count(call.account, type) >= endpoints_max)
        throw invalid("You have reached the maximum of 16 webhook endpoints.");
    auto endpoint = call.begin(type, "we_");
    call.copy(endpoint, {"url", "enabled_events", "api_version", "description"});
    call.copy_metadata(endpoint);
    const auto secret = call.world.ids.make("whsec_");
    json::object answer(make(call, std::move(endpoint), secret, call.flag("connect")));
    // Only this once.
    answer["secret"] = secret;
    return answer;
}

json::object update(Call& call) {
    if (call.has("url")) check_webhook_url(call.text("url"), "url");
    auto& endpoint = call.edit(type, call.id("webhook_endpoint"), "webhook_endpoint");
    call.copy(endpoint, {"url", "enabled_events", "description"});
    call.copy_metadata(endpoint);
    if (call.has("disabled")) endpoint["status"] = call.flag("disabled") ? "disabled" : "enabled";
    update_target(call, endpoint);
    return endpoint;
}

json::object remove(Call& call) {
    const auto id = call.id("webhook_endpoint");
    static_cast<void>(call.get(type, id, "webhook_endpoint"));
    call.world.deliveries.erase(id);
    call.erase(type, id);
    return deleted(type, id);
}

/// POST /_sim/webhook_endpoints/{id}/rotate, as the dashboard's "roll secret": the old secret signs
/// beside the new one for `overlap` seconds, 24 hours when nothing is said.
Reply rotate(PageCall& call) {
    auto& deliveries = call.world.deliveries;
    const auto id = call.id("id");
    if (!deliveries.find(id)) throw no_such(type, id);
    const auto* overlap = call.params.if_contains("overlap");
    const auto secret = call.world.ids.make("whsec_");
    deliveries.rotate(id, secret, overlap && overlap->is_int64() ? overlap->get_int64() : day);
    return json_reply(json::object{{"id", json::string(id)}, {"secret", secret}});
}

}  // namespace

void check_webhook_url(std::string_view url, std::string_view param) {
    if ((url.starts_with("http://") && url.size() > 7) ||
        (url.starts_with("https://") && url.size() > 8))
        return;
    throw invalid("Invalid URL: An explicit scheme (such as https) must be provided.")
        .code("url_invalid")
        .param(param);
}

void configure_endpoints(World& world, const std::vector<WebhookTarget>& wanted) {
    const Scope platform(world, "");
    std::vector<Target> earlier;
    for (const auto* target : world.deliveries.targets())
        if (target->configured) earlier.push_back(*target);
    for (const auto& one : wanted) {
        const auto secret = one.secret.empty() ? world.ids.make("whsec_") : one.secret;
        const auto known = std::ranges::find(earlier, one.connect, &Target::connect);
        Target target;
        if (known != earlier.end()) {
            target = *known;
            earlier.erase(known);
            platform.edit(type, target.id)["url"] = one.url;
        } else {
            auto endpoint = platform.begin(type, "we_");
            endpoint["url"] = one.url;
            endpoint["enabled_events"] = json::array{"*"};
            const auto& stored = make(platform, std::move(endpoint), secret, one.connect);
            target = *world.deliveries.find(text(stored, "id"));
        }
        target.url = one.url;
        target.configured = true;
        target.secrets = {{secret, std::nullopt}};
        world.deliveries.put(std::move(target));
    }
    for (const auto& gone : earlier) {
        world.deliveries.erase(gone.id);
        platform.erase(type, gone.id);
    }
    world.store.rest();
}

void add_webhook_endpoints(Routes& on) {
    on("POST", "/v1/webhook_endpoints", create);
    on.retrieve("/v1/webhook_endpoints/{webhook_endpoint}");
    on.list("/v1/webhook_endpoints");
    on("POST", "/v1/webhook_endpoints/{webhook_endpoint}", update);
    on("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}", remove);
    on.page("POST", "/_sim/webhook_endpoints/{id}/rotate", rotate);
    on.task("webhook.retry",
            [](Scope& scope, std::string_view id) { scope.world.deliveries.retry(id); });
}

}  // namespace daybook::sim
