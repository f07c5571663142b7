// The checks on a payment's destination and fee, the same for intents and for charges.
#include <tools/stripe_sim/destinations.hpp>

#include <tools/stripe_sim/resources/transfers.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

/// Who the buyer pays must be allowed to take cards.
void check_merchant(const Call& call) {
    const auto named = call.text("on_behalf_of");
    const auto merchant = named.empty() ? std::string_view(call.account) : named;
    if (merchant.empty() || merchant == call.world.platform_id) return;
    const auto& account = call.on("").get("account", merchant, "on_behalf_of");
    if (text(account, "capabilities.card_payments") == "active") return;
    auto error = invalid(
        fmt::format("The account {} must have the card_payments capability enabled to be charged "
                    "for.",
                    merchant));
    throw StripeError(error.param(named.empty() ? "" : "on_behalf_of"));
}

}  // namespace

void apply_destination(Call& call, json::object& payment) {
    if (const auto& data = call.object("transfer_data"); !data.empty()) {
        json::object merged(object(payment, "transfer_data"));
        for (const auto& [name, value] : data)
            merged[name] = value;
        if (data.contains("destination"))
            check_destination(call, text(data, "destination"), "transfer_data[destination]");
        payment["transfer_data"] = std::move(merged);
    }
    check_merchant(call);
    const auto amount = integer(payment, "amount");
    const auto part = integer(payment, "transfer_data.amount");
    if (has(payment, "application_fee_amount") && has(payment, "transfer_data.amount"))
        throw invalid("You may not specify both application_fee_amount and transfer_data[amount].")
            .param("application_fee_amount");
    if (part != 0 && !has(payment, "transfer_data.destination"))
        throw missing_param("transfer_data[destination]");
    if (part < 0 || part > amount)
        throw invalid(
            "The transfer_data[amount] must be less than or equal to the amount of the "
            "charge.")
            .param("transfer_data[amount]");
    if (!has(payment, "application_fee_amount")) return;
    const auto fee = integer(payment, "application_fee_amount");
    if (fee < 0 || fee > amount)
        throw invalid(
            "The application_fee_amount must be less than or equal to the amount of the "
            "charge.")
            .param("application_fee_amount");
    if (call.is_platform() && !has(payment, "transfer_data.destination"))
        throw invalid(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct "
            "payment (using an OAuth key or Stripe-Account header) or destination payment (using "
            "`transfer_data[destination]`).")
            .code("application_fees_not_allowed")
            .param("application_fee_amount");
}

}  // namespace daybook::sim
