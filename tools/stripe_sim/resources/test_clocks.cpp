// Test clocks through the API: the customers of each are billed in its time alone.
#include <tools/stripe_sim/billing/clocks.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/billing/periods.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/resources/customers.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace daybook::sim {
namespace {

constexpr std::string_view type = "test_helpers.test_clock";
constexpr Seconds kept_for = 30 * day;
constexpr Seconds advance_max = 2 * 366 * day;
constexpr std::int64_t customers_max = 100;

json::object create(Call& call) {
    auto clock = call.begin(type, "clock_");
    clock["frozen_time"] = checked_time(call.integer("frozen_time"), "frozen_time");
    clock["deletes_after"] = call.now() + kept_for;
    clock["status"] = "ready";
    call.copy(clock, {"name"});
    const auto& stored = call.put(std::move(clock));
    call.emit("test_helpers.test_clock.created", stored);
    return stored;
}

json::object advance(Call& call) {
    auto& clock = call.edit(type, call.id("test_clock"), "test_clock");
    const auto target = checked_time(call.integer("frozen_time"), "frozen_time");
    if (text(clock, "status") != "ready")
        throw invalid("The test clock is already being advanced.").code("test_clock_advancing");
    if (target <= integer(clock, "frozen_time"))
        throw invalid("The frozen_time must be later than the current frozen_time.")
            .param("frozen_time");
    if (target > integer(clock, "frozen_time") + advance_max)
        throw invalid("The simulator advances a test clock by two years at most.")
            .param("frozen_time");
    clock["status"] = "advancing";
    clock["status_details"] = {{"advancing", {{"target_frozen_time", target}}}};
    call.emit("test_helpers.test_clock.advancing", clock);
    call.later(0, "test_clock.run", text(clock, "id"));
    return clock;
}

struct Due {
    Seconds at = 0;
    std::string kind;
    std::string id;
};

/// Takes out the clock's first task, if it is due by `target`.
std::optional<Due> take(json::object& notes, Seconds target) {
    auto* tasks = notes["tasks"].if_array();
    if (!tasks || tasks->empty()) return std::nullopt;
    const auto& first = tasks->front().as_object();
    if (integer(first, "at") > target) return std::nullopt;
    Due due{integer(first, "at"), std::string(text(first, "kind")), std::string(text(first, "id"))};
    tasks->erase(tasks->begin());
    return due;
}

void run(Scope& scope, std::string_view id) {
    auto* clock = scope.world.store.edit(scope.account, type, id);
    if (!clock) return;
    const auto target = integer(*clock, "status_details.advancing.target_frozen_time");
    while (const auto due = take(hidden(scope, *clock), target)) {
        (*clock)["frozen_time"] = std::max(integer(*clock, "frozen_time"), due->at);
        scope.world.routes.task(due->kind)(scope, due->id);
    }
    (*clock)["frozen_time"] = target;
    (*clock)["status"] = "ready";
    (*clock)["status_details"] = json::object();
    scope.emit("test_helpers.test_clock.ready", *clock);
}

json::object remove(Call& call) {
    const auto id = call.id("test_clock");
    const json::object last(call.get(type, id, "test_clock"));
    const auto page =
        call.world.store.page(call.account, "customer",
                              {.limit = customers_max, .equal = {{"test_clock", std::string(id)}}});
    for (const auto* customer : page.items)
        remove_customer(call, text(*customer, "id"));
    call.erase(type, id);
    call.emit("test_helpers.test_clock.deleted", last);
    return deleted(type, id);
}

}  // namespace

void add_test_clocks(Routes& on) {
    on("POST", "/v1/test_helpers/test_clocks", create);
    on.list("/v1/test_helpers/test_clocks");
    on.retrieve("/v1/test_helpers/test_clocks/{test_clock}");
    on("DELETE", "/v1/test_helpers/test_clocks/{test_clock}", remove);
    on("POST", "/v1/test_helpers/test_clocks/{test_clock}/advance", advance);
    on.task("test_clock.run", run);
}

}  // namespace daybook::sim
