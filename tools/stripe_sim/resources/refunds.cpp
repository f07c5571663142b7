// The routes of refunds: which charge is meant, and what may be changed later.
#include <tools/stripe_sim/resources/refunds.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/payments.hpp>
#include <tools/stripe_sim/refunding.hpp>
#include <tools/stripe_sim/resources/charges.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

namespace daybook::sim {
namespace {

json::object& charge_of(Call& call) {
    if (call.has("charge")) return call.edit("charge", call.text("charge"), "charge");
    if (!call.has("payment_intent"))
        throw invalid(
            "One of the following params should be provided for this request: "
            "payment_intent or charge.");
    const auto& intent = call.get("payment_intent", call.text("payment_intent"), "payment_intent");
    const auto status = text(intent, "status");
    if (status != "succeeded" && status != "requires_capture")
        throw invalid(fmt::format("PaymentIntent {} does not have a successful charge to refund.",
                                  text(intent, "id")))
            .param("payment_intent");
    return call.edit("charge", text(intent, "latest_charge"));
}

/// The refund that stands for the release of an authorised charge.
json::object refund_of(const Call& call, const json::object& charge) {
    const auto made =
        call.world.store.page(call.account, "refund",
                              {.limit = 1, .equal = {{"charge", std::string(text(charge, "id"))}}});
    return *made.items.front();
}

void give_up(const Call& call, json::object& charge) {
    if (text(charge, "status") == "failed" || flag(charge, "refunded"))
        throw invalid(fmt::format("Charge {} cannot be refunded: its status is {}.",
                                  text(charge, "id"), text(charge, "status")));
    release_charge(call, charge, false);
}

/// Refunding what was authorised alone gives it up.
json::object release(Call& call, json::object& charge) {
    if (!has(charge, "payment_intent")) {
        give_up(call, charge);
        return refund_of(call, charge);
    }
    auto& intent = call.edit("payment_intent", text(charge, "payment_intent"));
    if (text(intent, "status") != "requires_capture")
        throw invalid(fmt::format("Charge {} cannot be refunded: its status is {}.",
                                  text(charge, "id"), text(charge, "status")));
    cancel_intent(call, intent, "requested_by_customer");
    return refund_of(call, charge);
}

RefundOrder order_of(const Call& call) {
    RefundOrder order;
    order.amount = call.integer("amount");
    order.reason = call.text("reason");
    order.reverse_transfer = call.flag("reverse_transfer");
    order.refund_application_fee = call.flag("refund_application_fee");
    order.instructions_email = call.text("instructions_email");
    order.metadata = call.object("metadata");
    return order;
}

json::object create(Call& call) {
    auto order = order_of(call);
    if (call.has("origin")) {
        const auto& customer = call.get("customer", call.text("customer"), "customer");
        return return_cash(call, text(customer, "id"), order,
                           checked_currency(call.text("currency")));
    }
    auto& charge = charge_of(call);
    if (!flag(charge, "captured")) return release(call, charge);
    if (!call.has("amount")) order.amount = unrefunded_charge(charge);
    return make_refund(call, charge, order);
}

json::object update(Call& call) {
    auto& refund = call.edit("refund", call.id("refund"), "refund");
    const json::object before(refund);
    call.copy_metadata(refund);
    tell_refund_changed(call, before, refund);
    return refund;
}

json::object cancel(Call& call) {
    auto& refund = call.edit("refund", call.id("refund"), "refund");
    const bool waits = text(refund, "status") == "requires_action" ||
                       text(refund, "pending_reason") == "insufficient_funds";
    if (!waits)
        throw invalid(fmt::format("Refund {} cannot be canceled because it has a status of {}.",
                                  text(refund, "id"), text(refund, "status")))
            .code("status_transition_invalid");
    call_off_refund(call, refund, "canceled", "");
    return refund;
}

json::object expire(Call& call) {
    auto& refund = call.edit("refund", call.id("refund"), "refund");
    if (text(refund, "status") != "requires_action")
        throw invalid("Only refunds with a status of requires_action can be expired.")
            .code("status_transition_invalid");
    call_off_refund(call, refund, "failed", "unknown");
    return refund;
}

json::value refunds_of(const Scope& scope, const json::object& charge) {
    const std::string id(text(charge, "id"));
    const auto page = scope.world.store.page(scope.account, "refund", {.equal = {{"charge", id}}});
    return list_of(scope, fmt::format("/v1/charges/{}/refunds", id), page.items, page.has_more);
}

}  // namespace

void add_refunds(Routes& on) {
    add_refund_tasks(on);
    on.index("refund", "charge");
    on.index("refund", "payment_intent");
    on("POST", "/v1/refunds", create);
    on.retrieve("/v1/refunds/{refund}");
    on.list("/v1/refunds", {"charge", "payment_intent"});
    on("POST", "/v1/refunds/{refund}", update);
    on("POST", "/v1/refunds/{refund}/cancel", cancel);
    on("POST", "/v1/test_helpers/refunds/{refund}/expire", expire);
    on.include("charge", "refunds", refunds_of);
}

}  // namespace daybook::sim
