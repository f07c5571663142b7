// The event types that purchases and subscriptions are made of.
#pragma once

#include <projections/event.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace daybook::projections {

// clang-format off
inline constexpr auto payment_types = std::to_array<std::string_view>({
    "payment_intent.created", "payment_intent.requires_action", "payment_intent.processing",
    "payment_intent.amount_capturable_updated", "payment_intent.partially_funded",
    "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
    "charge.pending", "charge.succeeded", "charge.captured", "charge.failed", "charge.expired",
    "charge.updated", "charge.refunded", "charge.refund.updated",
    "refund.created", "refund.updated", "refund.failed",
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
    "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
    "checkout.session.completed", "checkout.session.expired",
    "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
    "invoice.created", "invoice.deleted", "invoice.finalized", "invoice.finalization_failed",
    "invoice.updated", "invoice.sent", "invoice.paid", "invoice.payment_succeeded",
    "invoice.payment_failed", "invoice.payment_action_required",
    "invoice.payment_attempt_required", "invoice.overpaid", "invoice.overdue",
    "invoice.will_be_due", "invoice.voided", "invoice.marked_uncollectible",
    "invoice_payment.paid"});

inline constexpr auto subscription_types = std::to_array<std::string_view>({
    "customer.subscription.created", "customer.subscription.updated",
    "customer.subscription.deleted", "customer.subscription.paused",
    "customer.subscription.resumed", "customer.subscription.trial_will_end",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired"});

// What our own calls to Stripe answered.
inline constexpr auto snapshot_types = std::to_array<std::string_view>({
    "action.succeeded", action_object});
// clang-format on

/// Both lists as one.
template <std::size_t A, std::size_t B>
constexpr auto joined(const std::array<std::string_view, A>& first,
                      const std::array<std::string_view, B>& second) {
    std::array<std::string_view, A + B> all{};
    std::ranges::copy(second, std::ranges::copy(first, all.begin()).out);
    return all;
}

/// What orders and entitlements are made of, which share their states.
inline constexpr auto purchase_types =
    joined(joined(payment_types, subscription_types), snapshot_types);

}  // namespace daybook::projections
