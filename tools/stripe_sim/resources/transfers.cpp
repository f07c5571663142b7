// Transfers and the payments that they become.
#include <tools/stripe_sim/resources/transfers.hpp>

#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/resources/application_fees.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

/// The py_ on the connected account: a charge that a transfer paid for.
const json::object& receive(const Scope& seller, const json::object& transfer,
                            const TransferOrder& order) {
    auto payment = seller.begin("charge", "py_");
    const std::string id(text(payment, "id"));
    payment["amount"] = order.amount;
    payment["amount_captured"] = order.amount;
    payment["application_fee_amount"] =
        order.application_fee == 0 ? json::value(nullptr) : json::value(order.application_fee);
    seller.fill(payment, "billing_details", {{"address", json::object()}});
    payment["captured"] = true;
    payment["currency"] = order.currency;
    payment["description"] = order.payment_description;
    payment["metadata"] = order.payment_metadata;
    seller.fill(payment, "outcome",
                {{"network_status", "approved_by_network"},
                 {"seller_message", "Payment complete."},
                 {"type", "authorized"}});
    payment["paid"] = true;
    payment["payment_method_details"] = {{"stripe_account", json::object()},
                                         {"type", "stripe_account"}};
    payment["source_transfer"] = transfer.at("id");
    payment["status"] = "succeeded";
    Posting posting{.type = "payment",
                    .reporting_category = "charge",
                    .currency = order.currency,
                    .amount = order.amount,
                    .fees = {},
                    .source = id,
                    .description = "",
                    .available_on = order.available_on};
    if (posting.available_on)
        posting.available_on = std::max(*posting.available_on, own_delay(seller));
    if (order.application_fee != 0)
        posting.fees.push_back({"application_fee", order.application_fee, "Application fee"});
    payment["balance_transaction"] = seller.post(posting).at("id");
    return seller.put(std::move(payment));
}

/// What a charge brought in. A debit that is on its way may be transferred ahead.
std::int64_t brought_in(const json::object& charge) {
    return integer(charge, text(charge, "status") == "pending" ? "amount" : "amount_captured");
}

/// The charge that a transfer comes from, with room for as much more as is asked for.
const json::object& checked_source(const Call& call) {
    const auto& charge = call.get("charge", call.text("source_transaction"), "source_transaction");
    if (text(charge, "currency") != call.text("currency"))
        throw invalid(
            "The currency of source_transaction's balance transaction must be the same "
            "as the transfer currency.")
            .param("currency");
    const auto whole = brought_in(charge);
    if (whole == 0)
        throw invalid("Cannot use a failed or uncaptured charge as source_transaction.")
            .param("source_transaction");
    std::int64_t taken = 0;
    const ListQuery same{.limit = 100,
                         .equal = {{"source_transaction", std::string(text(charge, "id"))}}};
    for (const auto* transfer : call.world.store.page(call.account, "transfer", same).items)
        taken += integer(*transfer, "amount") - integer(*transfer, "amount_reversed");
    if (taken + call.integer("amount", whole) > whole)
        throw invalid(fmt::format("Transfers using this transaction as a source must not exceed "
                                  "the source amount of {}. (Note: There is already {} in "
                                  "transfers using this source.)",
                                  shown_amount(whole, call.text("currency")),
                                  shown_amount(taken, call.text("currency"))))
            .code("balance_insufficient")
            .param("amount");
    return charge;
}

/// When the money of a charge becomes available; nothing when it is.
std::optional<Seconds> available_on(const Call& call, const json::object& charge) {
    const auto* transaction = call.find("balance_transaction", text(charge, "balance_transaction"));
    const auto at = transaction ? integer(*transaction, "available_on") : own_delay(call);
    if (at <= call.now()) return std::nullopt;
    return at;
}

json::object create(Call& call) {
    TransferOrder order;
    order.currency = checked_currency(call.text("currency"));
    check_destination(call, call.text("destination"), "destination");
    order.destination = call.text("destination");
    order.description = call.text("description");
    order.metadata = call.object("metadata");
    order.transfer_group = call.text("transfer_group");
    order.source_transaction = call.text("source_transaction");
    order.amount = call.integer("amount");
    if (!call.has("amount") && !call.has("source_transaction")) throw missing_param("amount");
    if (call.has("amount") && order.amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount");
    if (call.has("source_transaction")) {
        const auto& charge = checked_source(call);
        order.amount = call.integer("amount", brought_in(charge));
        if (order.transfer_group.empty()) order.transfer_group = text(charge, "transfer_group");
        order.available_on = available_on(call, charge);
    } else if (call.world.balances.of(call.account, order.currency).available < order.amount) {
        throw invalid(
            "You have insufficient available funds in your Stripe account. Try adding funds "
            "directly to your available balance by creating Charges using the 4000000000000077 "
            "test card. See: https://stripe.com/docs/testing#available-balance")
            .code("balance_insufficient");
    }
    return make_transfer(call, order);
}

json::object update(Call& call) {
    auto& transfer = call.edit("transfer", call.id("transfer"), "transfer");
    const json::object before(transfer);
    call.copy(transfer, {"description"});
    call.copy_metadata(transfer);
    call.emit_changed("transfer.updated", before, transfer);
    return transfer;
}

}  // namespace

