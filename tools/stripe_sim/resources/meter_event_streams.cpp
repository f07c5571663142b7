// Reports of usage through the API's second version: what does not count is told by thin events.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/metering.hpp>
#include <tools/stripe_sim/thin_events.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace daybook::sim {
namespace {

constexpr Seconds session_lasts = 15 * minute;

/// 2026-10-28T09:30:00Z or with an offset in place of the Z; nothing when it is neither.
std::optional<Seconds> time_of(const std::string& text) {
    std::tm parts{};
    const auto* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest) return std::nullopt;
    const auto there = timegm(&parts);
    while (*rest == '.' || (*rest >= '0' && *rest <= '9'))
        ++rest;
    std::tm zone{};
    const bool behind = *rest == '-';
    if (*rest != '+' && !behind) return there;
    if (!strptime(rest + 1, "%H:%M", &zone)) return std::nullopt;
    const auto offset = zone.tm_hour * hour + zone.tm_min * minute;
    return behind ? there + offset : there - offset;
}

MeterEvent event_in(const Call& call, const json::object& params) {
    const std::string given(text(params, "timestamp"));
    const auto at = given.empty() ? call.now() : time_of(given);
    if (!at) throw invalid(fmt::format("Invalid timestamp: {}", given)).param("timestamp");
    return {.event_name = std::string(text(params, "event_name")),
            .identifier = std::string(text(params, "identifier")),
            .payload = object(params, "payload"),
            .at = *at};
}

/// To every destination of the platform that takes such thin events.
void send(const Call& call, std::size_t number, std::string_view type) {
    type.remove_prefix(std::string_view("v1.").size());
    std::vector<std::string> takers;
    for (const auto* target : call.world.deliveries.targets())
        if (target->thin && target->own && target->enabled && target->owner == call.account &&
            std::ranges::any_of(target->types, [type](const std::string& pattern) {
                return event_type_matches(pattern, type);
            }))
            takers.push_back(target->id);
    for (const auto& id : takers)
        call.world.deliveries.resend(id, number);
}

void tell(const Call& call, const MeterEvent& event, const MeterRefusal& refusal) {
    const bool known = !refusal.meter.empty();
    const auto* type =
        known ? "v1.billing.meter.error_report_triggered" : "v1.billing.meter.no_meter_found";
    const json::object sample{{"error_message", refusal.message},
                              {"request", {{"identifier", event.identifier}}}};
    json::object told{{"type", type},
                      {"data",
                       {{"developer_message_summary", "There is 1 invalid event"},
                        {"reason",
                         {{"error_count", 1},
                          {"error_types", json::array{{{"code", refusal.code},
                                                       {"error_count", 1},
                                                       {"sample_errors", json::array{sample}}}}}}},
                        {"validation_start", rfc3339(call.now())},
                        {"validation_end", rfc3339(call.now())}}}};
    if (known)
        told["related_object"] = {{"id", refusal.meter},
                                  {"type", "billing.meter"},
                                  {"url", "/v1/billing/meters/" + refusal.meter}};
    send(call, append_v2_event(call.world, std::move(told)), type);
}

json::object open_session(Call& call) {
    auto session = call.begin("v2.billing.meter_event_session", "mes_");
    // The simulator takes any key of a test; this one opens no more than others.
    session["authentication_token"] = "rk_test_" + call.world.ids.letters(24);
    session["created"] = rfc3339(call.now());
    session["expires_at"] = rfc3339(call.now() + session_lasts);
    return session;
}

json::object stream(Call& call) {
    for (const auto& each : call.array("events")) {
        auto event = event_in(call, each.as_object());
        if (const auto refusal = report_usage(call, event)) tell(call, event, *refusal);
    }
    return {};
}

json::object report(Call& call) {
    auto event = event_in(call, call.params);
    if (const auto refusal = report_usage(call, event))
        throw invalid(refusal->message).code(refusal->code);
    auto answer = call.begin("v2.billing.meter_event", "");
    answer["created"] = rfc3339(call.now());
    answer["event_name"] = event.event_name;
    answer["identifier"] = event.identifier;
    answer["payload"] = event.payload;
    answer["timestamp"] = rfc3339(event.at);
    return answer;
}

}  // namespace

void add_meter_event_streams(Routes& on) {
    on("POST", "/v2/billing/meter_event_session", open_session);
    on("POST", "/v2/billing/meter_event_stream", stream);
    on("POST", "/v2/billing/meter_events", report);
}

}  // namespace daybook::sim
