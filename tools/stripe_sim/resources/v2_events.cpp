// Events of the v2 API, made from the snapshots of the last thirty days.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/thin_events.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

constexpr Seconds kept_for = 30 * day;
constexpr std::int64_t page_max = 100;

json::object retrieve(Call& call) {
    const auto id = call.id("event");
    auto number = call.world.events.find(v2_events, id);
    if (!number) number = thin_event_number(call.world, call.account, id);
    if (!number) throw no_such("v2.core.event", id);
    return thin_event(call.world, *number);
}

json::object list(Call& call) {
    EventQuery query;
    query.limit = page_max;
    const auto created = created_of(call);
    query.created_from = created.from;
    query.created_to = created.to;
    for (const auto& value : call.array("types")) {
        const std::string_view name = value.as_string();
        query.types.emplace_back(name.starts_with("v1.") ? name.substr(3) : name);
    }
    const auto span = v2_span(call);
    const auto enough = span.skip + span.limit + 1;
    const auto& events = call.world.events;
    json::array data;
    for (bool more = true; more && data.size() < enough;) {
        const auto page = events.page(call.account, query, call.now() - kept_for);
        for (const auto number : page.numbers) {
            auto event = thin_event(call.world, number);
            if (data.size() < enough &&
                (!call.has("object_id") ||
                 text(event, "related_object.id") == call.text("object_id")))
                data.push_back(std::move(event));
            query.starting_after = events.head(number).id;
        }
        more = page.has_more;
    }
    return v2_page(call, data);
}

}  // namespace

void add_v2_events(Routes& on) {
    on("GET", "/v2/core/events/{event}", retrieve);
    on("GET", "/v2/core/events", list);
}

}  // namespace daybook::sim
