// Event destinations of the v2 API: webhook endpoints that may take thin events.
#include <tools/stripe_sim/resources/webhook_endpoints.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/metering.hpp>
#include <tools/stripe_sim/thin_events.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::string_view type = "v2.core.event_destination";
constexpr std::string_view thin_prefix = "v1.";

/// What events are called inside: "v1.charge.failed" is the thin form of charge.failed.
std::string snapshot_type(std::string_view name) {
    return std::string(name.starts_with(thin_prefix) ? name.substr(thin_prefix.size()) : name);
}

void check_types(const Call& call, bool thin) {
    for (const auto& value : call.array("enabled_events")) {
        const std::string_view name = value.as_string();
        const bool fits = name == "*" || name.starts_with("v2.") ||
                          (thin && is_meter_error(name)) ||
                          (name.starts_with(thin_prefix) == thin &&
                           call.world.spec.has_event(snapshot_type(name)));
        if (!fits)
            throw invalid(fmt::format("The event type {} is not valid for this destination.", name))
                .param("enabled_events");
    }
}

/// The address shows to those who ask for it.
json::object shown(const Call& call, const json::object& destination) {
    json::object copy(destination);
    const auto& include = call.array("include");
    const bool with_url = std::ranges::any_of(
        include, [](const auto& name) { return name == "webhook_endpoint.url"; });
    if (!with_url) copy.stable_erase(copy.find("webhook_endpoint"));
    return copy;
}

void update_target(const Call& call, const json::object& destination) {
    auto target = *call.world.deliveries.find(text(destination, "id"));
    target.url = text(destination, "webhook_endpoint.url");
    target.types.clear();
    for (const auto& name : array(destination, "enabled_events"))
        target.types.push_back(snapshot_type(name.as_string()));
    target.enabled = text(destination, "status") == "enabled";
    call.world.deliveries.put(std::move(target));
}

void touch(const Call& call, json::object& destination) {
    destination["updated"] = rfc3339(call.now());
    update_target(call, destination);
}

void copy_plain(const Call& call, json::object& destination) {
    for (const auto* name : {"name", "description", "enabled_events"})
        if (call.mentions(name)) destination[name] = call.params.at(name);
    if (!call.mentions("metadata")) return;
    auto& metadata = destination["metadata"];
    if (!metadata.is_object()) metadata = json::object();
    for (const auto& [name, value] : call.object("metadata")) {
        if (value.is_null())
            metadata.get_object().erase(name);
        else
            metadata.get_object()[name] = value;
    }
}

bool comes_from(const Call& call, std::string_view which, std::string_view old_name, bool other) {
    if (!call.has("events_from")) return other;
    return std::ranges::any_of(call.array("events_from"), [&](const json::value& from) {
        const std::string_view name = from.as_string();
        return name == which || name == old_name;
    });
}

json::object create(Call& call) {
    if (call.text("type") != "webhook_endpoint")
        throw invalid("The simulator sends events to webhook endpoints alone.").param("type");
    if (!call.has("webhook_endpoint.url")) throw missing_param("webhook_endpoint");
    check_webhook_url(call.text("webhook_endpoint.url"), "webhook_endpoint.url");
    const bool thin = call.text("event_payload") == "thin";
    check_types(call, thin);

    auto destination = call.begin(type, "ed_");
    destination["created"] = rfc3339(call.now());
    destination["type"] = "webhook_endpoint";
    destination["status"] = "enabled";
    destination["event_payload"] = call.params.at("event_payload");
    copy_plain(call, destination);
    destination["events_from"] =
        call.has("events_from") ? call.params.at("events_from") : json::array{"@self"};
    if (!thin)
        destination["snapshot_api_version"] = call.has("snapshot_api_version")
                                                  ? call.params.at("snapshot_api_version")
                                                  : json::value(call.world.spec.version());
    destination["webhook_endpoint"] = json::object{{"url", call.text("webhook_endpoint.url")}};

    Target target;
    target.id = text(destination, "id");
    target.owner = call.account;
    target.thin = thin;
    target.own = comes_from(call, "@self", "self", true);
    target.connect = comes_from(call, "@accounts", "other_accounts", false);
    target.api_version = text(destination, "snapshot_api_version");
    target.secrets.push_back({call.world.ids.make("whsec_"), std::nullopt});
    const auto secret = target.secrets.front().secret;
    call.world.deliveries.put(std::move(target));
    auto& stored = call.put(std::move(destination));
    touch(call, stored);
    auto answer = shown(call, stored);
    for (const auto& name : call.array("include"))
        if (name == "webhook_endpoint.signing_secret")
            set(answer, "webhook_endpoint.signing_secret") = secret;
    return answer;
}

json::object& edited(const Call& call) {
    return call.edit(type, call.id("event_destination"));
}

json::object update(Call& call) {
    auto& destination = edited(call);
    if (call.has("webhook_endpoint.url")) {
        check_webhook_url(call.text("webhook_endpoint.url"), "webhook_endpoint.url");
        set(destination, "webhook_endpoint.url") = call.text("webhook_endpoint.url");
    }
    check_types(call, text(destination, "event_payload") == "thin");
    copy_plain(call, destination);
    touch(call, destination);
    return shown(call, destination);
}

json::object enable(Call& call) {
    auto& destination = edited(call);
    destination["status"] = "enabled";
    if (const auto found = destination.find("status_details"); found != destination.end())
        destination.stable_erase(found);
    touch(call, destination);
    return shown(call, destination);
}

json::object disable(Call& call) {
    auto& destination = edited(call);
    destination["status"] = "disabled";
    destination["status_details"] = json::object{{"disabled", {{"reason", "user"}}}};
    touch(call, destination);
    return shown(call, destination);
}

json::object ping(Call& call) {
    const std::string id(call.id("event_destination"));
    static_cast<void>(call.get(type, id));
    const auto number = append_v2_event(
        call.world,
        {{"related_object",
          {{"id", id}, {"type", json::string(type)}, {"url", "/v2/core/event_destinations/" + id}}},
         {"type", "v2.core.event_destination.ping"}});
    call.world.deliveries.resend(id, number);
    return thin_event(call.world, number);
}

json::object remove(Call& call) {
    const std::string id(call.id("event_destination"));
    static_cast<void>(call.get(type, id));
    call.world.deliveries.erase(id);
    call.erase(type, id);
    return {{"id", id}, {"object", type}};
}

json::object list(Call& call) {
    json::array data;
    const auto span = v2_span(call);
    const auto enough = static_cast<std::int64_t>(span.skip + span.limit + 1);
    const auto page = call.world.store.page(call.account, type, {.limit = enough});
    for (const auto* destination : page.items)
        data.push_back(shown(call, *destination));
    return v2_page(call, data);
}

}  // namespace

void add_event_destinations(Routes& on) {
    constexpr std::string_view one = "/v2/core/event_destinations/{event_destination}";
    on("POST", "/v2/core/event_destinations", create);
    on("GET", "/v2/core/event_destinations", list);
    on("GET", one,
       [](Call& call) { return shown(call, call.get(type, call.id("event_destination"))); });
    on("POST", one, update);
    on("DELETE", one, remove);
    on("POST", std::string(one) + "/enable", enable);
    on("POST", std::string(one) + "/disable", disable);
    on("POST", std::string(one) + "/ping", ping);
}

}  // namespace daybook::sim
