// Both sides of a transfer's reversal, and its routes.
#include <tools/stripe_sim/resources/transfer_reversals.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/list.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/balance_transactions.hpp>
#include <tools/stripe_sim/resources/fee_refunds.hpp>
#include <tools/stripe_sim/settlement.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

/// The pyr_: the account gives back a part of the payment that the transfer became.
const json::object& give_back(const Scope& seller, const json::object& transfer,
                              const json::object& reversal) {
    auto& payment = seller.edit("charge", text(transfer, "destination_payment"));
    const auto amount = integer(reversal, "amount");
    auto refund = seller.begin("refund", "pyr_");
    const std::string id(text(refund, "id"));
    refund["amount"] = amount;
    refund["charge"] = payment.at("id");
    refund["currency"] = reversal.at("currency");
    refund["source_transfer_reversal"] = reversal.at("id");
    refund["status"] = "succeeded";
    const auto& transaction =
        seller.post({.type = "payment_refund",
                     .reporting_category = "refund",
                     .currency = std::string(text(reversal, "currency")),
                     .amount = -amount,
                     .fees = {},
                     .source = id,
                     .description = "",
                     .available_on = pending_until(seller, text(payment, "balance_transaction"))});
    refund["balance_transaction"] = transaction.at("id");
    payment["amount_refunded"] = integer(payment, "amount_refunded") + amount;
    payment["refunded"] = payment.at("amount_refunded") == payment.at("amount");
    return seller.put(std::move(refund));
}

/// The part of the account's application fee that goes with the reversal.
void give_fee_back(const Scope& platform, const json::object& transfer, std::int64_t amount,
                   MadeReversal& made) {
    const auto& payment = platform.on(text(transfer, "destination"))
                              .get("charge", text(transfer, "destination_payment"));
    if (!has(payment, "application_fee")) return;
    auto& fee = platform.edit("application_fee", text(payment, "application_fee"));
    const auto part = std::min(unrefunded(fee),
                               share(integer(fee, "amount"), amount, integer(transfer, "amount")));
    if (part == 0) return;
    made.fee = text(fee, "id");
    made.fee_before = fee;
    make_fee_refund(platform, fee, part);
}

json::object create(Call& call) {
    auto& transfer = call.edit("transfer", call.id("transfer"), "id");
    ReversalOrder order;
    order.amount = call.integer("amount", unreversed(transfer));
    order.refund_application_fee = call.flag("refund_application_fee");
    order.metadata = call.object("metadata");
    if (flag(transfer, "reversed"))
        throw invalid(fmt::format("Transfer {} has already been reversed.", text(transfer, "id")));
    if (order.amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount");
    const auto currency = text(transfer, "currency");
    if (order.amount > unreversed(transfer))
        throw invalid(fmt::format("Reversal amount ({}) is greater than unreversed amount on "
                                  "transfer ({})",
                                  shown_amount(order.amount, currency),
                                  shown_amount(unreversed(transfer), currency)))
            .param("amount");
    check_reversible(call, transfer, order.amount);
    return reverse_transfer(call, transfer, order);
}

json::object update(Call& call) {
    auto& reversal = call.edit("transfer_reversal", call.id("reversal"), "reversal");
    call.copy_metadata(reversal);
    return reversal;
}

json::object list(Call& call) {
    return list_page(call, "transfer_reversal",
                     {.equal = {{"transfer", std::string(call.id("transfer"))}}});
}

/// A transfer shows its latest reversals.
void render(const Scope& scope, json::object& transfer) {
    if (integer(transfer, "amount_reversed") == 0) return;
    const auto page =
        scope.world.store.page(scope.account, "transfer_reversal",
                               {.equal = {{"transfer", std::string(text(transfer, "id"))}}});
    transfer["reversals"] =
        list_of(scope, text(transfer, "reversals.url"), page.items, page.has_more);
}

}  // namespace

std::int64_t unreversed(const json::object& transfer) {
    return integer(transfer, "amount") - integer(transfer, "amount_reversed");
}

void check_reversible(const Scope& platform, const json::object& transfer, std::int64_t amount) {
    const auto seller = platform.on(text(transfer, "destination"));
    const auto settlement =
        settlement_of(seller, {.currency = std::string(text(transfer, "currency"))});
    const auto has = funds(seller, settlement.currency);
    if (has >= settlement.converted(amount) || may_overdraw(seller)) return;
    throw invalid(fmt::format("Insufficient funds in the connected account {} to reverse {}: it "
                              "has {}.",
                              seller.account, shown_amount(amount, text(transfer, "currency")),
                              shown_amount(has, settlement.currency)))
        .code("balance_insufficient");
}

MadeReversal make_reversal(const Scope& platform, json::object& transfer,
                           const ReversalOrder& order) {
    MadeReversal made{.id = {}, .transfer = transfer, .fee = {}, .fee_before = {}};
    auto reversal = platform.begin("transfer_reversal", "trr_");
    made.id = text(reversal, "id");
    reversal["amount"] = order.amount;
    reversal["currency"] = transfer.at("currency");
    Call::merge_metadata(reversal, {{"metadata", order.metadata}});
    reversal["source_refund"] = text_or_null(order.source_refund);
    reversal["transfer"] = transfer.at("id");
    const auto& transaction = platform.post(
        {.type = "transfer_refund",
         .reporting_category = "transfer_reversal",
         .currency = std::string(text(transfer, "currency")),
         .amount = order.amount,
         .fees = {},
         .source = made.id,
         .description = "",
         .available_on = pending_until(platform, text(transfer, "balance_transaction"))});
    reversal["balance_transaction"] = transaction.at("id");
    const auto& refund = give_back(platform.on(text(transfer, "destination")), transfer, reversal);
    reversal["destination_payment_refund"] = refund.at("id");
    platform.put(std::move(reversal));
    transfer["amount_reversed"] = integer(transfer, "amount_reversed") + order.amount;
    transfer["reversed"] = unreversed(transfer) == 0;
    if (order.refund_application_fee) give_fee_back(platform, transfer, order.amount, made);
    return made;
}

void tell_reversal(const Scope& platform, const json::object& transfer, const MadeReversal& made) {
    platform.emit_changed("transfer.reversed", made.transfer, transfer);
    const auto& reversal = platform.get("transfer_reversal", made.id);
    const auto seller = platform.on(text(transfer, "destination"));
    seller.emit("refund.created",
                seller.get("refund", text(reversal, "destination_payment_refund")));
    if (made.fee.empty()) return;
    platform.emit_changed("application_fee.refunded", made.fee_before,
                          platform.get("application_fee", made.fee));
}

const json::object& reverse_transfer(const Scope& platform, json::object& transfer,
                                     const ReversalOrder& order) {
    const auto made = make_reversal(platform, transfer, order);
    tell_reversal(platform, transfer, made);
    return platform.get("transfer_reversal", made.id);
}

void add_transfer_reversals(Routes& on) {
    on.index("transfer_reversal", "transfer");
    on.render("transfer", render);
    on("POST", "/v1/transfers/{transfer}/reversals", create);
    on("GET", "/v1/transfers/{transfer}/reversals", list);
    on.retrieve("/v1/transfers/{transfer}/reversals/{reversal}");
    on("POST", "/v1/transfers/{transfer}/reversals/{reversal}", update);
}

}  // namespace daybook::sim
