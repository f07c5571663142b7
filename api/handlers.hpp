// Every handler, one small file per resource.
#pragma once

#include <api/context.hpp>
#include <api/http.hpp>

namespace daybook::api {

// On a query thread. They throw Refused and pg::Error; the caller turns both into problems.
Response get_orders(const Request& request, Context& context);
Response get_order(const Request& request, Context& context);
Response get_entitlements(const Request& request, Context& context);
Response get_accounts(const Request& request, Context& context);
Response get_account(const Request& request, Context& context);
Response get_payouts(const Request& request, Context& context);
Response get_payout(const Request& request, Context& context);
Response get_customers(const Request& request, Context& context);
Response get_customer(const Request& request, Context& context);
Response get_products(const Request& request, Context& context);
Response get_product(const Request& request, Context& context);
Response get_prices(const Request& request, Context& context);
Response get_price(const Request& request, Context& context);
Response get_coupons(const Request& request, Context& context);
Response get_coupon(const Request& request, Context& context);
Response get_promotion_codes(const Request& request, Context& context);
Response get_promotion_code(const Request& request, Context& context);
Response get_subscriptions(const Request& request, Context& context);
Response get_subscription(const Request& request, Context& context);
Response get_access(const Request& request, Context& context);
Response get_audit(const Request& request, Context& context);
Response get_action(const Request& request, Context& context);
Response get_events(const Request& request, Context& context);
Response get_event(const Request& request, Context& context);
Response get_projections(const Request& request, Context& context);
Response get_exceptions(const Request& request, Context& context);
Response get_replays(const Request& request, Context& context);

// On the I/O thread: they look at this process only and never wait.
Response get_health(const Request& request, Node& node);
Response get_readiness(const Request& request, Node& node);
Response get_metrics(const Request& request, Node& node);

}  // namespace daybook::api
