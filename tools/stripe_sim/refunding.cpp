// Who pays for a refund, and how it ends.
#include <tools/stripe_sim/refunding.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/cash.hpp>
#include <tools/stripe_sim/disputing.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/balance_transactions.hpp>
#include <tools/stripe_sim/resources/charges.hpp>
#include <tools/stripe_sim/resources/fee_refunds.hpp>
#include <tools/stripe_sim/resources/refunds.hpp>
#include <tools/stripe_sim/resources/transfer_reversals.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

/// In test mode, moments.
constexpr Seconds refund_takes = 5;
/// When the card network tells the reference by which a buyer's bank finds the money.
constexpr Seconds reference_takes = 3 * day;
/// How long a buyer has to tell where the money shall go.
constexpr Seconds instructions_last = 45 * day;

// --- what may be refunded ---------------------------------------------------------------------

void check_amount(const json::object& charge, std::int64_t amount) {
    const auto id = text(charge, "id");
    const auto currency = text(charge, "currency");
    const auto left = unrefunded_charge(charge);
    if (left == 0)
        throw invalid(fmt::format("Charge {} has already been refunded.", id))
            .code("charge_already_refunded");
    if (amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount");
    if (amount > left)
        throw invalid(
            fmt::format("Refund amount ({}) is greater than unrefunded amount on charge ({})",
                        shown_amount(amount, currency), shown_amount(left, currency)))
            .param("amount");
}

void check_parts(const json::object& charge, const RefundOrder& order) {
    const auto id = text(charge, "id");
    if (order.reverse_transfer && !has(charge, "transfer"))
        throw invalid(
            fmt::format("Cannot reverse transfer on charge {} because it has no associated "
                        "transfer.",
                        id))
            .param("reverse_transfer");
    if (order.refund_application_fee && !has(charge, "application_fee"))
        throw invalid(fmt::format("Cannot refund an application fee on charge {} because it has "
                                  "none.",
                                  id))
            .param("refund_application_fee");
}

// --- how the money travels --------------------------------------------------------------------

/// Methods whose buyers have to say where the money shall go.
bool asks_where(std::string_view type) {
    constexpr std::array asking = {"boleto", "konbini", "multibanco", "oxxo"};
    return std::ranges::find(asking, type) != asking.end();
}

json::value destination_of(std::string_view type) {
    if (type == "card")
        return {{"card",
                 {{"reference_status", "pending"},
                  {"reference_type", "acquirer_reference_number"},
                  {"type", "refund"}}},
                {"type", "card"}};
    const auto where = type == "customer_balance" ? "customer_cash_balance" : type;
    return {{where, json::object()}, {"type", where}};
}

/// The buyer is asked by mail.
void ask_where(const Scope& scope, json::object& refund, const std::string& email) {
    if (email.empty())
        throw invalid(
            "This payment method needs an email address to which the refund instructions are "
            "sent.")
            .code("parameter_missing")
            .param("instructions_email");
    refund["instructions_email"] = email;
    refund["status"] = "requires_action";
    refund["next_action"] = {
        {"type", "display_details"},
        {"display_details",
         {{"email_sent", {{"email_sent_at", scope.now()}, {"email_sent_to", email}}},
          {"expires_at", scope.now() + instructions_last}}}};
}

/// How it begins, by the card and the method.
void set_course(const Scope& scope, const json::object& charge, const RefundOrder& order,
                json::object& refund) {
    const auto type = text(charge, "payment_method_details.type");
    refund["destination_details"] = destination_of(type);
    refund["status"] = "succeeded";
    if (card_of(charge).aftermath == Aftermath::refund_pending ||
        course_of(type) == Course::delayed) {
        refund["status"] = "pending";
        refund["pending_reason"] = "processing";
    }
    if (!asks_where(type)) return;
    ask_where(scope, refund, order.instructions_email);
}

/// Takes the money out of the balance.
void pay(const Scope& scope, const json::object& charge, json::object& refund) {
    const bool is_card = text(charge, "payment_method_details.type") == "card";
    const auto& transaction =
        scope.post({.type = is_card ? "refund" : "payment_refund",
                    .reporting_category = "refund",
                    .currency = std::string(text(refund, "currency")),
                    .amount = -integer(refund, "amount"),
                    .fees = {},
                    .source = std::string(text(refund, "id")),
                    .description = "REFUND FOR CHARGE",
                    .available_on = pending_until(scope, text(charge, "balance_transaction"))});
    refund["balance_transaction"] = transaction.at("id");
    if (text(charge, "payment_method_details.type") == "customer_balance")
        move_cash(scope, text(charge, "customer"), text(refund, "currency"),
                  integer(refund, "amount"), "refunded_from_payment",
                  {{"refund", refund.at("id")}});
}

void schedule(const Scope& scope, const json::object& charge, const json::object& refund) {
    const auto id = text(refund, "id");
    const auto status = text(refund, "status");
    if (status == "requires_action") return scope.later(instructions_last, "refund.expire", id);
    if (status == "pending") return scope.later(refund_takes, "refund.arrive", id);
    if (card_of(charge).aftermath == Aftermath::refund_fails)
        return scope.later(refund_takes, "refund.bounce", id);
    if (has(refund, "destination_details.card"))
        scope.later(reference_takes, "refund.tell_reference", id);
}

/// Without the right to owe, a refund of money that is not on its way waits for the balance.
bool must_wait(const Scope& scope, const json::object& charge, const json::object& refund) {
    if (may_overdraw(scope)) return false;
    if (pending_until(scope, text(charge, "balance_transaction"))) return false;
    const auto available = scope.world.balances.of(scope.account, text(refund, "currency"));
    return available.available < integer(refund, "amount");
}

void count(json::object& charge, std::int64_t amount) {
    charge["amount_refunded"] = integer(charge, "amount_refunded") + amount;
    charge["refunded"] = unrefunded_charge(charge) == 0;
}

// --- what goes with it ------------------------------------------------------------------------

/// The seller's part and the fee's, to be told after the refund itself.
struct Accompaniment {
    json::object* transfer = nullptr;
    MadeReversal reversal;
    json::object* fee = nullptr;
    json::object fee_before;
};

/// What the charge's whole is worth of `whole`, for a refund of `amount`.
std::int64_t part_of(const json::object& charge, std::int64_t whole, std::int64_t amount) {
    return share(whole, amount, integer(charge, "amount_captured"));
}

Accompaniment accompany(const Scope& scope, const json::object& charge, const RefundOrder& order,
                        json::object& refund) {
    Accompaniment with;
    const auto amount = integer(refund, "amount");
    if (order.reverse_transfer) {
        auto& transfer = scope.edit("transfer", text(charge, "transfer"));
        const auto part =
            std::min(unreversed(transfer), part_of(charge, integer(transfer, "amount"), amount));
        if (part > 0) {
            with.transfer = &transfer;
            with.reversal = make_reversal(
                scope, transfer,
                {.amount = part, .source_refund = std::string(text(refund, "id")), .metadata = {}});
            refund["transfer_reversal"] = with.reversal.id;
        }
    }
    if (order.refund_application_fee) {
        auto& fee = scope.on("").edit("application_fee", text(charge, "application_fee"));
        const auto part =
            std::min(unrefunded(fee), part_of(charge, integer(fee, "amount"), amount));
        if (part > 0) {
            with.fee = &fee;
            with.fee_before = fee;
            make_fee_refund(scope.on(""), fee, part);
        }
    }
    return with;
}

void tell(const Scope& scope, const Accompaniment& with) {
    if (with.transfer) tell_reversal(scope, *with.transfer, with.reversal);
    if (with.fee) scope.on("").emit_changed("application_fee.refunded", with.fee_before, *with.fee);
}

void check_seller(const Scope& scope, const json::object& charge, const RefundOrder& order) {
    if (!order.reverse_transfer) return;
    const auto& transfer = scope.get("transfer", text(charge, "transfer"));
    check_reversible(scope, transfer, part_of(charge, integer(transfer, "amount"), order.amount));
}

// --- later ------------------------------------------------------------------------------------

void arrive(Scope& scope, std::string_view id) {
    auto& refund = scope.edit("refund", id);
    if (text(refund, "status") != "pending" || !has(refund, "balance_transaction")) return;
    const json::object before(refund);
    refund["status"] = "succeeded";
    drop(refund, "pending_reason");
    tell_refund_changed(scope, before, refund);
}

void bounce(Scope& scope, std::string_view id) {
    auto& refund = scope.edit("refund", id);
    if (text(refund, "status") == "succeeded")
        call_off_refund(scope, refund, "failed", "expired_or_canceled_card");
}

void expire(Scope& scope, std::string_view id) {
    auto& refund = scope.edit("refund", id);
    if (text(refund, "status") == "requires_action")
        call_off_refund(scope, refund, "failed", "unknown");
}

void tell_reference(Scope& scope, std::string_view id) {
    auto& refund = scope.edit("refund", id);
    if (text(refund, "status") != "succeeded") return;
    const json::object before(refund);
    set(refund, "destination_details.card.reference") =
        fmt::format("{:011}{:012}", scope.world.ids.below(100'000'000'000),
                    scope.world.ids.below(1'000'000'000'000));
    set(refund, "destination_details.card.reference_status") = "available";
    tell_refund_changed(scope, before, refund);
}

/// New money lets refunds go that waited for it, the oldest first.
void pay_waiting(const Scope& scope) {
    const auto waiting =
        scope.world.store
            .page(scope.account, "refund",
                  {.limit = 100, .equal = {{"pending_reason", "insufficient_funds"}}})
            .items;
    for (auto item = waiting.rbegin(); item != waiting.rend(); ++item) {
        auto& refund = scope.edit("refund", text(**item, "id"));
        const auto& charge = scope.get("charge", text(refund, "charge"));
        if (must_wait(scope, charge, refund)) return;
        const json::object before(refund);
        pay(scope, charge, refund);
        refund["status"] = "succeeded";
        drop(refund, "pending_reason");
        tell_refund_changed(scope, before, refund);
        schedule(scope, charge, refund);
    }
}

}  // namespace

std::int64_t unrefunded_charge(const json::object& charge) {
    return integer(charge, "amount_captured") - integer(charge, "amount_refunded");
}

json::object& make_refund(const Scope& scope, json::object& charge, const RefundOrder& order) {
    check_amount(charge, order.amount);
    check_undisputed(scope, charge);
    settle_now(scope, charge);
    check_parts(charge, order);
    check_seller(scope, charge, order);
    auto refund = scope.begin("refund", "re_");
    refund["amount"] = order.amount;
    refund["charge"] = charge.at("id");
    for (const auto* same : {"currency", "customer", "payment_intent", "payment_method"})
        refund[same] = charge.at(same);
    Call::merge_metadata(refund, {{"metadata", order.metadata}});
    refund["reason"] = text_or_null(order.reason);
    set_course(scope, charge, order, refund);
    const json::object before(charge);
    if (must_wait(scope, charge, refund)) {
        refund["status"] = "pending";
        refund["pending_reason"] = "insufficient_funds";
    } else {
        pay(scope, charge, refund);
    }
    const auto with = accompany(scope, charge, order, refund);
    count(charge, order.amount);
    auto& stored = scope.put(std::move(refund));
    scope.emit("refund.created", stored);
    scope.emit_changed("charge.refunded", before, charge);
    tell(scope, with);
    schedule(scope, charge, stored);
    return stored;
}

void call_off_refund(const Scope& scope, json::object& refund, std::string_view status,
                     std::string_view failure_reason) {
    const json::object before(refund);
    refund["status"] = json::string(status);
    if (!failure_reason.empty()) refund["failure_reason"] = json::string(failure_reason);
    for (const auto* over : {"pending_reason", "next_action"})
        drop(refund, over);
    if (has(refund, "balance_transaction")) {
        const auto& transaction = scope.post({.type = "refund_failure",
                                              .reporting_category = "refund_failure",
                                              .currency = std::string(text(refund, "currency")),
                                              .amount = integer(refund, "amount"),
                                              .fees = {},
                                              .source = std::string(text(refund, "id")),
                                              .description = "REFUND FAILURE",
                                              .available_on = std::nullopt});
        refund["failure_balance_transaction"] = transaction.at("id");
    }
    tell_refund_changed(scope, before, refund);
    if (status == "failed") scope.emit("refund.failed", refund);
    if (!has(refund, "charge")) {
        move_cash(scope, text(refund, "customer"), text(refund, "currency"),
                  integer(refund, "amount"), "return_canceled");
        return;
    }
    auto& charge = scope.edit("charge", text(refund, "charge"));
    const json::object charge_before(charge);
    count(charge, -integer(refund, "amount"));
    scope.emit_changed("charge.updated", charge_before, charge);
}

json::object& return_cash(const Scope& scope, std::string_view customer, const RefundOrder& order,
                          std::string_view currency) {
    if (order.amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount");
    if (order.amount > cash_in(scope, customer, currency))
        throw invalid("The customer's cash balance does not cover this refund.")
            .code("balance_insufficient")
            .param("amount");
    auto refund = scope.begin("refund", "re_");
    refund["amount"] = order.amount;
    refund["currency"] = json::string(currency);
    refund["customer"] = json::string(customer);
    refund["destination_details"] = destination_of("us_bank_transfer");
    refund["reason"] = text_or_null(order.reason);
    Call::merge_metadata(refund, {{"metadata", order.metadata}});
    ask_where(scope, refund, order.instructions_email);
    auto& stored = scope.put(std::move(refund));
    move_cash(scope, customer, currency, -order.amount, "return_initiated");
    scope.emit("refund.created", stored);
    scope.later(instructions_last, "refund.expire", text(stored, "id"));
    return stored;
}

void tell_refund_changed(const Scope& scope, const json::object& before,
                         const json::object& refund) {
    scope.emit_changed("refund.updated", before, refund);
    scope.emit_changed("charge.refund.updated", before, refund);
}

void add_refund_tasks(Routes& on) {
    on.index("refund", "pending_reason");
    on.task("refund.arrive", arrive);
    on.task("refund.bounce", bounce);
    on.task("refund.expire", expire);
    on.task("refund.tell_reference", tell_reference);
    on.watch("balance.available",
             [](const Scope& scope, const json::object&) { pay_waiting(scope); });
    on.watch("topup.succeeded",
             [](const Scope& scope, const json::object&) { pay_waiting(scope); });
}

}  // namespace daybook::sim
