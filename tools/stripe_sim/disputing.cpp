// What a dispute costs, when, and who wins.
#include <tools/stripe_sim/disputing.hpp>

#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/charges.hpp>
#include <tools/stripe_sim/resources/refunds.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

/// Until the end of that day.
constexpr Seconds response_time = 9 * day;
constexpr Seconds inquiry_lasts = 120 * day;
/// Where the evidence says how it goes, the bank needs a moment, otherwise it takes its time.
constexpr Seconds quick_decision = 1;
constexpr Seconds slow_decision = 60 * day;

std::int64_t dispute_fee(std::string_view currency) {
    if (currency == "jpy") return 1300;
    std::int64_t units = 15;
    if (currency == "eur" || currency == "gbp") units = 20;
    if (currency == "aud") units = 25;
    for (int i = 0; i < exponent_of(currency); ++i)
        units *= 10;
    return units;
}

std::string_view network_code_of(std::string_view reason) {
    if (reason == "product_not_received") return "13.1";
    if (reason == "duplicate") return "12.6.1";
    if (reason == "subscription_canceled") return "13.2";
    if (reason == "product_unacceptable") return "13.3";
    if (reason == "credit_not_processed") return "13.7";
    return "10.4";
}

// --- money ------------------------------------------------------------------------------------

void keep_transaction(json::object& dispute, const json::object& transaction) {
    dispute["balance_transactions"].as_array().push_back(transaction);
}

Posting posting_for(const json::object& dispute, std::string_view type, std::string_view category,
                    std::int64_t amount) {
    return {.type = std::string(type),
            .reporting_category = std::string(category),
            .currency = std::string(text(dispute, "currency")),
            .amount = amount,
            .fees = {},
            .source = std::string(text(dispute, "id")),
            .description = "",
            .available_on = std::nullopt};
}

void withdraw(const Scope& scope, json::object& dispute) {
    auto posting = posting_for(dispute, "adjustment", "dispute", -integer(dispute, "amount"));
    posting.description = fmt::format("Chargeback withdrawal for {}", text(dispute, "charge"));
    posting.fees = {{"stripe_fee", dispute_fee(posting.currency), "Dispute fee"}};
    keep_transaction(dispute, scope.post(posting));
}

/// Countering costs as much again; it comes back with a win.
void post_counter_fee(const Scope& scope, const json::object& dispute, int sign) {
    const auto fee = dispute_fee(text(dispute, "currency"));
    auto posting = posting_for(dispute, "stripe_fee", "fee", sign * fee);
    posting.description = sign < 0 ? "Dispute countered fee" : "Dispute countered fee refund";
    scope.post(posting);
}

// --- states -----------------------------------------------------------------------------------

/// Ends it. The money has been told about.
void close(const Scope& scope, json::object& dispute, std::string_view status) {
    const json::object before(dispute);
    dispute["status"] = json::string(status);
    dispute["is_charge_refundable"] = status != "lost";
    scope.emit_changed("charge.dispute.closed", before, dispute);
}

void await_response(const Scope& scope, json::object& dispute) {
    const auto due_by = midnight(scope.now()) + response_time + day - 1;
    set(dispute, "evidence_details.due_by") = due_by;
    scope.later(due_by + 1 - scope.now(), "dispute.deadline", text(dispute, "id"));
}

void set_case(json::object& dispute, const json::object& charge, bool inquiry) {
    const auto& card = object(charge, "payment_method_details.card");
    const auto code = network_code_of(text(dispute, "reason"));
    dispute["status"] = inquiry ? "warning_needs_response" : "needs_response";
    dispute["is_charge_refundable"] = inquiry;
    dispute["network_reason_code"] = json::string(code);
    if (card.empty()) return;
    dispute["payment_method_details"] = {{"card",
                                          {{"brand", text(card, "brand")},
                                           {"case_type", inquiry ? "inquiry" : "chargeback"},
                                           {"network", text(card, "network")},
                                           {"network_reason_code", code}}},
                                         {"type", "card"}};
}

// --- what test cards set off ------------------------------------------------------------------

json::object& disputed_charge(const Scope& scope, std::string_view id) {
    auto& charge = scope.edit("charge", id);
    settle_now(scope, charge);
    return charge;
}

void dispute_in_parts(Scope& scope, json::object& charge) {
    const auto whole = unrefunded_charge(charge);
    open_dispute(scope, charge, {.amount = whole / 2});
    open_dispute(scope, charge, {.reason = "product_not_received", .amount = whole - whole / 2});
}

