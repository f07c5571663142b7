// What may be stored but is not shown: secrets that Stripe hands out inside its objects.
#pragma once

#include <string>
#include <string_view>

namespace daybook::api {

/// The same JSON with "[redacted]" for the texts of `client_secret`, `secret`, `signing_secret` and
/// `password`, also inside JSON that is a string in it, and for client secrets in URLs. All else
/// stays as it is.
std::string without_secrets(std::string_view json);

}  // namespace daybook::api
