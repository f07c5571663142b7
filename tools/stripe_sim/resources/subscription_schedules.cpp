// Subscription schedules: phases that a subscription goes through by itself.
#include <tools/stripe_sim/billing/cancelling.hpp>
#include <tools/stripe_sim/billing/changing.hpp>
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/billing/subscribing.hpp>
#include <tools/stripe_sim/billing/subscription_items.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::string_view type = "subscription_schedule";
constexpr Seconds expiry_notice = 10 * day;

bool is_live(const json::object& schedule) {
    const auto status = text(schedule, "status");
    return status == "active" || status == "not_started";
}

// --- phases -----------------------------------------------------------------------------------

json::object phase_item(const json::object& price, const json::object& given) {
    json::object item{{"billing_thresholds", nullptr}, {"discounts", json::array()},
                      {"metadata", json::object()},    {"plan", price.at("id")},
                      {"price", price.at("id")},       {"quantity", integer(given, "quantity", 1)}};
    if (has(given, "metadata")) item["metadata"] = given.at("metadata");
    return item;
}

json::object begin_phase(json::array items, const json::value& currency, Seconds start) {
    return {{"add_invoice_items", json::array()},
            {"currency", currency},
            {"discounts", json::array()},
            {"items", std::move(items)},
            {"metadata", json::object()},
            {"proration_behavior", "create_prorations"},
            {"start_date", start}};
}

Seconds phase_end(const Scope& scope, const json::object& given, const json::object& phase,
                  Seconds start, Seconds now) {
    const auto* end = at(given, "end_date");
    if (end && end->is_string()) return now;
    if (end) return checked_time(end->as_int64(), "phases[end_date]");
    if (has(given, "duration")) check_interval(object(given, "duration"), "phases[duration]");
    if (has(given, "duration")) return later_by(start, interval_of(object(given, "duration")), 1);
    const auto& first = array(phase, "items").front().as_object();
    const auto& price = scope.get("price", text(first, "price"));
    return later_by(start, interval_of(object(price, "recurring")), 1);
}

json::object phase_of(const Scope& scope, const json::object& given, const std::string& param,
                      Seconds start, Seconds now) {
    json::array items;
    const auto& wanted = array(given, "items");
    if (wanted.empty()) throw missing_param(param + "[items]");
    json::value currency = has(given, "currency") ? given.at("currency") : json::value();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& item = wanted[i].as_object();
        const auto& price = price_for(scope, item, fmt::format("{}[items][{}]", param, i));
        if (currency.is_null()) currency = price.at("currency");
        items.push_back(phase_item(price, item));
    }
    auto phase = begin_phase(std::move(items), currency, start);
    for (const auto* same :
         {"application_fee_percent", "collection_method", "default_payment_method", "description",
          "discounts", "metadata", "on_behalf_of", "proration_behavior", "transfer_data"})
        if (has(given, same)) phase[same] = given.at(same);
    const auto end = phase_end(scope, given, phase, start, now);
    if (end <= start)
        throw invalid("The end date of a phase must be after its start.")
            .param(param + "[end_date]");
    phase["end_date"] = end;
    const auto* trial_end = at(given, "trial_end");
    if (flag(given, "trial"))
        phase["trial_end"] = end;
    else if (trial_end && trial_end->is_int64())
        phase["trial_end"] = *trial_end;
    return phase;
}

json::array phases_of(const Scope& scope, const json::array& given, Seconds start, Seconds now) {
    json::array phases;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto& params = given[i].as_object();
        const auto* own = at(params, "start_date");
        if (own && own->is_int64()) start = checked_time(own->get_int64(), "phases[start_date]");
        phases.push_back(phase_of(scope, params, fmt::format("phases[{}]", i), start, now));
        start = integer(phases.back().as_object(), "end_date");
    }
    return phases;
}

/// The phase that holds at `now`, or null after the last.
const json::object* phase_at(const json::object& schedule, Seconds now) {
    for (const auto& phase : array(schedule, "phases"))
        if (integer(phase.as_object(), "end_date") > now) return &phase.as_object();
    return nullptr;
}

