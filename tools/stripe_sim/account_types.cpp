// The three classic types are names for combinations of controller properties.
#include <tools/stripe_sim/account_types.hpp>

#include <tools/stripe_sim/error.hpp>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

struct Properties {
    std::string_view type;
    std::string_view dashboard;
    std::string_view payer;         ///< as parameters say it
    std::string_view legacy_payer;  ///< as accounts made by `type` show it
    std::string_view losses;
    std::string_view collection;
};
constexpr std::array classic = {
    Properties{"standard", "full", "account", "account", "stripe", "stripe"},
    Properties{"express", "express", "application", "application_express", "application", "stripe"},
    Properties{"custom", "none", "application", "application_custom", "application", "application"},
};

json::object controller_of(const Properties& properties, std::string_view payer) {
    return {{"fees", {{"payer", json::string(payer)}}},
            {"is_controller", true},
            {"losses", {{"payments", json::string(properties.losses)}}},
            {"requirement_collection", json::string(properties.collection)},
            {"stripe_dashboard", {{"type", json::string(properties.dashboard)}}},
            {"type", "application"}};
}

std::string_view given_or(const json::object& controller, std::string_view path,
                          std::string_view other) {
    return has(controller, path) ? text(controller, path) : other;
}

}  // namespace

AccountType account_type_of(const json::object& params) {
    if (has(params, "type") && has(params, "controller"))
        throw invalid("You may only provide one of the following parameters: type, controller.")
            .param("type");
    if (!has(params, "controller")) {
        const auto type = has(params, "type") ? text(params, "type") : "standard";
        const auto* found = std::ranges::find(classic, type, &Properties::type);
        return {std::string(found->type), controller_of(*found, found->legacy_payer)};
    }
    const auto& given = object(params, "controller");
    Properties asked{"none",
                     given_or(given, "stripe_dashboard.type", "full"),
                     given_or(given, "fees.payer", "account"),
                     "",
                     given_or(given, "losses.payments", "stripe"),
                     given_or(given, "requirement_collection", "stripe")};
    if (asked.collection == "application" && asked.dashboard != "none")
        throw invalid(
            "When `controller[requirement_collection]` is application, "
            "`controller[stripe_dashboard][type]` must be none.")
            .param("controller[stripe_dashboard][type]");
    for (const auto& one : classic)
        if (one.dashboard == asked.dashboard && one.payer == asked.payer &&
            one.losses == asked.losses && one.collection == asked.collection)
            asked.type = one.type;
    return {std::string(asked.type), controller_of(asked, asked.payer)};
}

}  // namespace daybook::sim
