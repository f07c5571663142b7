// The part of the configuration that is about acting on Stripe.
#pragma once

#include <api/stripe/settings.hpp>

#include <functional>

namespace daybook::tools {

using Lookup = std::function<const char*(const char*)>;

/// Reads the STRIPE_… variables that name an account and how it is acted on, the DAYBOOK_STRIPE_…
/// limits and the proxy. `livemode` is what STRIPE_LIVEMODE says; a key of the other mode is
/// refused. When `simulates`, the simulator of this process will take the place of the base and the
/// keys. Throws BadConfig.
api::StripeSettings read_stripe(const Lookup& lookup, bool livemode, bool simulates);

}  // namespace daybook::tools