// --- moving on --------------------------------------------------------------------------------

json::object params_of(const json::object& schedule, const json::object& phase) {
    json::object params{{"customer", schedule.at("customer")}, {"items", phase.at("items")}};
    for (auto& item : params["items"].as_array()) {
        auto& members = item.as_object();
        for (const auto* unwanted : {"billing_thresholds", "plan"})
            members.stable_erase(members.find(unwanted));
    }
    const auto& settings = object(schedule, "default_settings");
    for (const auto* same :
         {"application_fee_percent", "collection_method", "default_payment_method", "description",
          "discounts", "metadata", "on_behalf_of", "transfer_data", "trial_end"}) {
        if (has(phase, same))
            params[same] = phase.at(same);
        else if (has(settings, same))
            params[same] = settings.at(same);
    }
    if (text(params, "collection_method") == "send_invoice") params["days_until_due"] = 30;
    return params;
}

void schedule_phase(const Scope& scope, const json::object& schedule) {
    const auto now = time_for(scope, schedule);
    const auto& phases = array(schedule, "phases");
    const auto last = integer(phases.back().as_object(), "end_date");
    if (const auto* phase = phase_at(schedule, now))
        schedule_at(scope, schedule, integer(*phase, "end_date"), "subscription_schedule.move");
    schedule_at(scope, schedule, last - expiry_notice, "subscription_schedule.expire_soon");
}

void enter(json::object& schedule, const json::object& phase) {
    schedule["status"] = "active";
    schedule["current_phase"] = {{"end_date", phase.at("end_date")},
                                 {"start_date", phase.at("start_date")}};
}

void begin(const Scope& scope, json::object& schedule) {
    const auto* phase = phase_at(schedule, time_for(scope, schedule));
    if (!phase) return;
    enter(schedule, *phase);
    // Before the subscription's own tasks, so that a phase changes before its period is billed.
    schedule_phase(scope, schedule);
    const auto& subscription = subscribe(scope, params_of(schedule, *phase),
                                         {.schedule = std::string(text(schedule, "id"))});
    schedule["subscription"] = subscription.at("id");
}

/// The change that makes the subscription's items those of the phase, one by one.
json::object change_to(const Scope& scope, const json::object& schedule,
                       const json::object& subscription, const json::object& phase, Seconds now) {
    auto params = params_of(schedule, phase);
    params.stable_erase(params.find("customer"));
    const auto existing = items_of(scope, subscription);
    auto& items = params["items"].as_array();
    for (std::size_t i = 0; i < existing.size(); ++i) {
        if (i < items.size())
            items[i].as_object()["id"] = existing[i].at("id");
        else
            items.push_back({{"id", existing[i].at("id")}, {"deleted", true}});
    }
    params["proration_behavior"] =
        first_period_end(existing) <= now ? json::value("none") : phase.at("proration_behavior");
    return params;
}

void release(const Scope& scope, json::object& schedule) {
    schedule["current_phase"] = nullptr;
    schedule["released_at"] = time_for(scope, schedule);
    schedule["released_subscription"] = json::value(schedule.at("subscription"));
    schedule["status"] = "released";
    if (auto* subscription =
            scope.world.store.edit(scope.account, "subscription", text(schedule, "subscription")))
        (*subscription)["schedule"] = nullptr;
    schedule["subscription"] = nullptr;
    scope.emit("subscription_schedule.released", schedule);
}

void complete(const Scope& scope, json::object& schedule) {
    schedule["completed_at"] = time_for(scope, schedule);
    if (text(schedule, "end_behavior") != "cancel") {
        scope.emit("subscription_schedule.completed", schedule);
        return release(scope, schedule);
    }
    schedule["current_phase"] = nullptr;
    schedule["status"] = "completed";
    scope.emit("subscription_schedule.completed", schedule);
    auto& subscription = scope.edit("subscription", text(schedule, "subscription"));
    if (text(subscription, "status") != "canceled") cancel_subscription(scope, subscription);
}