json::object& make_transfer(const Scope& platform, const TransferOrder& order) {
    auto transfer = platform.begin("transfer", "tr_");
    const std::string id(text(transfer, "id"));
    transfer["amount"] = order.amount;
    transfer["currency"] = order.currency;
    transfer["description"] = text_or_null(order.description);
    transfer["destination"] = order.destination;
    transfer["metadata"] = order.metadata;
    set(transfer, "reversals.url") = fmt::format("/v1/transfers/{}/reversals", id);
    transfer["source_transaction"] = text_or_null(order.source_transaction);
    transfer["source_type"] = "card";
    transfer["transfer_group"] = text_or_null(order.transfer_group);
    const auto& transaction = platform.post({.type = "transfer",
                                             .reporting_category = "transfer",
                                             .currency = order.currency,
                                             .amount = -order.amount,
                                             .fees = {},
                                             .source = id,
                                             .description = order.description,
                                             .available_on = order.available_on});
    transfer["balance_transaction"] = transaction.at("id");
    const auto& payment = receive(platform.on(order.destination), transfer, order);
    transfer["destination_payment"] = payment.at("id");
    auto& stored = platform.put(std::move(transfer));
    platform.emit("transfer.created", stored);
    return stored;
}

void move_to_destination(const Scope& platform, json::object& charge,
                         std::optional<Seconds> available_on) {
    // The charge tells of amount and destination alone; the rest stands on its intent, or in its
    // notes.
    const auto& whole = has(charge, "payment_intent")
                            ? platform.get("payment_intent", text(charge, "payment_intent"))
                            : noted(platform, charge);
    const auto& data = object(whole, "transfer_data");
    const auto fee_amount = integer(charge, "application_fee_amount");
    TransferOrder order;
    order.destination = text(charge, "transfer_data.destination");
    order.currency = text(charge, "currency");
    order.amount = integer(charge, "transfer_data.amount", integer(charge, "amount_captured"));
    order.source_transaction = text(charge, "id");
    order.transfer_group = text(charge, "transfer_group");
    order.description = text(data, "description");
    order.metadata = object(data, "metadata");
    order.available_on = available_on;
    order.application_fee = fee_amount;
    if (const auto* description = at(data, "payment_data.description"))
        order.payment_description = *description;
    order.payment_metadata = object(data, "payment_data.metadata");
    const auto& transfer = make_transfer(platform, order);
    charge["transfer"] = transfer.at("id");
    if (fee_amount == 0) return;
    ApplicationFeeOrder fee;
    fee.account = order.destination;
    fee.charge = text(transfer, "destination_payment");
    fee.originating_charge = order.source_transaction;
    fee.currency = order.currency;
    fee.amount = fee_amount;
    fee.available_on = available_on;
    const auto& made = make_application_fee(platform, fee);
    charge["application_fee"] = made.at("id");
    platform.on(fee.account).edit("charge", fee.charge)["application_fee"] = made.at("id");
}

void check_destination(const Scope& platform, std::string_view account, std::string_view param) {
    const auto* found = platform.on("").find("account", account);
    if (account == platform.world.platform_id)
        throw invalid("Cannot transfer to your own account").param(param);
    if (!found) throw no_such("destination", account, param);
    if (text(*found, "capabilities.transfers") != "active")
        throw invalid(
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments")
            .code("insufficient_capabilities_for_transfer")
            .param(param);
}

void add_transfers(Routes& on) {
    on.index("transfer", "destination");
    on.index("transfer", "transfer_group");
    on.index("transfer", "source_transaction");
    on.retrieve("/v1/transfers/{transfer}");
    on("POST", "/v1/transfers", create);
    on("POST", "/v1/transfers/{transfer}", update);
    on.list("/v1/transfers", {"destination", "transfer_group"});
}

}  // namespace daybook::sim
