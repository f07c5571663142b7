// The kinds of actions. Their names are stored with each action, so they are frozen.
#include <api/marketplace/kinds.hpp>

#include <algorithm>
#include <iterator>

namespace daybook::api {
namespace {

constexpr ActionKind kinds[] = {
    {"payment.create", compose_payment},
    {"payment.resume", compose_payment},
    {"order.create", compose_order},
    {"order.cancel", compose_order_cancel},
    {"checkout.hosted", compose_hosted_checkout},
    {"checkout.subscription", compose_subscription_checkout},
    {"subscription.cancel", compose_subscription},
    {"subscription.resume", compose_subscription},
    {"subscription.change", compose_subscription},
    {"billing_portal.create", compose_billing_portal},
    {"refund.create", compose_refund},
    {"transfer.create", compose_transfer},
    {"transfer.reverse", compose_transfer_reversal},
    {"payout.create", compose_payout},
    {"dispute.evidence", compose_dispute},
    {"dispute.accept", compose_dispute},
    {"account.create", compose_account},
    {"account.update", compose_account},
    {"account.sync", compose_account},
    {"account.onboarding_link", compose_onboarding_link},
    {"account.onboarding_refresh", compose_onboarding_refresh},
    {"account.login_link", compose_login_link},
    {"account.session", compose_account_session},
    {"product.create", compose_product},
    {"product.update", compose_product},
    {"price.create", compose_price},
    {"price.update", compose_price},
    {"coupon.create", compose_coupon},
    {"coupon.update", compose_coupon},
    {"promotion_code.create", compose_promotion_code},
    {"promotion_code.update", compose_promotion_code},
};

}  // namespace

const ActionKind* find_action_kind(std::string_view name) {
    const auto* found = std::ranges::find(kinds, name, &ActionKind::name);
    return found == std::end(kinds) ? nullptr : found;
}

}  // namespace daybook::api
