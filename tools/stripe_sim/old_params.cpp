// The table; Stripe's CLI sends these in its fixtures and names no API version.
#include <tools/stripe_sim/old_params.hpp>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

struct OldParam {
    std::string_view path;  ///< the route's, or what it begins with
    std::string_view name;
};

constexpr std::array old_params = {
    OldParam{"/v1/payment_intents", "payment_method_types"},
    OldParam{"/v1/payment_intents", "confirmation_method"},
    OldParam{"/v1/payment_intents", "payment_method_options"},
    OldParam{"/v1/payment_intents", "source"},
    OldParam{"/v1/setup_intents", "payment_method_types"},
    OldParam{"/v1/checkout/sessions", "payment_method_types"},
    OldParam{"/v1/customers", "source"},
    OldParam{"/v1/customers", "coupon"},
    OldParam{"/v1/customers", "promotion_code"},
    OldParam{"/v1/subscriptions", "coupon"},
    OldParam{"/v1/subscriptions", "promotion_code"},
    OldParam{"/v1/promotion_codes", "coupon"},
    OldParam{"/v1/invoices", "pending_invoice_items_behavior"},
    OldParam{"/v1/invoiceitems", "price"},
    OldParam{"/v1/prices", "product_data"},
};

/// How often the price's interval passed in a phase. Those who still say it bill by the month.
void renew_iterations(json::object& phase) {
    const auto found = phase.find("iterations");
    if (found == phase.end()) return;
    const json::value times(found->value());
    phase.erase(found);
    phase["duration"] = {{"interval", "month"}, {"interval_count", times}};
}

}  // namespace

bool is_old_param(const Route& route, std::string_view name) {
    return std::ranges::any_of(old_params, [&](const OldParam& old) {
        return old.name == name && route.path.starts_with(old.path);
    });
}

json::object in_todays_words(const Route& route, const json::object& raw) {
    json::object params(raw);
    const bool code = route.path == "/v1/promotion_codes" && route.method == "POST";
    if (code && raw.contains("coupon") && !raw.contains("promotion"))
        params["promotion"] = {{"coupon", raw.at("coupon")}, {"type", "coupon"}};
    auto* phases = params.if_contains("phases");
    if (phases && phases->is_object() && route.path.starts_with("/v1/subscription_schedules"))
        for (auto& [index, phase] : phases->get_object())
            if (auto* members = phase.if_object()) renew_iterations(*members);
    return params;
}

}  // namespace daybook::sim
