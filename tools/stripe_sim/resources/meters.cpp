// Meters, and the reports of usage through the API's first version.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/metering.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds windows_max = 1'000;

json::object create(Call& call) {
    if (const auto* same = meter_of(call, call.text("event_name")))
        throw invalid(fmt::format("An active meter ({}) already exists for event name {}.",
                                  text(*same, "id"), call.text("event_name")))
            .code("resource_already_exists")
            .param("event_name");
    auto meter = call.begin("billing.meter", "mtr_");
    meter["customer_mapping"] = {{"event_payload_key", "stripe_customer_id"}, {"type", "by_id"}};
    meter["value_settings"] = {{"event_payload_key", "value"}};
    meter["status"] = "active";
    meter["updated"] = call.now();
    call.copy(meter, {"default_aggregation", "display_name", "event_name"});
    for (const auto* name : {"customer_mapping", "event_time_window", "value_settings"})
        if (call.has(name)) call.copy(meter, {name});
    auto& stored = call.put(std::move(meter));
    call.emit("billing.meter.created", stored);
    return stored;
}

json::object update(Call& call) {
    auto& meter = call.edit("billing.meter", call.id("meter"), "meter");
    const json::object before(meter);
    if (call.has("display_name")) call.copy(meter, {"display_name"});
    meter["updated"] = call.now();
    call.emit_changed("billing.meter.updated", before, meter);
    return meter;
}

json::object set_active(Call& call, bool active) {
    auto& meter = call.edit("billing.meter", call.id("meter"), "meter");
    const auto* status = active ? "active" : "inactive";
    if (text(meter, "status") == status)
        throw invalid(fmt::format("The meter {} is {} already.", call.id("meter"), status));
    const json::object before(meter);
    meter["status"] = status;
    meter["updated"] = call.now();
    set(meter, "status_transitions.deactivated_at") =
        active ? json::value() : json::value(call.now());
    call.emit_changed(active ? "billing.meter.reactivated" : "billing.meter.deactivated", before,
                      meter);
    return meter;
}

json::object report(Call& call) {
    MeterEvent event{.event_name = std::string(call.text("event_name")),
                     .identifier = std::string(call.text("identifier")),
                     .payload = call.object("payload"),
                     .at = call.integer("timestamp", call.now())};
    if (const auto refusal = report_usage(call, event))
        throw invalid(refusal->message).code(refusal->code);
    auto answer = call.begin("billing.meter_event", "");
    answer["event_name"] = event.event_name;
    answer["identifier"] = event.identifier;
    answer["payload"] = event.payload;
    answer["timestamp"] = event.at;
    return answer;
}

/// What was used in each window of a span, the last one first.
json::object summaries(Call& call) {
    const auto& meter = call.get("billing.meter", call.id("meter"), "meter");
    const auto from = call.integer("start_time");
    const auto to = call.integer("end_time");
    if (from >= to) throw invalid("The end_time must be after the start_time.").param("end_time");
    const auto window = call.text("value_grouping_window");
    const auto width = window == "day" ? day : window == "hour" ? hour : to - from;
    if ((to - from) / width > windows_max)
        throw invalid("The span has too many windows.").param("value_grouping_window");
    json::array data;
    for (auto at = from; at < to; at += width) {
        auto summary = call.begin("billing.meter_event_summary", "");
        // Not stored, but the same each time, as a cursor must be.
        const auto meter_id = text(meter, "id");
        summary["id"] = fmt::format("mtrusum_{}{}", meter_id.substr(meter_id.find('_') + 1), at);
        summary["aggregated_value"] =
            usage_of(call, meter, call.text("customer"), at, std::min(at + width, to));
        summary["start_time"] = at;
        summary["end_time"] = std::min(at + width, to);
        summary["meter"] = meter.at("id");
        data.insert(data.begin(), std::move(summary));
    }
    return list_page(call, data);
}

}  // namespace

void add_meters(Routes& on) {
    on("POST", "/v1/billing/meters", create);
    on.list("/v1/billing/meters", {"status"});
    on.retrieve("/v1/billing/meters/{meter}");
    on("POST", "/v1/billing/meters/{meter}", update);
    on("POST", "/v1/billing/meters/{meter}/deactivate",
       [](Call& call) { return set_active(call, false); });
    on("POST", "/v1/billing/meters/{meter}/reactivate",
       [](Call& call) { return set_active(call, true); });
    on("GET", "/v1/billing/meters/{meter}/event_summaries", summaries);
    on("POST", "/v1/billing/meter_events", report);
}

}  // namespace daybook::sim
