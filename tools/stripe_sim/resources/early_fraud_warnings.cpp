// Early fraud warnings: the issuer suspects a payment, and no money moves yet.
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/world.hpp>

namespace daybook::sim {
namespace {

void warn(Scope& scope, std::string_view charge_id) {
    const auto& charge = scope.get("charge", charge_id);
    auto warning = scope.begin("radar.early_fraud_warning", "issfr_");
    warning["actionable"] = !flag(charge, "refunded");
    warning["charge"] = charge.at("id");
    warning["fraud_type"] = "made_with_stolen_card";
    warning["payment_intent"] = charge.at("payment_intent");
    scope.emit("radar.early_fraud_warning.created", scope.put(std::move(warning)));
}

void expect_warning(const Scope& scope, const json::object& charge) {
    if (flag(charge, "captured") && card_of(charge).aftermath == Aftermath::early_fraud_warning)
        scope.later(0, "early_fraud_warning.warn", text(charge, "id"));
}

/// Nothing is left to be done about `charge`.
void settle(const Scope& scope, std::string_view charge) {
    const auto warnings = scope.world.store
                              .page(scope.account, "radar.early_fraud_warning",
                                    {.limit = 100, .equal = {{"charge", std::string(charge)}}})
                              .items;
    for (const auto* item : warnings) {
        if (!flag(*item, "actionable")) continue;
        auto& warning = scope.edit("radar.early_fraud_warning", text(*item, "id"));
        const json::object before(warning);
        warning["actionable"] = false;
        scope.emit_changed("radar.early_fraud_warning.updated", before, warning);
    }
}

}  // namespace

void add_early_fraud_warnings(Routes& on) {
    on.index("radar.early_fraud_warning", "charge");
    on.task("early_fraud_warning.warn", warn);
    on.watch("charge.succeeded", expect_warning);
    on.watch("charge.captured", expect_warning);
    on.watch("charge.refunded", [](const Scope& scope, const json::object& charge) {
        if (flag(charge, "refunded")) settle(scope, text(charge, "id"));
    });
    on.watch("charge.dispute.created", [](const Scope& scope, const json::object& dispute) {
        settle(scope, text(dispute, "charge"));
    });
    on.retrieve("/v1/radar/early_fraud_warnings/{early_fraud_warning}");
    on.list("/v1/radar/early_fraud_warnings", {"charge", "payment_intent"});
}

}  // namespace daybook::sim
