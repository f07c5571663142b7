// Made from the snapshot each time it is asked for: nothing about them is stored.
#include <tools/stripe_sim/thin_events.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/chrono.h>

namespace daybook::sim {
namespace {

constexpr std::string_view v1_prefix = "evt_";
constexpr std::string_view v2_prefix = "evt_test_";

}  // namespace

std::string rfc3339(Seconds time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.000Z", fmt::gmtime(std::time_t{time}));
}

std::size_t append_v2_event(World& world, json::object event) {
    const auto now = world.clock.now();
    world.events.release();  // this one is sent before its request is over
    event["id"] = "evt_test_" + world.ids.letters(24);
    event["object"] = "v2.core.event";
    event["created"] = rfc3339(now);
    event["livemode"] = false;
    std::string line;
    append_compact(line, event);
    return world.events.append({.id = std::string(text(event, "id")),
                                .type = text(event, "type"),
                                .account = v2_events,
                                .created = now},
                               line);
}

json::object thin_event(const World& world, std::size_t number) {
    const auto snapshot = std::move(json::parse(world.events.text(number)).as_object());
    // Those that the v2 API alone knows are stored as they are.
    if (text(snapshot, "object") == "v2.core.event") return snapshot;
    const auto id = text(snapshot, "id");
    json::object event{{"id", std::string(v2_prefix) + std::string(id.substr(v1_prefix.size()))},
                       {"object", "v2.core.event"}};
    if (has(snapshot, "account")) event["context"] = snapshot.at("account");
    event["created"] = rfc3339(integer(snapshot, "created"));
    event["livemode"] = false;
    if (has(snapshot, "request.id"))
        event["reason"] = json::object{
            {"type", "request"},
            {"request", json::object{{"id", snapshot.at("request").at("id")},
                                     {"idempotency_key",
                                      json::string(text(snapshot, "request.idempotency_key"))}}}};
    const auto& object = sim::object(snapshot, "data.object");
    const auto type = text(object, "object");
    if (has(object, "id")) {
        auto url = world.spec.path_of(type);
        if (const auto brace = url.find('{'); brace != std::string::npos)
            url.replace(brace, std::string::npos, text(object, "id"));
        event["related_object"] =
            json::object{{"id", object.at("id")}, {"type", json::string(type)}, {"url", url}};
    }
    event["snapshot_event"] = json::string(id);
    event["type"] = "v1." + std::string(text(snapshot, "type"));
    return event;
}

std::optional<std::size_t> thin_event_number(const World& world, std::string_view account,
                                             std::string_view id) {
    if (!id.starts_with(v2_prefix)) return std::nullopt;
    const auto v1 = std::string(v1_prefix) + std::string(id.substr(v2_prefix.size()));
    return world.events.find(account, v1);
}

}  // namespace daybook::sim
