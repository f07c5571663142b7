// Line items of payment intents, kept beside them.
#include <tools/stripe_sim/amount_details.hpp>
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>

namespace daybook::sim {
namespace {

json::object item_of(const Call& call, const json::object& given) {
    auto item = call.begin("payment_intent_amount_details_line_item", "uli_");
    for (const auto& [name, value] : given)
        call.fill(item, name, value);
    return item;
}

json::object list(Call& call) {
    const auto& intent = call.get("payment_intent", call.id("intent"), "intent");
    const auto& items = array(noted(call, intent), "line_items");
    auto from = items.begin();
    if (call.has("starting_after")) {
        from = std::ranges::find_if(items, [&call](const json::value& item) {
            return text(item.as_object(), "id") == call.text("starting_after");
        });
        if (from == items.end())
            throw no_such("line item", call.text("starting_after"), "starting_after");
        ++from;
    }
    const auto count = std::min<std::int64_t>(limit_of(call), items.end() - from);
    auto page = list_of(call, call.url, {}, from + count != items.end());
    page["data"] = json::array(from, from + count);
    return page;
}

}  // namespace

void copy_amount_details(Call& call, json::object& intent) {
    if (!call.has("amount_details")) return;
    json::object details(call.object("amount_details"));
    if (const auto* items = details.if_contains("line_items")) {
        json::array made;
        if (const auto* given = items->if_array())
            for (const auto& item : *given)
                made.push_back(item_of(call, item.as_object()));
        hidden(call, intent)["line_items"] = std::move(made);
    }
    for (const auto* own : {"enforce_arithmetic_validation", "line_items"})
        drop(details, own);
    if (!details.contains("tip")) details["tip"] = json::object();
    call.fill(intent, "amount_details", std::move(details));
}

void add_amount_details_line_items(Routes& on) {
    on("GET", "/v1/payment_intents/{intent}/amount_details_line_items", list);
}

}  // namespace daybook::sim
