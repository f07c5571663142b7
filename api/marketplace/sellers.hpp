// Whether a connected account may be dealt with, by this key and by Stripe's leave.
#pragma once

#include <api/context.hpp>
#include <api/marketplace/tables.hpp>

#include <string_view>

namespace daybook::api {

/// Throws Refused(scope_missing) when the key lacks this scope, or is kept to other connected
/// accounts or to the other mode. An empty account is the platform itself.
void require_reach(const Context& context, std::string_view scope, std::string_view account);

/// Throws Refused(seller_not_ready), which names what is missing, unless transfers can go to the
/// account; with `as_merchant` it must be able to take card payments, too.
void require_ready(const Seller& seller, bool as_merchant);

/// The same for payouts from the account to its bank.
void require_payable(const Seller& seller);

}  // namespace daybook::api
