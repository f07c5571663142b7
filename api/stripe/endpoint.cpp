// URLs by hand: of all that a URL may hold, four parts are allowed here.
#include <api/stripe/endpoint.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace daybook::api::stripe {
namespace {

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return made;
}

bool is_host(std::string_view host) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_:";
    return !host.empty() && host.size() <= 253 &&
           host.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc() || stop != end || port == 0) return {};
    return port;
}

/// "host:port", "[::1]:port", "host"; false when it is none.
bool read_authority(std::string_view text, Endpoint& endpoint) {
    auto host = text;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
    } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    endpoint.host = lower(host);
    if (!is_host(endpoint.host)) return false;
    if (rest.empty()) return true;
    const auto port = rest.starts_with(':') ? port_of(rest.substr(1)) : std::nullopt;
    if (port) endpoint.port = *port;
    return port.has_value();
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = high >= 0 ? digit_of(text[i + 2]) : -1;
        if (low < 0) {
            made += text[i];
            continue;
        }
        made += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return made;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool names(std::string_view entry, const Endpoint& target) {
    if (entry == "*") return true;
    Endpoint named;
    named.port = 0;
    if (entry.starts_with("*.")) entry.remove_prefix(2);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (std::ranges::count(entry, ':') > 1 && !entry.starts_with('['))
        named.host = lower(entry);  // a bare IPv6 address
    else if (!read_authority(entry, named))
        return false;
    if (named.port != 0 && named.port != target.port) return false;
    return target.host == named.host || target.host.ends_with("." + named.host);
}

}  // namespace

std::string Endpoint::host_and_port() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

std::string Endpoint::authority() const {
    auto whole = host_and_port();
    if (port == (tls ? 443 : 80)) whole.resize(whole.rfind(':'));
    return whole;
}

Endpoint parse_base(std::string_view url) {
    Endpoint endpoint;
    endpoint.tls = url.starts_with("https://");
    endpoint.port = endpoint.tls ? 443 : 80;
    const bool known = endpoint.tls || url.starts_with("http://");
    auto rest = known ? url.substr(endpoint.tls ? 8 : 7) : std::string_view();
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (!read_authority(rest, endpoint))
        throw std::invalid_argument(
            "must be http:// or https://, a host and perhaps a port, and nothing else: for example "
            "https://api.stripe.com");
    return endpoint;
}

Endpoint parse_proxy(std::string_view url) {
    Endpoint endpoint;
    auto rest = url;
    if (rest.starts_with("http://")) rest.remove_prefix(7);
    const bool other_scheme = rest.find("://") != std::string_view::npos;
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        endpoint.user = percent_decoded(rest.substr(0, at));
        rest.remove_prefix(at + 1);
    }
    if (other_scheme || !read_authority(rest, endpoint))
        throw std::invalid_argument(
            "must be http://, perhaps user:password@, a host and a port: for example "
            "http://proxy.internal:3128");
    return endpoint;
}

bool bypasses_proxy(const Endpoint& target, std::string_view no_proxy) {
    while (!no_proxy.empty()) {
        const auto comma = no_proxy.find(',');
        if (const auto entry = trimmed(no_proxy.substr(0, comma));
            !entry.empty() && names(entry, target))
            return true;
        no_proxy.remove_prefix(comma == std::string_view::npos ? no_proxy.size() : comma + 1);
    }
    return false;
}

}  // namespace daybook::api::stripe
