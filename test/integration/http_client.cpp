// A small HTTP/1.1 client on a blocking socket, and Stripe's signature, for integration tests.
#include <test/integration/cluster.hpp>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <ctime>

namespace daybook::test {
namespace {

constexpr int answer_seconds_max = 60;

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return lower;
}

/// Status and headers of `head`, which ends before the empty line.
Answer parse_head(std::string_view head) {
    Answer answer;
    const auto space = head.find(' ');
    if (space == std::string_view::npos) return answer;
    std::from_chars(head.data() + space + 1, head.data() + head.size(), answer.status);
    auto line_end = head.find("\r\n");
    while (line_end != std::string_view::npos) {
        const auto begin = line_end + 2;
        line_end = head.find("\r\n", begin);
        const auto line = head.substr(begin, line_end - begin);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        answer.headers[lower_case(line.substr(0, colon))] = value;
    }
    return answer;
}

}  // namespace

std::string stripe_signature(std::string_view body, std::string_view secret,
                             std::int64_t unix_time) {
    const auto signed_text = fmt::format("{}.{}", unix_time, body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
         digest.data(), &length);
    auto header = fmt::format("t={},v1=", unix_time);
    for (unsigned i = 0; i < length; ++i)
        header += fmt::format("{:02x}", digest[i]);
    return header;
}

HttpClient::HttpClient(std::uint16_t port) : port_(port) {}

HttpClient::~HttpClient() {
    close();
}

void HttpClient::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

bool HttpClient::open() {
    if (socket_ >= 0) return true;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{.tv_sec = answer_seconds_max, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return true;
    close();
    return false;
}

bool HttpClient::receive(std::string& buffer) {
    std::array<char, 16 * 1024> block{};
    const auto received = recv(socket_, block.data(), block.size(), 0);
    if (received <= 0) return false;
    buffer.append(block.data(), static_cast<std::size_t>(received));
    return true;
}

Answer HttpClient::raw(std::string_view request) {
    if (!open()) return {};
    while (!request.empty()) {
        const auto sent = send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
        // A server that refuses a body early has answered; what it said is still to be read.
        if (sent <= 0) break;
        request.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string buffer;
    std::size_t head_end = 0;
    while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos)
        if (!receive(buffer)) return close(), Answer{};
    auto answer = parse_head(std::string_view(buffer).substr(0, head_end));
    std::size_t length = 0;
    if (const auto found = answer.headers.find("content-length"); found != answer.headers.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), length);
    while (buffer.size() < head_end + 4 + length)
        if (!receive(buffer)) return close(), Answer{};
    answer.body = buffer.substr(head_end + 4, length);
    if (const auto found = answer.headers.find("connection");
        found != answer.headers.end() && lower_case(found->second) == "close")
        close();
    return answer;
}

Answer HttpClient::get(const std::string& target, const std::string& key) {
    auto request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", target, port_);
    if (!key.empty()) request += fmt::format("Authorization: Bearer {}\r\n", key);
    return raw(request + "\r\n");
}

Answer HttpClient::post(const std::string& target, std::string_view body,
                        const std::map<std::string, std::string>& headers) {
    auto request = fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n",
                               target, port_, body.size());
    for (const auto& [name, value] : headers)
        request += fmt::format("{}: {}\r\n", name, value);
    return raw(fmt::format("{}\r\n{}", request, body));
}

Answer HttpClient::webhook(const std::string& target, std::string_view body,
                           std::string_view secret) {
    return post(target, body,
                {{"Content-Type", "application/json"},
                 {"Stripe-Signature", stripe_signature(body, secret, std::time(nullptr))}});
}

}  // namespace daybook::test
