// Tax rates: a percentage, on top of the price or within it.
#include <tools/stripe_sim/billing/pricing.hpp>
#include <tools/stripe_sim/call.hpp>

namespace daybook::sim {
namespace {

void apply(const Call& call, json::object& rate) {
    call.copy(rate, {"active", "country", "description", "display_name", "jurisdiction", "state",
                     "tax_type"});
    call.copy_metadata(rate);
}

json::object create(Call& call) {
    check_percent(call.params.at("percentage"), "percentage");
    auto rate = call.begin("tax_rate", "txr_");
    rate["active"] = true;
    call.copy(rate, {"inclusive", "percentage"});
    rate["rate_type"] = "percentage";
    apply(call, rate);
    const auto& stored = call.put(std::move(rate));
    call.emit("tax_rate.created", stored);
    return stored;
}

json::object update(Call& call) {
    auto& rate = call.edit("tax_rate", call.id("tax_rate"), "tax_rate");
    const json::object before(rate);
    apply(call, rate);
    call.emit_changed("tax_rate.updated", before, rate);
    return rate;
}

}  // namespace

void add_tax_rates(Routes& on) {
    on("POST", "/v1/tax_rates", create);
    on.retrieve("/v1/tax_rates/{tax_rate}");
    on.list("/v1/tax_rates", {"active", "inclusive"});
    on("POST", "/v1/tax_rates/{tax_rate}", update);
}

}  // namespace daybook::sim
