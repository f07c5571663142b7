// The bytes of an answer, put together in one buffer.
#include <api/wire.hpp>

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <random>
#include <stdexcept>

namespace daybook::api {
namespace {

constexpr std::size_t request_id_bytes_max = 64;

std::string_view reason(int status) {
    namespace http = boost::beast::http;
    return http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
}

/// The Date header's value, made anew once a second.
std::string_view date() {
    thread_local std::time_t made_at = 0;
    thread_local std::array<char, 32> text{};
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        std::tm utc{};
        gmtime_r(&now, &utc);
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        made_at = now;
    }
    return text.data();
}

bool sane(std::string_view id) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == ':' || c == '/';
    };
    return !id.empty() && id.size() <= request_id_bytes_max && std::ranges::all_of(id, plain);
}

}  // namespace

void append_answer(std::string& out, const Response& response, std::string_view request_id,
                   const Framing& framing) {
    fmt::format_to(std::back_inserter(out),
                   "HTTP/1.1 {} {}\r\nContent-Length: {}\r\nDate: {}\r\nX-Request-Id: {}\r\n{}",
                   response.status, reason(response.status), response.body.size(), date(),
                   request_id, response.headers);
    if (!response.content_type.empty())
        out.append("Content-Type: ").append(response.content_type).append("\r\n");
    if (!framing.keep_alive)
        out += "Connection: close\r\n";
    else if (framing.http_1_0)
        out += "Connection: keep-alive\r\n";
    out += "\r\n";
    if (!framing.head_only) out += response.body;
}

std::string request_id_of(std::string_view given) {
    if (sane(given)) return std::string(given);
    // Unique enough to find a request in the log; nothing relies on it being secret.
    thread_local std::mt19937_64 numbers(std::random_device{}());
    return fmt::format("{:016x}", numbers());
}

std::pair<std::string, std::string> split_address(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == address.size())
        throw std::invalid_argument("the address " + address + " is not of the form host:port");
    auto host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    return {host, address.substr(colon + 1)};
}

}  // namespace daybook::api