void move_on(const Scope& scope, json::object& schedule) {
    const json::object before(schedule);
    const auto now = time_for(scope, schedule);
    if (text(schedule, "status") == "not_started") {
        begin(scope, schedule);
    } else {
        if (integer(schedule, "current_phase.end_date") > now) return;
        const auto* phase = phase_at(schedule, now);
        if (!phase) return complete(scope, schedule);
        enter(schedule, *phase);
        schedule_phase(scope, schedule);
        auto& subscription = scope.edit("subscription", text(schedule, "subscription"));
        change_subscription(scope, subscription,
                            change_to(scope, schedule, subscription, *phase, now));
    }
    scope.emit_changed("subscription_schedule.updated", before, schedule);
}

void move(Scope& scope, std::string_view id) {
    auto* schedule = scope.world.store.edit(scope.account, type, id);
    if (!schedule || !is_live(*schedule) || !scope.find("customer", text(*schedule, "customer")))
        return;
    try {
        move_on(scope, *schedule);
    } catch (const StripeError&) {
        // A phase whose price or payment method is no more cannot begin.
        release(scope, *schedule);
    }
}

void expire_soon(Scope& scope, std::string_view id) {
    const auto* schedule = scope.find(type, id);
    if (!schedule || text(*schedule, "status") != "active") return;
    const auto end = integer(array(*schedule, "phases").back().as_object(), "end_date");
    if (end - expiry_notice <= time_for(scope, *schedule))
        scope.emit("subscription_schedule.expiring", *schedule);
}

// --- the API ----------------------------------------------------------------------------------

void apply(Call& call, json::object& schedule) {
    call.copy(schedule, {"end_behavior"});
    call.copy_metadata(schedule);
    if (!call.has("default_settings")) return;
    json::object merged(object(schedule, "default_settings"));
    for (const auto& [name, value] : call.object("default_settings"))
        merged[name] = value;
    call.fill(schedule, "default_settings", std::move(merged));
}

/// One phase, as the subscription is; its prices may be sold no more.
json::array phases_from(const json::object& subscription) {
    json::array items;
    for (const auto& each : array(subscription, "items.data"))
        items.push_back(phase_item(object(each.as_object(), "price"), each.as_object()));
    const auto& first = array(subscription, "items.data").front().as_object();
    auto phase = begin_phase(std::move(items), subscription.at("currency"),
                             integer(first, "current_period_start"));
    phase["end_date"] = first.at("current_period_end");
    return {std::move(phase)};
}

json::object begun(Call& call, const json::object& customer) {
    auto schedule = begin_at(call, type, "sub_sched_", clock_of(customer));
    schedule["billing_mode"] = {{"flexible", {{"proration_discounts", "included"}}},
                                {"type", "flexible"}};
    schedule["customer"] = customer.at("id");
    schedule["end_behavior"] = "release";
    schedule["status"] = "not_started";
    set(schedule, "default_settings.billing_cycle_anchor") = "automatic";
    set(schedule, "default_settings.collection_method") = "charge_automatically";
    set(schedule, "default_settings.invoice_settings.issuer") = {{"type", "self"}};
    apply(call, schedule);
    return schedule;
}

json::object adopt(Call& call) {
    auto& subscription =
        call.edit("subscription", call.text("from_subscription"), "from_subscription");
    if (has(subscription, "schedule"))
        throw invalid("You cannot migrate a subscription that is already attached to a schedule.")
            .param("from_subscription");
    auto schedule = begun(call, call.get("customer", text(subscription, "customer")));
    const auto now = time_for(call, schedule);
    call.fill(schedule, "phases", phases_from(subscription));
    schedule["subscription"] = subscription.at("id");
    subscription["schedule"] = schedule.at("id");
    auto& stored = call.put(std::move(schedule));
    if (const auto* phase = phase_at(stored, now)) enter(stored, *phase);
    schedule_phase(call, stored);
    call.emit("subscription_schedule.created", stored);
    return stored;
}

