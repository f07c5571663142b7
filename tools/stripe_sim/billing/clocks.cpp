// A clock's tasks wait in its notes, in the order of their times, until it is advanced.
#include <tools/stripe_sim/billing/clocks.hpp>

#include <tools/stripe_sim/billing/hidden.hpp>

#include <algorithm>

namespace daybook::sim {

std::string_view clock_of(const json::object& document) {
    return text(document, "test_clock");
}

Seconds time_of(const Scope& scope, std::string_view clock) {
    if (clock.empty()) return scope.now();
    const auto* found = scope.find("test_helpers.test_clock", clock);
    return found ? integer(*found, "frozen_time") : scope.now();
}

json::object begin_at(const Scope& scope, std::string_view type, std::string_view prefix,
                      std::string_view clock) {
    auto document = scope.begin(type, prefix);
    if (auto* created = document.if_contains("created")) *created = time_of(scope, clock);
    if (auto* place = document.if_contains("test_clock")) *place = text_or_null(clock);
    return document;
}

void schedule_at(const Scope& scope, const json::object& document, Seconds when,
                 std::string_view kind) {
    const auto id = text(document, "id");
    const auto* clock = scope.find("test_helpers.test_clock", clock_of(document));
    if (!clock) return scope.later(std::max<Seconds>(0, when - scope.now()), kind, id);
    auto& place = hidden(scope, *clock)["tasks"];
    if (!place.is_array()) place = json::array();
    auto& tasks = place.get_array();
    const auto later = std::ranges::find_if(
        tasks, [when](const json::value& task) { return integer(task.as_object(), "at") > when; });
    tasks.insert(later, json::object{{"at", when}, {"kind", kind}, {"id", id}});
}

}  // namespace daybook::sim
