// How the answer of each kind of action is made; the table is in kinds.cpp.
#pragma once

#include <api/actions/plan.hpp>

#include <span>

namespace daybook::api {

// Pure: from the record alone, so that an answer is the same on any node and at any time.
using Answers = std::span<const StripeAnswer>;

Response compose_payment(const Plan& plan, Answers answers);
Response compose_order(const Plan& plan, Answers answers);
Response compose_order_cancel(const Plan& plan, Answers answers);
Response compose_hosted_checkout(const Plan& plan, Answers answers);
Response compose_subscription_checkout(const Plan& plan, Answers answers);
Response compose_subscription(const Plan& plan, Answers answers);
Response compose_billing_portal(const Plan& plan, Answers answers);
Response compose_refund(const Plan& plan, Answers answers);
Response compose_transfer(const Plan& plan, Answers answers);
Response compose_transfer_reversal(const Plan& plan, Answers answers);
Response compose_payout(const Plan& plan, Answers answers);
Response compose_dispute(const Plan& plan, Answers answers);
Response compose_account(const Plan& plan, Answers answers);
Response compose_onboarding_link(const Plan& plan, Answers answers);
Response compose_onboarding_refresh(const Plan& plan, Answers answers);
Response compose_login_link(const Plan& plan, Answers answers);
Response compose_account_session(const Plan& plan, Answers answers);
Response compose_product(const Plan& plan, Answers answers);
Response compose_price(const Plan& plan, Answers answers);
Response compose_coupon(const Plan& plan, Answers answers);
Response compose_promotion_code(const Plan& plan, Answers answers);

}  // namespace daybook::api
