// Shipping rates as given, or made on the way from shipping_rate_data.
#include <tools/stripe_sim/checkout/shipping.hpp>

#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

const json::object& rate_of(Call& call, const json::object& option, const std::string& param) {
    if (has(option, "shipping_rate"))
        return call.get("shipping_rate", text(option, "shipping_rate"),
                        fmt::format("{}[shipping_rate]", param));
    const auto& data = object(option, "shipping_rate_data");
    if (data.empty()) throw missing_param(fmt::format("{}[shipping_rate]", param));
    auto rate = call.begin("shipping_rate", "shr_");
    rate["active"] = true;
    rate["display_name"] = data.at("display_name");
    call.fill(rate, "fixed_amount", object(data, "fixed_amount"));
    rate["tax_behavior"] = "unspecified";
    rate["type"] = "fixed_amount";
    Call::merge_metadata(rate, data);
    return call.put(std::move(rate));
}

}  // namespace

void apply_shipping(Call& call, json::object& session, const json::array& options) {
    json::array offered;
    for (std::size_t i = 0; i < options.size(); ++i) {
        const auto& rate =
            rate_of(call, options[i].as_object(), fmt::format("shipping_options[{}]", i));
        offered.push_back({{"shipping_amount", integer(rate, "fixed_amount.amount")},
                           {"shipping_rate", rate.at("id")}});
    }
    if (!offered.empty()) {
        const auto& chosen = offered.front().as_object();
        session["shipping_cost"] = {{"amount_subtotal", chosen.at("shipping_amount")},
                                    {"amount_tax", 0},
                                    {"amount_total", chosen.at("shipping_amount")},
                                    {"shipping_rate", chosen.at("shipping_rate")}};
    }
    session["shipping_options"] = std::move(offered);
}

}  // namespace daybook::sim
