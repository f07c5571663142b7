// A call as the bytes of an HTTP request.
#pragma once

#include <api/stripe/call.hpp>

#include <string>

namespace daybook::api::stripe {

/// What all requests of a client have in common.
struct RequestFrame {
    std::string prefix;   ///< before the target: "http://host" when a proxy forwards; or empty
    std::string headers;  ///< whole lines: Host, Authorization, …
    std::string version;  ///< Stripe-Version of calls that name none; empty: none is sent
};

/// Throws std::invalid_argument when a part of the call cannot stand in a request; the text names
/// the part and never shows a value.
std::string request_of(const Call& call, const RequestFrame& frame);

/// A line for the headers: "Proxy-Authorization: Basic …"; empty without credentials
/// ("user:password").
std::string proxy_authorization(const std::string& credentials);

/// Whether `value` may stand in a header: no line breaks and no other control characters.
bool is_header_value(std::string_view value);

}  // namespace daybook::api::stripe
