// Second clicks, which have idempotency keys of their own.
#pragma once

#include <api/marketplace/sale.hpp>

namespace daybook::api {

/// Throws Refused(likely_duplicate) when the buyer placed an equal order within the last minute, on
/// whichever node; unless forced. Otherwise remembers this one.
void refuse_duplicate(const Sale& sale, const Request& request, Context& context);

/// After this no other request refunds lines of the order, so what the tables say from now on is
/// true until this one has: read them then. Throws Refused(projection_behind) while another refund
/// of the order has no outcome, whose lines no table knows yet.
void be_first_to_refund_lines(const std::string& order_id, const Request& request,
                              Context& context);

/// After this no other request makes a customer of the user, and the tables hold those that others
/// made. Throws Refused(projection_behind) while another is at it, for a minute at most.
void be_first_to_make_customer(const std::string& user_id, const Request& request,
                               Context& context);

}  // namespace daybook::api
