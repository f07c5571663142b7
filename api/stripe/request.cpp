// Written by hand: headers keep their order and spelling, and nothing gets in that ends a line.
#include <api/stripe/request.hpp>

#include <fmt/format.h>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

namespace daybook::api::stripe {
namespace {

// What belongs to the connection, to the key, or to a field of the call. Accept-Encoding, because
// what is recorded must be readable.
constexpr std::array<std::string_view, 20> own_headers = {"Accept-Encoding",
                                                          "Authorization",
                                                          "Connection",
                                                          "Content-Encoding",
                                                          "Content-Length",
                                                          "Content-Type",
                                                          "Cookie",
                                                          "Expect",
                                                          "Host",
                                                          "Idempotency-Key",
                                                          "Keep-Alive",
                                                          "Proxy-Authorization",
                                                          "Proxy-Connection",
                                                          "Stripe-Account",
                                                          "Stripe-Version",
                                                          "TE",
                                                          "Trailer",
                                                          "Transfer-Encoding",
                                                          "Upgrade",
                                                          "User-Agent"};

bool is_own(std::string_view name) {
    return std::ranges::any_of(
        own_headers, [name](std::string_view own) { return boost::beast::iequals(own, name); });
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [marks](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_target(std::string_view target) {
    return target.starts_with('/') && std::ranges::none_of(target, [](char c) {
               return (c >= '\0' && c <= ' ') || c == '#' || c == '\x7f';
           });
}

void require(bool good, std::string_view part) {
    if (!good)
        throw std::invalid_argument(
            fmt::format("a call to Stripe cannot be sent: its {} is not fit for a request", part));
}

void append(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    require(is_header_value(value), name);
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
}

}  // namespace

bool is_header_value(std::string_view value) {
    return std::ranges::none_of(
        value, [](char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f'; });
}

std::string proxy_authorization(const std::string& credentials) {
    namespace base64 = boost::beast::detail::base64;
    if (credentials.empty()) return {};
    std::string encoded(base64::encoded_size(credentials.size()), '\0');
    encoded.resize(base64::encode(encoded.data(), credentials.data(), credentials.size()));
    return fmt::format("Proxy-Authorization: Basic {}\r\n", encoded);
}

std::string request_of(const Call& call, const RequestFrame& frame) {
    require(call.method == "GET" || call.method == "POST" || call.method == "DELETE", "method");
    require(is_target(call.target), "target");
    std::string out;
    out.reserve(512 + call.target.size() + call.body.size());
    fmt::format_to(std::back_inserter(out), "{} {}{} HTTP/1.1\r\n{}", call.method, frame.prefix,
                   call.target, frame.headers);
    append(out, "Stripe-Version", call.version.empty() ? frame.version : call.version);
    append(out, "Stripe-Account", call.account);
    append(out, "Idempotency-Key", call.idempotency_key);
    append(out, "Content-Type", call.content_type);
    for (const auto& [name, value] : call.headers) {
        if (is_own(name)) continue;
        require(is_header_name(name), "header's name");
        append(out, name, value);
    }
    if (call.method == "POST" || !call.body.empty())
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", call.body.size());
    out += "\r\n";
    out += call.body;
    return out;
}

}  // namespace daybook::api::stripe
