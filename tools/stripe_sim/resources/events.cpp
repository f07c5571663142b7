// Events as the API shows them: those of the last thirty days.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds kept_for = 30 * day;
constexpr std::size_t types_max = 20;

std::size_t known(const Call& call, std::string_view id, std::string_view param) {
    const auto& events = call.world.events;
    const auto number = events.find(call.account, id);
    if (!number || events.head(*number).created < call.now() - kept_for)
        throw no_such("event", id, param);
    return *number;
}

json::object retrieve(Call& call) {
    return call.world.events.get(known(call, call.id("event"), "event"));
}

json::object list(Call& call) {
    EventQuery query;
    query.limit = limit_of(call);
    query.starting_after = call.text("starting_after");
    query.ending_before = call.text("ending_before");
    for (const auto* name : {"starting_after", "ending_before"})
        if (call.has(name)) static_cast<void>(known(call, call.text(name), name));
    const auto created = created_of(call);
    query.created_from = created.from;
    query.created_to = created.to;
    if (call.has("type") && call.has("types"))
        throw invalid("You may only specify one of these parameters: type, types.").unexecuted();
    if (call.has("type")) query.types.emplace_back(call.text("type"));
    for (const auto& type : call.array("types"))
        query.types.emplace_back(type.as_string());
    if (query.types.size() > types_max)
        throw invalid("You may specify at most 20 types.").param("types").unexecuted();
    if (call.has("delivery_success")) query.delivery_success = call.flag("delivery_success");

    const auto page = call.world.events.page(call.account, query, call.now() - kept_for);
    json::array data;
    for (const auto number : page.numbers)
        data.push_back(call.world.events.get(number));
    return {{"object", "list"},
            {"data", std::move(data)},
            {"has_more", page.has_more},
            {"url", call.url}};
}

}  // namespace

void add_events(Routes& on) {
    on("GET", "/v1/events/{event}", retrieve);
    on("GET", "/v1/events", list);
}

}  // namespace daybook::sim
