// Both sides of a fee refund, and its routes.
#include <tools/stripe_sim/resources/fee_refunds.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/balance_transactions.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

json::object create(Call& call) {
    auto& fee = call.edit("application_fee", call.id("application_fee"), "id");
    const auto amount = call.integer("amount", unrefunded(fee));
    if (flag(fee, "refunded"))
        throw invalid(fmt::format("Application fee {} has already been refunded.", text(fee, "id")))
            .code("charge_already_refunded");
    if (amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount");
    if (amount > unrefunded(fee))
        throw invalid(fmt::format("Refund amount ({}) is greater than unrefunded amount on fee "
                                  "({})",
                                  shown_amount(amount, text(fee, "currency")),
                                  shown_amount(unrefunded(fee), text(fee, "currency"))))
            .param("amount");
    return refund_application_fee(call, fee, amount, call.object("metadata"));
}

json::object update(Call& call) {
    auto& refund = call.edit("fee_refund", call.id("refund"), "refund");
    const json::object before(refund);
    call.copy_metadata(refund);
    call.emit_changed("application_fee.refund.updated", before, refund);
    return refund;
}

json::object list(Call& call) {
    return list_page(call, "fee_refund",
                     {.equal = {{"fee", std::string(call.id("application_fee"))}}});
}

/// A fee shows its latest refunds.
void render(const Scope& scope, json::object& fee) {
    if (integer(fee, "amount_refunded") == 0) return;
    const auto page = scope.world.store.page(scope.account, "fee_refund",
                                             {.equal = {{"fee", std::string(text(fee, "id"))}}});
    fee["refunds"] = list_of(scope, text(fee, "refunds.url"), page.items, page.has_more);
}

}  // namespace

std::int64_t unrefunded(const json::object& fee) {
    return integer(fee, "amount") - integer(fee, "amount_refunded");
}

const json::object& make_fee_refund(const Scope& platform, json::object& fee, std::int64_t amount,
                                    const json::object& metadata) {
    auto refund = platform.begin("fee_refund", "fr_");
    const std::string id(text(refund, "id"));
    const std::string currency(text(fee, "currency"));
    refund["amount"] = amount;
    refund["currency"] = currency;
    refund["fee"] = fee.at("id");
    Call::merge_metadata(refund, {{"metadata", metadata}});
    const auto when = pending_until(platform, text(fee, "balance_transaction"));
    const auto& taken = platform.get("balance_transaction", text(fee, "balance_transaction"));
    const auto& transaction = platform.post({.type = "application_fee_refund",
                                             .reporting_category = "platform_earning_refund",
                                             .currency = currency,
                                             .amount = -amount,
                                             .fees = {},
                                             .source = id,
                                             .description = "",
                                             .available_on = when,
                                             .settle_in = std::string(text(taken, "currency"))});
    refund["balance_transaction"] = transaction.at("id");
    platform.on(text(fee, "account"))
        .post({.type = "adjustment",
               .reporting_category = "fee",
               .currency = currency,
               .amount = amount,
               .fees = {},
               .source = id,
               .description = "Application fee refund",
               .available_on = when});
    fee["amount_refunded"] = integer(fee, "amount_refunded") + amount;
    fee["refunded"] = unrefunded(fee) == 0;
    return platform.put(std::move(refund));
}

const json::object& refund_application_fee(const Scope& platform, json::object& fee,
                                           std::int64_t amount, const json::object& metadata) {
    const json::object before(fee);
    const auto& refund = make_fee_refund(platform, fee, amount, metadata);
    platform.emit_changed("application_fee.refunded", before, fee);
    return refund;
}

void add_fee_refunds(Routes& on) {
    on.index("fee_refund", "fee");
    on.render("application_fee", render);
    on("POST", "/v1/application_fees/{application_fee}/refunds", create);
    on("GET", "/v1/application_fees/{application_fee}/refunds", list);
    on.retrieve("/v1/application_fees/{application_fee}/refunds/{refund}");
    on("POST", "/v1/application_fees/{application_fee}/refunds/{refund}", update);
}

}  // namespace daybook::sim
