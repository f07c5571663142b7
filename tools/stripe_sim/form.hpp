// Form encoding as Stripe's clients write it, read into a tree whose leaves are text.
#pragma once

#include <tools/stripe_sim/json.hpp>

#include <string_view>

namespace daybook::sim {

/// Reads a form body or a query string. a[b]=1 makes an object; a[]=1 makes an array; a[0]=1 makes
/// an object with the member "0", since only the parameter's shape tells an array from a map.
/// A name that comes twice keeps its last value. Throws StripeError 400, nothing else.
json::object parse_form(std::string_view encoded);

}  // namespace daybook::sim