json::object create(Call& call) {
    if (call.has("from_subscription")) return adopt(call);
    if (!call.has("customer")) throw missing_param("customer");
    const auto& customer = call.get("customer", call.text("customer"), "customer");
    const auto* start_date = at(call.params, "start_date");
    if (!start_date) throw missing_param("start_date");
    if (call.array("phases").empty()) throw missing_param("phases");
    auto schedule = begun(call, customer);
    const auto now = time_for(call, schedule);
    const auto start =
        start_date->is_int64() ? checked_time(start_date->get_int64(), "start_date") : now;
    call.fill(schedule, "phases", phases_of(call, call.array("phases"), start, now));
    auto& stored = call.put(std::move(schedule));
    if (start > now)
        schedule_at(call, stored, start, "subscription_schedule.move");
    else
        begin(call, stored);
    call.emit("subscription_schedule.created", stored);
    return stored;
}

json::object& edited(Call& call) {
    return call.edit(type, call.id("subscription_schedule"), "schedule");
}

json::object update(Call& call) {
    auto& schedule = edited(call);
    const json::object before(schedule);
    apply(call, schedule);
    if (call.has("phases")) {
        const auto now = time_for(call, schedule);
        const auto start = integer(array(schedule, "phases").front().as_object(), "start_date");
        call.fill(schedule, "phases", phases_of(call, call.array("phases"), start, now));
        const auto* phase = phase_at(schedule, now);
        if (phase && has(schedule, "subscription")) {
            enter(schedule, *phase);
            auto& subscription = call.edit("subscription", text(schedule, "subscription"));
            change_subscription(call, subscription,
                                change_to(call, schedule, subscription, *phase, now));
        }
        schedule_phase(call, schedule);
    }
    call.emit_changed("subscription_schedule.updated", before, schedule);
    return schedule;
}

void require_live(const json::object& schedule, std::string_view verb) {
    if (!is_live(schedule))
        throw invalid(fmt::format("You cannot {} a subscription schedule that is {}.", verb,
                                  text(schedule, "status")));
}

json::object cancel(Call& call) {
    auto& schedule = edited(call);
    require_live(schedule, "cancel");
    const bool started = text(schedule, "status") == "active";
    schedule["canceled_at"] = time_for(call, schedule);
    schedule["current_phase"] = nullptr;
    schedule["status"] = "canceled";
    if (started) {
        auto& subscription = call.edit("subscription", text(schedule, "subscription"));
        if (text(subscription, "status") != "canceled")
            cancel_subscription(call, subscription,
                                {.prorate = call.flag("prorate", true),
                                 .invoice_now = call.flag("invoice_now", true)});
    }
    call.emit("subscription_schedule.canceled", schedule);
    // Stripe's CLI expects this of one that never began.
    if (!started) call.emit("subscription_schedule.aborted", schedule);
    return schedule;
}

json::object make_release(Call& call) {
    auto& schedule = edited(call);
    require_live(schedule, "release");
    release(call, schedule);
    return schedule;
}

/// A subscription that ends takes its schedule with it.
void heard_end(const Scope& scope, const json::object& subscription) {
    auto* schedule = scope.world.store.edit(scope.account, type, text(subscription, "schedule"));
    if (!schedule || !is_live(*schedule)) return;
    (*schedule)["canceled_at"] = time_for(scope, *schedule);
    (*schedule)["current_phase"] = nullptr;
    (*schedule)["status"] = "canceled";
    const bool unpaid = text(subscription, "cancellation_details.reason") == "payment_failed";
    scope.emit(unpaid ? "subscription_schedule.aborted" : "subscription_schedule.canceled",
               *schedule);
}

}  // namespace

void add_subscription_schedules(Routes& on) {
    on("POST", "/v1/subscription_schedules", create);
    on.list("/v1/subscription_schedules", {"customer"});
    on.retrieve("/v1/subscription_schedules/{subscription_schedule}");
    on("POST", "/v1/subscription_schedules/{subscription_schedule}", update);
    on("POST", "/v1/subscription_schedules/{subscription_schedule}/cancel", cancel);
    on("POST", "/v1/subscription_schedules/{subscription_schedule}/release", make_release);
    on.task("subscription_schedule.move", move);
    on.task("subscription_schedule.expire_soon", expire_soon);
    on.watch("customer.subscription.deleted", heard_end);
}

}  // namespace daybook::sim
