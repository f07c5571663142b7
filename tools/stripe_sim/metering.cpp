// Reports are kept one by one: formulas may look at them in any window.
#include <tools/stripe_sim/metering.hpp>

#include <ledger/whole_number.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr std::string_view kept = "billing.meter_event.hidden";

/// By a report's meter and customer, so that both are looked up at once.
std::string user_of(std::string_view meter, std::string_view customer) {
    return fmt::format("{}/{}", meter, customer);
}

bool counts(const json::object& meter) {
    return text(meter, "default_aggregation.formula") == "count";
}

}  // namespace

bool is_meter_error(std::string_view event_type) {
    return event_type == "v1.billing.meter.error_report_triggered" ||
           event_type == "v1.billing.meter.no_meter_found";
}

const json::object* meter_of(const Scope& scope, std::string_view event_name) {
    const auto found = scope.world.store.page(
        scope.account, "billing.meter",
        {.limit = 1, .equal = {{"event_name", std::string(event_name)}, {"status", "active"}}});
    return found.items.empty() ? nullptr : found.items.front();
}

std::optional<MeterRefusal> report_usage(const Scope& scope, MeterEvent& event) {
    const auto* meter = meter_of(scope, event.event_name);
    if (!meter)
        return MeterRefusal{
            "", "no_meter",
            fmt::format("No active meter found for event name {}.", event.event_name)};
    const std::string id(text(*meter, "id"));
    const auto customer = text(event.payload, text(*meter, "customer_mapping.event_payload_key"));
    if (customer.empty())
        return MeterRefusal{id, "meter_event_no_customer_defined",
                            "No customer is defined in the payload."};
    if (!scope.find("customer", customer))
        return MeterRefusal{id, "meter_event_customer_not_found",
                            fmt::format("There is no customer {}.", customer)};
    const auto value = text(event.payload, text(*meter, "value_settings.event_payload_key"));
    const auto number = whole_number(value);
    if (!number && !counts(*meter))
        return MeterRefusal{
            id, "meter_event_invalid_value",
            fmt::format("The value of the payload is no whole number: '{}'.", value)};
    if (event.identifier.empty()) event.identifier = scope.world.ids.letters(32);
    if (scope.find(kept, event.identifier))
        return MeterRefusal{
            id, "meter_event_duplicate",
            fmt::format("An event already exists with identifier {}.", event.identifier)};
    scope.put({{"object", kept},
               {"id", event.identifier},
               {"created", event.at},
               {"user", user_of(id, customer)},
               {"value", number.value_or(0)}});
    return std::nullopt;
}

std::int64_t usage_of(const Scope& scope, const json::object& meter, std::string_view customer,
                      Seconds from, Seconds to) {
    const auto formula = text(meter, "default_aggregation.formula");
    const auto user = user_of(text(meter, "id"), customer);
    std::int64_t total = 0;
    Seconds latest = from;
    scope.world.store.each(scope.account, kept, [&](const json::object& event) {
        const auto at = integer(event, "created");
        if (text(event, "user") != user || at < from || at >= to) return;
        const auto value = integer(event, "value");
        if (formula == "sum") total += value;
        if (formula == "count") ++total;
        if (formula != "last" || at < latest) return;
        latest = at;
        total = value;
    });
    return total;
}

json::object bill_usage(const Scope& scope, const json::object& subscription,
                        const json::object& item, Seconds until) {
    json::object billed(item);
    if (text(item, "price.recurring.usage_type") != "metered") return billed;
    const auto from =
        integer(noted(scope, item), "billed_until", integer(subscription, "start_date"));
    const auto* meter = scope.find("billing.meter", text(item, "price.recurring.meter"));
    billed["quantity"] =
        meter ? usage_of(scope, *meter, text(subscription, "customer"), from, until) : 0;
    billed["current_period_start"] = from;
    billed["current_period_end"] = until;
    hidden(scope, item)["billed_until"] = until;
    return billed;
}

}  // namespace daybook::sim
