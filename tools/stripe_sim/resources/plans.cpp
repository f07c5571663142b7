// Plans: recurring prices under their older name; each plan is a price of the same id.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/resources/prices.hpp>

namespace daybook::sim {
namespace {

/// The parameters of the price that the plan is.
json::object price_params(const Call& call) {
    json::object params{{"currency", call.text("currency")}};
    if (call.has("amount")) params["unit_amount"] = call.integer("amount");
    if (call.has("amount_decimal"))
        params["unit_amount_decimal"] = call.params.at("amount_decimal");
    for (const auto* same : {"active", "metadata", "nickname", "tiers", "tiers_mode"})
        if (call.has(same)) params[same] = call.params.at(same);
    if (call.has("transform_usage"))
        params["transform_quantity"] = call.params.at("transform_usage");
    if (const auto* product = at(call.params, "product"))
        params[product->is_string() ? "product" : "product_data"] = *product;
    json::object recurring{{"interval", call.text("interval")},
                           {"interval_count", call.integer("interval_count", 1)}};
    for (const auto* same : {"meter", "trial_period_days", "usage_type"})
        if (call.has(same)) recurring[same] = call.params.at(same);
    params["recurring"] = std::move(recurring);
    return params;
}

json::object create(Call& call) {
    const auto params = price_params(call);
    if (const auto id = call.text("id"); !id.empty()) {
        if (call.find("price", id))
            throw invalid("Plan already exists.").code("resource_already_exists").param("id");
        return plan_of(call, make_price(call, params, id));
    }
    const auto id = call.begin("plan", "plan_");
    return plan_of(call, make_price(call, params, text(id, "id")));
}

json::object update(Call& call) {
    auto& plan = call.edit("plan", call.id("plan"), "plan");
    const json::object before(plan);
    call.copy(plan, {"active", "nickname", "product", "trial_period_days"});
    call.copy_metadata(plan);
    auto& price = call.edit("price", call.id("plan"));
    for (const auto* same : {"active", "metadata", "nickname", "product"})
        price[same] = plan.at(same);
    call.emit_changed("plan.updated", before, plan);
    return plan;
}

json::object remove(Call& call) {
    const auto id = call.id("plan");
    const json::object last(call.get("plan", id, "plan"));
    const json::object price(call.get("price", id));
    call.erase("plan", id);
    call.erase("price", id);
    call.emit("plan.deleted", last);
    call.emit("price.deleted", price);
    return deleted("plan", id);
}

}  // namespace

void add_plans(Routes& on) {
    on("POST", "/v1/plans", create);
    on.retrieve("/v1/plans/{plan}");
    on.list("/v1/plans", {"active", "product"});
    on("POST", "/v1/plans/{plan}", update);
    on("DELETE", "/v1/plans/{plan}", remove);
}

}  // namespace daybook::sim
