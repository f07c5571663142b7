// A document per account: what waits, per currency, and when the next run is.
#include <tools/stripe_sim/payout_queue.hpp>

#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr std::string_view queue_type = "payout_queue";
constexpr std::string_view contents_type = "payout_contents";

/// An item: [transaction, net, available_on].
enum : std::size_t { item_transaction, item_net, item_available_on };

json::object& queue_of(const Scope& scope) {
    if (auto* found = scope.world.store.edit(scope.account, queue_type, "queue")) return *found;
    return scope.put({{"id", "queue"},
                      {"object", json::string(queue_type)},
                      {"next_run", 0},
                      {"waiting", json::object()}});
}

bool is_due(const json::value& item, Seconds now) {
    return item.as_array()[item_available_on].as_int64() <= now;
}

void schedule(const Scope& scope, json::object& queue, Seconds from) {
    const auto at = next_payout_run(scope, from);
    if (!at) return;
    const auto planned = integer(queue, "next_run");
    if (planned != 0 && planned <= *at) return;
    queue["next_run"] = *at;
    scope.later(*at - scope.now(), "payout.run", "");
}

}  // namespace

void await_payout(const Scope& scope, const json::object& transaction) {
    auto& queue = queue_of(scope);
    auto& items = queue["waiting"].as_object()[text(transaction, "currency")];
    if (items.is_null()) items = json::array();
    const auto available_on = integer(transaction, "available_on");
    items.as_array().push_back(
        json::array{transaction.at("id"), transaction.at("net"), available_on});
    schedule(scope, queue, std::max(available_on, scope.now()));
}

std::vector<Due> due_for_payout(const Scope& scope) {
    std::vector<Due> all;
    const auto now = scope.now();
    for (const auto& [currency, items] : object(queue_of(scope), "waiting")) {
        Due due;
        due.currency = currency;
        for (const auto& item : items.as_array()) {
            if (!is_due(item, now)) continue;
            due.net += item.as_array()[item_net].as_int64();
            due.transactions.emplace_back(item.as_array()[item_transaction].as_string());
        }
        if (!due.transactions.empty()) all.push_back(std::move(due));
    }
    return all;
}

void pay_out(const Scope& scope, const Due& due, const json::object& payout) {
    auto& items = queue_of(scope)["waiting"].as_object()[due.currency].as_array();
    json::array left;
    json::array paid;
    auto next = due.transactions.begin();
    for (auto& item : items) {
        auto& id = item.as_array()[item_transaction];
        if (next != due.transactions.end() && id.as_string() == *next) {
            paid.push_back(std::move(id));
            ++next;
        } else if (id != payout.at("balance_transaction")) {
            left.push_back(std::move(item));
        }
    }
    items = std::move(left);
    scope.put({{"id", payout.at("id")},
               {"object", json::string(contents_type)},
               {"transactions", std::move(paid)}});
}

const json::array* contents_of(const Scope& scope, std::string_view payout) {
    const auto* found = scope.find(contents_type, payout);
    return found ? &array(*found, "transactions") : nullptr;
}

bool begin_run(const Scope& scope) {
    auto& queue = queue_of(scope);
    if (integer(queue, "next_run") != scope.now()) return false;
    queue["next_run"] = 0;
    return true;
}

void await_run(const Scope& scope, bool again) {
    auto& queue = queue_of(scope);
    const auto now = scope.now();
    std::optional<Seconds> first;
    for (const auto& [currency, items] : object(queue, "waiting"))
        for (const auto& item : items.as_array()) {
            const auto at = std::max(item.as_array()[item_available_on].as_int64(), now);
            if (at == now && !again) continue;
            if (!first || at < *first) first = at;
        }
    if (first) schedule(scope, queue, *first);
}

}  // namespace daybook::sim
