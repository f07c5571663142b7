// Shipping rates: a fixed amount for sending something.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/money.hpp>

namespace daybook::sim {
namespace {

json::object create(Call& call) {
    if (!call.has("fixed_amount")) throw missing_param("fixed_amount");
    auto rate = call.begin("shipping_rate", "shr_");
    rate["active"] = true;
    rate["type"] = "fixed_amount";
    rate["tax_behavior"] = "unspecified";
    rate["fixed_amount"] = {{"amount", call.integer("fixed_amount.amount")},
                            {"currency", checked_currency(call.text("fixed_amount.currency"))}};
    call.copy(rate, {"delivery_estimate", "display_name", "tax_behavior", "tax_code"});
    call.copy_metadata(rate);
    return call.put(std::move(rate));
}

json::object update(Call& call) {
    auto& rate = call.edit("shipping_rate", call.id("shipping_rate"), "shipping_rate");
    call.copy(rate, {"active", "tax_behavior"});
    call.copy_metadata(rate);
    return rate;
}

}  // namespace

void add_shipping_rates(Routes& on) {
    on("POST", "/v1/shipping_rates", create);
    on.retrieve("/v1/shipping_rates/{shipping_rate}");
    on.list("/v1/shipping_rates", {"active"});
    on("POST", "/v1/shipping_rates/{shipping_rate}", update);
}

}  // namespace daybook::sim
