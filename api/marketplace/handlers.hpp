// Every write of the marketplace: what it makes of a request. One file per resource.
#pragma once

#include <api/actions/plan.hpp>
#include <api/context.hpp>

namespace daybook::api {

// On a query thread. They validate the whole body before they decide anything, read projections,
// and throw Refused and pg::Error; nothing is sent to Stripe before their plan is recorded.

Prepared post_accounts(const Request& request, Context& context);
Prepared patch_account(const Request& request, Context& context);
Prepared post_onboarding_link(const Request& request, Context& context);
Prepared get_onboarding_refresh(const Request& request, Context& context);
Prepared post_login_link(const Request& request, Context& context);
Prepared post_account_session(const Request& request, Context& context);
Prepared post_account_sync(const Request& request, Context& context);

Prepared post_products(const Request& request, Context& context);
Prepared patch_product(const Request& request, Context& context);
Prepared post_prices(const Request& request, Context& context);
Prepared patch_price(const Request& request, Context& context);
Prepared post_coupons(const Request& request, Context& context);
Prepared patch_coupon(const Request& request, Context& context);
Prepared post_promotion_codes(const Request& request, Context& context);
Prepared patch_promotion_code(const Request& request, Context& context);

Prepared post_payment_intents(const Request& request, Context& context);
Prepared post_orders(const Request& request, Context& context);
Prepared post_order_cancel(const Request& request, Context& context);
Prepared post_checkout_hosted(const Request& request, Context& context);
Prepared post_checkout_subscription(const Request& request, Context& context);

Prepared post_subscription_cancel(const Request& request, Context& context);
Prepared post_subscription_resume(const Request& request, Context& context);
Prepared post_subscription_change(const Request& request, Context& context);
Prepared post_billing_portal(const Request& request, Context& context);

Prepared post_refunds(const Request& request, Context& context);
Prepared post_transfers(const Request& request, Context& context);
Prepared post_transfer_reversals(const Request& request, Context& context);
Prepared post_payouts(const Request& request, Context& context);
Prepared post_dispute_evidence(const Request& request, Context& context);
Prepared post_dispute_accept(const Request& request, Context& context);

}  // namespace daybook::api
