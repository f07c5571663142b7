// The simulator's own controls: time, faults, deliveries, the state file.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/state.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

std::int64_t whole(const json::object& given, std::string_view name) {
    const auto* value = given.if_contains(name);
    boost::system::error_code error;
    auto parsed = value && value->is_string() ? json::parse(value->get_string(), error)
                                              : (value ? *value : json::value());
    if (error || !parsed.is_int64()) throw invalid("A whole number is needed.").param(name);
    return parsed.get_int64();
}

json::object time_of(const World& world) {
    const auto next = world.tasks.next();
    return {{"object", "clock"},
            {"now", world.clock.now()},
            {"mode", world.clock.mode() == Clock::Mode::wall ? "wall" : "frozen"},
            {"next_task", next ? json::value(*next) : json::value()},
            {"tasks", world.tasks.all().size()}};
}

Reply clock(PageCall& call) {
    call.world.keep_up();
    return json_reply(time_of(call.world));
}

Reply advance(PageCall& call) {
    const auto& given = call.params;
    const bool until = given.contains("until");
    if (until == given.contains("seconds"))
        throw invalid("Say how far: {\"seconds\": ...} or {\"until\": ...}.").param("seconds");
    call.world.keep_up();
    const auto by =
        until ? whole(given, "until") - call.world.clock.now() : whole(given, "seconds");
    if (by < 0) throw invalid("Time does not run backwards.").param(until ? "until" : "seconds");
    call.world.advance(by);
    return json_reply(time_of(call.world));
}

Reply faults(PageCall& call) {
    return json_reply(json::object{{"object", "list"}, {"data", call.world.faults.shown()}});
}

Reply add_faults(PageCall& call) {
    boost::system::error_code error;
    const auto given = json::parse(call.request.body, error);
    if (error || !(given.is_object() || given.is_array()))
        throw invalid("A fault is a JSON object; several are an array of them.");
    const auto now = call.world.clock.now();
    if (const auto* one = given.if_object()) return json_reply(call.world.faults.add(*one, now));
    for (const auto& one : given.get_array()) {
        if (!one.is_object()) throw invalid("A fault is a JSON object.");
        static_cast<void>(call.world.faults.add(one.get_object(), now));
    }
    return faults(call);
}

Reply clear_faults(PageCall& call) {
    call.world.faults.clear();
    return faults(call);
}

Reply remove_fault(PageCall& call) {
    if (!call.world.faults.remove(call.id("fault"))) throw no_such("fault", call.id("fault"));
    return faults(call);
}

Reply deliveries(PageCall& call) {
    return json_reply(json::object{{"object", "list"}, {"data", call.world.deliveries.shown()}});
}

Reply save(PageCall& call) {
    const auto& file = call.world.config.state_file;
    if (file.empty()) throw invalid("The simulator was started without a state file.");
    call.world.keep_up();
    save_state(call.world, file);
    return json_reply(json::object{{"object", "state"}, {"file", file}});
}

}  // namespace

void add_sim_control(Routes& on) {
    on.page("GET", "/_sim/clock", clock);
    on.page("POST", "/_sim/advance", advance);
    on.page("GET", "/_sim/faults", faults);
    on.page("POST", "/_sim/faults", add_faults);
    on.page("DELETE", "/_sim/faults", clear_faults);
    on.page("DELETE", "/_sim/faults/{fault}", remove_fault);
    on.page("GET", "/_sim/deliveries", deliveries);
    on.page("POST", "/_sim/save", save);
}

}  // namespace daybook::sim
