// Charges, and the money that they move.
#include <tools/stripe_sim/resources/charges.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/application_fees.hpp>
#include <tools/stripe_sim/resources/transfers.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {
namespace {

constexpr Seconds settles_after = 2 * day;
constexpr Seconds authorisation_lasts = 7 * day;
constexpr Seconds settlement_lag = 1;  ///< of automatic_async

json::value outcome_of(const Card& card, ChargeStatus status) {
    if (status == ChargeStatus::pending)
        return {{"network_status", "approved_by_network"},
                {"risk_level", "not_assessed"},
                {"seller_message", "Payment complete."},
                {"type", "authorized"}};
    if (status == ChargeStatus::succeeded)
        return {{"network_status", "approved_by_network"},
                {"risk_level", card.risk_level},
                {"risk_score", card.risk_level == "elevated" ? 75 : 20},
                {"seller_message", "Payment complete."},
                {"type", "authorized"}};
    if (card.blocked)
        return {{"network_status", "not_sent_to_network"},
                {"reason", "highest_risk_level"},
                {"risk_level", "highest"},
                {"risk_score", 92},
                {"seller_message", "Stripe blocked this payment as too risky."},
                {"type", "blocked"}};
    return {{"network_status", "declined_by_network"},
            {"reason", card.decline_code.empty() ? "authentication_required" : card.decline_code},
            {"risk_level", card.risk_level},
            {"risk_score", 20},
            {"seller_message", "The bank did not return any further details with this decline."},
            {"type", "issuer_declined"}};
}

void tell_method(const Scope& scope, json::object& charge, const json::object& method,
                 bool uncaptured) {
    auto details = payment_method_details(scope, method);
    if (auto* card = details.contains("card") ? details["card"].if_object() : nullptr) {
        (*card)["amount_authorized"] = charge.at("amount");
        (*card)["authorization_code"] = scope.world.ids.letters(6);
        if (uncaptured) (*card)["capture_before"] = scope.now() + authorisation_lasts;
    }
    scope.fill(charge, "payment_method_details", std::move(details));
    charge["billing_details"] = method.at("billing_details");
    charge["payment_method"] = method.at("id");
}

std::optional<Seconds> available_on(const Scope& scope, const json::object& charge) {
    if (card_of(charge).bypass_pending) return std::nullopt;
    return midnight(scope.now()) + settles_after;
}

void settle_task(Scope& scope, std::string_view id) {
    settle_now(scope, scope.edit("charge", id));
}

json::object update(Call& call) {
    auto& charge = call.edit("charge", call.id("charge"), "charge");
    const json::object before(charge);
    call.copy(charge, {"description", "receipt_email", "shipping", "transfer_group", "customer"});
    if (call.has("fraud_details")) call.copy(charge, {"fraud_details"});
    call.copy_metadata(charge);
    call.emit_changed("charge.updated", before, charge);
    return charge;
}

}  // namespace

json::object& make_charge(const Scope& scope, json::object& intent, ChargeStatus status) {
    const auto& method = scope.get("payment_method", text(intent, "payment_method"));
    const Card& card = card_of(method);
    const bool is_card = text(method, "type") == "card";
    auto charge = scope.begin("charge", is_card ? "ch_" : "py_");
    for (const auto* same : {"amount", "application_fee_amount", "currency", "customer",
                             "description", "metadata", "on_behalf_of", "receipt_email", "shipping",
                             "statement_descriptor", "statement_descriptor_suffix"})
        charge[same] = intent.at(same);
    charge["calculated_statement_descriptor"] = "DAYBOOK SIMULATOR";
    charge["payment_intent"] = intent.at("id");
    charge["fraud_details"] = json::object();
    const bool uncaptured = text(intent, "capture_method") == "manual";
    tell_method(scope, charge, method, uncaptured);
    scope.fill(charge, "outcome", outcome_of(card, status));
    charge["paid"] = status == ChargeStatus::succeeded;
    charge["receipt_url"] =
        fmt::format("{}/_sim/receipts/{}", scope.world.base_url, text(charge, "id"));
    charge["status"] = status == ChargeStatus::succeeded ? "succeeded"
                       : status == ChargeStatus::pending ? "pending"
                                                         : "failed";
    if (const auto& data = object(intent, "transfer_data"); !data.empty())
        charge["transfer_data"] = {
            {"amount", data.contains("amount") ? data.at("amount") : nullptr},
            {"destination", data.at("destination")}};
    const auto group = text(intent, "transfer_group");
    if (!group.empty() || has(intent, "transfer_data"))
        charge["transfer_group"] =
            group.empty() ? fmt::format("group_{}", text(has(intent, "id") ? intent : charge, "id"))
                          : std::string(group);
    auto& stored = scope.put(std::move(charge));
    intent["latest_charge"] = stored.at("id");
    return stored;
}

