// Where requests go: the base URL, and the proxy on the way to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::api::stripe {

/// A URL of which only scheme, host and port count, and for a proxy the user.
struct Endpoint {
    bool tls = false;
    std::string host;  ///< lower case; an IPv6 address without brackets
    std::uint16_t port = 80;
    std::string user;  ///< "name:password", decoded; never shown

    /// "api.stripe.com", "127.0.0.1:12111", "[::1]:8080": without the scheme's own port.
    [[nodiscard]] std::string authority() const;
    /// The same with the port in every case.
    [[nodiscard]] std::string host_and_port() const;
};

/// Reads "http://…" or "https://…" without path, query or user. Throws std::invalid_argument whose
/// text continues the name of what was read: "must be …".
Endpoint parse_base(std::string_view url);

/// Reads "http://user:password@host:port"; the scheme may be missing. Throws std::invalid_argument
/// in the same way, and never with the user in it.
Endpoint parse_proxy(std::string_view url);

/// Whether a NO_PROXY list ("localhost, .internal, 10.0.0.1:8080, *") names the endpoint. A name
/// in it stands for itself and for all below it.
bool bypasses_proxy(const Endpoint& target, std::string_view no_proxy);

}  // namespace daybook::api::stripe
