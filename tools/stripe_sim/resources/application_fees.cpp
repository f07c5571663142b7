// Application fees as objects of the platform.
#include <tools/stripe_sim/resources/application_fees.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/settlement.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {

const json::object& make_application_fee(const Scope& platform, const ApplicationFeeOrder& order) {
    // The account pays it in its own currency, and the platform gets it in that of the charge.
    const auto settlement = settlement_of(platform.on(order.account), {.currency = order.currency});
    const auto amount = settlement.converted(order.amount);
    auto fee = platform.begin("application_fee", "fee_");
    const std::string id(text(fee, "id"));
    fee["account"] = order.account;
    fee["amount"] = amount;
    fee["application"] = platform.world.application_id;
    fee["charge"] = order.charge;
    fee["currency"] = settlement.currency;
    platform.fill(fee, "fee_source", {{"type", "charge"}, {"charge", order.charge}});
    fee["originating_transaction"] = text_or_null(order.originating_charge);
    set(fee, "refunds.url") = fmt::format("/v1/application_fees/{}/refunds", id);
    const auto& transaction = platform.post({.type = "application_fee",
                                             .reporting_category = "platform_earning",
                                             .currency = settlement.currency,
                                             .amount = amount,
                                             .fees = {},
                                             .source = id,
                                             .description = "",
                                             .available_on = order.available_on,
                                             .settle_in = order.currency});
    fee["balance_transaction"] = transaction.at("id");
    const auto& stored = platform.put(std::move(fee));
    platform.emit("application_fee.created", stored);
    return stored;
}

void add_application_fees(Routes& on) {
    on.index("application_fee", "charge");
    on.index("application_fee", "originating_transaction");
    on.retrieve("/v1/application_fees/{application_fee}");
    on.list("/v1/application_fees", {"charge"});
}

}  // namespace daybook::sim