void capture_charge(const Scope&, json::object& charge, std::int64_t amount) {
    charge["captured"] = true;
    charge["amount_captured"] = amount;
    // What was agreed on for the whole takes no more than the part brings.
    for (const auto* part : {"application_fee_amount", "transfer_data.amount"})
        if (integer(charge, part) > amount) set(charge, part) = amount;
    charge["paid"] = true;
    charge["status"] = "succeeded";
}

void settle_charge(const Scope& scope, json::object& charge) {
    if (has(charge, "balance_transaction")) return;
    const auto amount = integer(charge, "amount_captured");
    const std::string currency(text(charge, "currency"));
    const std::string id(text(charge, "id"));
    const bool is_card = text(charge, "payment_method_details.type") == "card";
    const bool foreign = is_card && text(charge, "payment_method_details.card.country") != "US";
    const auto when = available_on(scope, charge);
    Posting posting{.type = is_card ? "charge" : "payment",
                    .reporting_category = "charge",
                    .currency = currency,
                    .amount = amount,
                    .fees = {{"stripe_fee", processing_fee(amount, currency, foreign),
                              "Stripe processing fees"}},
                    .source = id,
                    .description = std::string(text(charge, "description")),
                    .available_on = when};
    const auto application_fee = integer(charge, "application_fee_amount");
    const bool direct = !scope.is_platform() && application_fee != 0;
    if (direct) posting.fees.push_back({"application_fee", application_fee, "Application fee"});
    charge["balance_transaction"] = scope.post(posting).at("id");
    if (direct) {
        const auto& fee = make_application_fee(
            scope.on(""), {scope.account, id, "", currency, application_fee, when});
        charge["application_fee"] = fee.at("id");
    }
    if (has(charge, "transfer_data")) move_to_destination(scope, charge, when);
    if (!when) scope.later(settlement_lag, "balance.tell", "");
}

void settle_now(const Scope& scope, json::object& charge) {
    if (has(charge, "balance_transaction")) return;
    const json::object before(charge);
    settle_charge(scope, charge);
    scope.emit_changed("charge.updated", before, charge);
}

void settle_charge_later(const Scope& scope, const json::object& charge) {
    scope.later(settlement_lag, "charge.settle", text(charge, "id"));
}

void release_charge(const Scope& scope, json::object& charge, bool expired) {
    const json::object before(charge);
    auto refund = scope.begin("refund", "re_");
    for (const auto* same : {"amount", "currency", "customer", "payment_intent", "payment_method"})
        refund[same] = charge.at(same);
    refund["charge"] = charge.at("id");
    refund["reason"] = expired ? "expired_uncaptured_charge" : "requested_by_customer";
    refund["status"] = "succeeded";
    charge["amount_refunded"] = json::value(charge.at("amount"));
    charge["refunded"] = true;
    scope.emit("refund.created", scope.put(std::move(refund)));
    scope.emit_changed(expired ? "charge.expired" : "charge.refunded", before, charge);
}

void add_charges(Routes& on) {
    on.index("charge", "payment_intent");
    on.index("charge", "customer");
    on.index("charge", "transfer_group");
    on.task("charge.settle", settle_task);
    on.retrieve("/v1/charges/{charge}");
    on.list("/v1/charges", {"payment_intent", "customer", "transfer_group"});
    on.search("/v1/charges/search");
    on("POST", "/v1/charges/{charge}", update);
}

}  // namespace daybook::sim