/// The owner of a debited bank account only has to say so: there is nothing to answer.
void reverse_debit(Scope& scope, json::object& charge) {
    auto& dispute = open_dispute(
        scope, charge, {.reason = "debit_not_authorized", .amount = unrefunded_charge(charge)});
    lose_dispute(scope, dispute);
}

bool is_disputed_debit(const json::object& charge) {
    return text(charge, "payment_method_details.us_bank_account.fingerprint") == "Badispute";
}

/// After whatever the payment itself set off.
void complain(Scope& scope, std::string_view id) {
    auto& charge = disputed_charge(scope, id);
    const auto amount = unrefunded_charge(charge);
    if (amount == 0) return;
    if (is_disputed_debit(charge)) return reverse_debit(scope, charge);
    switch (card_of(charge).aftermath) {
        case Aftermath::fraudulent_dispute: open_dispute(scope, charge, {.amount = amount}); break;
        case Aftermath::not_received_dispute:
            open_dispute(scope, charge, {.reason = "product_not_received", .amount = amount});
            break;
        case Aftermath::inquiry:
            open_dispute(scope, charge, {.amount = amount, .inquiry = true});
            break;
        case Aftermath::several_disputes: dispute_in_parts(scope, charge); break;
        case Aftermath::none:
        case Aftermath::early_fraud_warning:
        case Aftermath::refund_pending:
        case Aftermath::refund_fails: break;
    }
}

void expect_complaint(const Scope& scope, const json::object& charge) {
    const auto aftermath = card_of(charge).aftermath;
    const bool complains = aftermath == Aftermath::fraudulent_dispute ||
                           aftermath == Aftermath::not_received_dispute ||
                           aftermath == Aftermath::inquiry ||
                           aftermath == Aftermath::several_disputes || is_disputed_debit(charge);
    if (flag(charge, "captured") && complains)
        scope.later(0, "dispute.complain", text(charge, "id"));
}

// --- later ------------------------------------------------------------------------------------

void deadline(Scope& scope, std::string_view id) {
    auto& dispute = scope.edit("dispute", id);
    // An inquiry that became a chargeback has another deadline by now.
    if (!needs_response(dispute) || integer(dispute, "evidence_details.due_by") >= scope.now())
        return;
    set(dispute, "evidence_details.past_due") = true;
    // An inquiry that nobody answers goes quiet.
    if (is_inquiry(dispute)) return;
    lose_dispute(scope, dispute);
}

void fade(Scope& scope, std::string_view id) {
    auto& dispute = scope.edit("dispute", id);
    if (is_inquiry(dispute) && !is_closed(dispute)) close(scope, dispute, "warning_closed");
}

void decide(Scope& scope, std::string_view id) {
    auto& dispute = scope.edit("dispute", id);
    if (is_closed(dispute) || needs_response(dispute)) return;
    // What was said of the inquiry was to be decided earlier than what is said of the chargeback.
    if (integer(noted(scope, dispute), "decision_at") > scope.now()) return;
    const auto said = text(dispute, "evidence.uncategorized_text");
    if (is_inquiry(dispute)) {
        if (said == "escalate_inquiry_evidence") return escalate_inquiry(scope, dispute);
        return close(scope, dispute, "warning_closed");
    }
    if (said == "winning_evidence") return win_dispute(scope, dispute);
    lose_dispute(scope, dispute);
}

/// A buyer who has got everything back has nothing more to ask.
void defuse(const Scope& scope, const json::object& charge) {
    if (!flag(charge, "refunded") || !flag(charge, "disputed")) return;
    const auto open =
        scope.world.store
            .page(scope.account, "dispute",
                  {.limit = 100, .equal = {{"charge", std::string(text(charge, "id"))}}})
            .items;
    for (const auto* item : open) {
        if (!is_inquiry(*item) || is_closed(*item)) continue;
        close(scope, scope.edit("dispute", text(*item, "id")), "warning_closed");
    }
}

}  // namespace

bool needs_response(const json::object& dispute) {
    const auto status = text(dispute, "status");
    return status == "needs_response" || status == "warning_needs_response";
}

bool is_inquiry(const json::object& dispute) {
    return text(dispute, "status").starts_with("warning_");
}

bool is_closed(const json::object& dispute) {
    const auto status = text(dispute, "status");
    return status == "won" || status == "lost" || status == "warning_closed";
}

