// Mandates as documents; they come with setting up a bank debit.
#include <tools/stripe_sim/resources/mandates.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {

const json::object& make_mandate(const Scope& scope, const json::object& method) {
    auto mandate = scope.begin("mandate", "mandate_");
    const auto type = text(method, "type");
    scope.fill(mandate, "customer_acceptance",
               {{"accepted_at", scope.now()},
                {"online", {{"ip_address", "127.0.0.1"}, {"user_agent", "simulator"}}},
                {"type", "online"}});
    mandate["multi_use"] = json::object();
    mandate["payment_method"] = method.at("id");
    json::object details;
    if (type == "sepa_debit" || type == "bacs_debit")
        details = {
            {"reference", scope.world.ids.letters(16)},
            {"url", fmt::format("{}/_sim/mandates/{}", scope.world.base_url, text(mandate, "id"))}};
    scope.fill(mandate, "payment_method_details", {{type, std::move(details)}, {"type", type}});
    mandate["status"] = "active";
    mandate["type"] = "multi_use";
    return scope.put(std::move(mandate));
}

void add_mandates(Routes& on) {
    on.retrieve("/v1/mandates/{mandate}");
}

}  // namespace daybook::sim
