// Charges in the older way: of a card's token or of a customer's source, without an intent.
#include <tools/stripe_sim/billing/hidden.hpp>
#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/cards.hpp>
#include <tools/stripe_sim/destinations.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/resources/charges.hpp>
#include <tools/stripe_sim/resources/tokens.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

constexpr Seconds authorisation_lasts = 7 * day;

/// What a charge takes from its intent otherwise.
constexpr Names told = {"application_fee_amount",
                        "description",
                        "on_behalf_of",
                        "receipt_email",
                        "shipping",
                        "statement_descriptor",
                        "statement_descriptor_suffix",
                        "transfer_group"};

/// The customer's own source of this id, or else the default one.
std::string source_of_customer(const Call& call, std::string_view wanted) {
    const auto& customer = call.get("customer", call.text("customer"), "customer");
    if (wanted.empty()) wanted = text(customer, "default_source");
    if (wanted.empty())
        throw card_error("missing", "Cannot charge a customer that has no active card")
            .param("card");
    const auto* card = call.find("card", wanted);
    const auto* owned = card ? card : call.find("payment_method", wanted);
    if (!owned || text(*owned, "customer") != text(customer, "id"))
        throw invalid(fmt::format("Customer {} does not have a linked source with ID {}.",
                                  text(customer, "id"), wanted))
            .code("missing")
            .param("source");
    return std::string(wanted);
}

/// What is to be charged: a source of the customer, or the card of a token, which becomes one.
std::string source_asked(const Call& call) {
    const auto given = call.text("source");
    if (call.has("customer")) return source_of_customer(call, given);
    if (given.empty()) throw invalid("Must provide source or customer.").code("parameter_missing");
    const auto& card = call.put(card_object(call, {{"token", json::string(given)}}));
    return std::string(text(card, "id"));
}

/// The request as the intent that it has none of.
json::object order_of(Call& call) {
    const auto currency = checked_currency(call.text("currency"));
    check_charge_amount(call.integer("amount"), currency);
    auto order = call.begin("payment_intent", "");
    order["id"] = nullptr;
    order["amount"] = call.integer("amount");
    order["currency"] = currency;
    order["capture_method"] = call.flag("capture", true) ? "automatic" : "manual";
    call.copy(order, told);
    if (call.has("customer")) call.copy(order, {"customer"});
    call.copy_metadata(order);
    // As it was called before there was transfer_data.
    if (call.has("application_fee"))
        order["application_fee_amount"] = call.integer("application_fee");
    if (const auto& old = call.object("destination"); !old.empty()) {
        auto& data = call.params["transfer_data"].emplace_object();
        data["destination"] = old.at("account");
        if (has(old, "amount")) data["amount"] = old.at("amount");
    }
    apply_destination(call, order);
    return order;
}

/// Nobody is there to be asked, so what needs the buyer is refused.
std::optional<StripeError> refusal_of(const json::object& method) {
    const auto& card = card_of(method);
    if (!card.code.empty()) return decline(card);
    const bool kept = has(method, "customer");
    switch (card.authentication) {
        case Authentication::none:
        case Authentication::lookup_fails: return std::nullopt;
        case Authentication::unless_set_up:
        case Authentication::set_up_already:
            if (kept) return std::nullopt;
            break;
        case Authentication::required:
        case Authentication::required_then_declined: break;
    }
    return card_error("authentication_required",
                      "Your card was declined. This transaction requires authentication.")
        .decline_code("authentication_required");
}

json::object create(Call& call) {
    auto order = order_of(call);
    const auto source = source_asked(call);
    const auto& method = payment_method(call, source, "source");
    order["payment_method"] = method.at("id");
    const auto refusal = refusal_of(method);
    auto& charge =
        make_charge(call, order, refusal ? ChargeStatus::failed : ChargeStatus::succeeded);
    if (const auto* card = call.find("card", source)) charge["source"] = *card;
    if (refusal) {
        StripeError error(*refusal);
        charge["failure_code"] = error.members().at("code");
        charge["failure_message"] = error.members().at("message");
        call.emit("charge.failed", charge);
        throw StripeError(error.with("charge", charge.at("id")).lasting());
    }
    if (has(order, "transfer_data"))
        hidden(call, charge)["transfer_data"] = order.at("transfer_data");
    if (text(order, "capture_method") == "manual") {
        call.later(authorisation_lasts, "charge.expire", text(charge, "id"));
    } else {
        capture_charge(call, charge, integer(charge, "amount"));
        settle_charge(call, charge);
    }
    call.emit("charge.succeeded", charge);
    return charge;
}

void expire(Scope& scope, std::string_view id) {
    auto& charge = scope.edit("charge", id);
    if (!flag(charge, "captured") && !flag(charge, "refunded")) release_charge(scope, charge, true);
}

}  // namespace

json::object& capture_of_itself(Call& call, json::object& charge) {
    const auto held = integer(charge, "amount");
    const auto amount = call.integer("amount", held);
    if (text(charge, "status") == "failed" || flag(charge, "refunded"))
        throw invalid(fmt::format("Charge {} cannot be captured.", text(charge, "id")))
            .code("charge_expired_for_capture");
    if (amount > held)
        throw invalid(
            fmt::format("The amount must be less than or equal to the amount capturable: {}.",
                        shown_amount(held, text(charge, "currency"))))
            .code("amount_too_large")
            .param("amount");
    check_charge_amount(amount, text(charge, "currency"));
    const json::object before(charge);
    call.copy(charge, {"application_fee_amount", "receipt_email", "statement_descriptor",
                       "statement_descriptor_suffix"});
    json::object payment(charge);
    if (has(charge, "transfer_data"))
        payment["transfer_data"] = noted(call, charge).at("transfer_data");
    apply_destination(call, payment);
    if (call.has("transfer_data.amount"))
        set(charge, "transfer_data.amount") = call.integer("transfer_data.amount");
    capture_charge(call, charge, amount);
    settle_charge(call, charge);
    call.emit_changed("charge.captured", before, charge);
    return charge;
}

void add_charge_requests(Routes& on) {
    on("POST", "/v1/charges", create);
    on.task("charge.expire", expire);
}

}  // namespace daybook::sim