void check_undisputed(const Scope& scope, const json::object& charge) {
    if (!flag(charge, "disputed")) return;
    const std::string id(text(charge, "id"));
    for (const auto* dispute :
         scope.world.store.page(scope.account, "dispute", {.limit = 100, .equal = {{"charge", id}}})
             .items) {
        if (flag(*dispute, "is_charge_refundable")) continue;
        if (text(*dispute, "status") == "lost")
            throw invalid(
                fmt::format("Charge {} has been charged back; cannot issue a refund.", id))
                .code("charge_disputed");
        throw invalid(
            fmt::format("Charge {} is disputed; you cannot refund a disputed payment.", id))
            .code("refund_disputed_payment");
    }
}

json::object& open_dispute(const Scope& scope, json::object& charge, const Complaint& complaint) {
    auto dispute = scope.begin("dispute", "dp_");
    dispute["amount"] = complaint.amount;
    dispute["charge"] = charge.at("id");
    dispute["currency"] = charge.at("currency");
    dispute["payment_intent"] = charge.at("payment_intent");
    dispute["reason"] = complaint.reason;
    set(dispute, "evidence_details.submission_method") = "not_submitted";
    set_case(dispute, charge, complaint.inquiry);
    if (!complaint.inquiry) withdraw(scope, dispute);
    charge["disputed"] = true;
    await_response(scope, dispute);
    auto& stored = scope.put(std::move(dispute));
    scope.emit("charge.dispute.created", stored);
    if (complaint.inquiry)
        scope.later(inquiry_lasts, "dispute.fade", text(stored, "id"));
    else
        scope.emit("charge.dispute.funds_withdrawn", stored);
    return stored;
}

void submit_evidence(const Scope& scope, json::object& dispute) {
    auto& details = dispute["evidence_details"].as_object();
    details["submission_count"] = integer(details, "submission_count") + 1;
    details["submission_method"] = "manual";
    const bool inquiry = is_inquiry(dispute);
    dispute["status"] = inquiry ? "warning_under_review" : "under_review";
    if (!inquiry) post_counter_fee(scope, dispute, -1);
    const bool told = text(dispute, "evidence.uncategorized_text").ends_with("_evidence");
    const auto takes = told ? quick_decision : slow_decision;
    hidden(scope, dispute)["decision_at"] = scope.now() + takes;
    scope.later(takes, "dispute.decide", text(dispute, "id"));
}

void concede_dispute(const Scope& scope, json::object& dispute) {
    close(scope, dispute, is_inquiry(dispute) ? "warning_closed" : "lost");
}

void win_dispute(const Scope& scope, json::object& dispute, bool fee_returned) {
    auto posting =
        posting_for(dispute, "adjustment", "dispute_reversal", integer(dispute, "amount"));
    posting.description = fmt::format("Chargeback reversal for {}", text(dispute, "charge"));
    if (fee_returned)
        posting.fees = {{"stripe_fee", -dispute_fee(posting.currency), "Dispute fee refund"}};
    const json::object before(dispute);
    keep_transaction(dispute, scope.post(posting));
    if (integer(dispute, "evidence_details.submission_count") > 0)
        post_counter_fee(scope, dispute, +1);
    dispute["status"] = "won";
    scope.emit_changed("charge.dispute.funds_reinstated", before, dispute);
    close(scope, dispute, "won");
}

void lose_dispute(const Scope& scope, json::object& dispute) {
    close(scope, dispute, "lost");
}

void escalate_inquiry(const Scope& scope, json::object& dispute) {
    const json::object before(dispute);
    set_case(dispute, scope.get("charge", text(dispute, "charge")), false);
    set(dispute, "evidence_details.submission_count") = 0;
    set(dispute, "evidence_details.submission_method") = "not_submitted";
    set(dispute, "evidence_details.past_due") = false;
    withdraw(scope, dispute);
    await_response(scope, dispute);
    scope.emit_changed("charge.dispute.updated", before, dispute);
    scope.emit("charge.dispute.funds_withdrawn", dispute);
}

void add_dispute_tasks(Routes& on) {
    on.task("dispute.complain", complain);
    on.task("dispute.deadline", deadline);
    on.task("dispute.decide", decide);
    on.task("dispute.fade", fade);
    on.watch("charge.succeeded", expect_complaint);
    on.watch("charge.captured", expect_complaint);
    on.watch("charge.refunded", defuse);
}

}  // namespace daybook::sim
