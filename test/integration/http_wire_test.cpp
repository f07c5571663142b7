// The HTTP listener on a socket: framing, order, interim answers, stalled clients, unknown paths.
#include <test/integration/http_expect.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <deque>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

/// A bare connection, for what a well-behaved client does not send.
class Wire {
public:
    explicit Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    ~Wire() { ::close(socket_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    void send(std::string_view bytes) const {
        REQUIRE(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(bytes.size()));
    }
    /// Reads until `mark` came, and returns all so far; until the end when it never comes.
    const std::string& read_until(std::string_view mark) {
        std::array<char, 16 * 1024> block{};
        while (received_.find(mark) == std::string::npos) {
            const auto count = recv(socket_, block.data(), block.size(), 0);
            if (count <= 0) break;
            received_.append(block.data(), static_cast<std::size_t>(count));
        }
        return received_;
    }

private:
    int socket_;
    std::string received_;
};

std::string webhook_request(std::string_view body, std::string_view further = "") {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nStripe-Signature: {}\r\n"
        "{}\r\n",
        platform_path, body.size(), stripe_signature(body, platform_secret, std::time(nullptr)),
        further);
}

}  // namespace

TEST_CASE("a request that a proxy could read otherwise is refused and its connection closed") {
    Service service;
    const std::string refused[] = {
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "Content-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: "
        "3\r\n\r\n"
        "{}}",
        "POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}",
        "POST /webhooks/stripe HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
    };
    for (const auto& request : refused) {
        INFO(request);
        const auto answer = HttpClient(service.serve.port()).raw(request);
        CHECK(problem_of(answer) == "malformed-request");
        CHECK(answer.headers.contains("connection"));
    }
    const auto targets = {"/orders?status=%zz", "/orders/%4", "healthz"};
    for (const char* target : targets) {
        INFO(target);
        CHECK(problem_of(HttpClient(service.serve.port()).get(target)) == "malformed-request");
    }
    const auto long_header = fmt::format("GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: {}\r\n\r\n",
                                         std::string(20'000, 'c'));
    CHECK(problem_of(service.http.raw(long_header)) == "headers-too-large");
    CHECK(service.http.raw("GET /healthz HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("pipelined requests are answered in their order, slow ones and quick ones") {
    Service service;
    Wire wire(service.serve.port());
    std::string requests;
    for (int number = 1; number <= 20; ++number) {
        const auto body = event_body(fmt::format("evt_{}", number));
        requests += webhook_request(body) + body;
        requests +=
            fmt::format("GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Request-Id: ask-{}\r\n\r\n", number);
    }
    wire.send(requests + "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: last\r\n\r\n");
    const auto& answers = wire.read_until(R"({"status":"up"})");
    std::size_t place = 0;
    for (int number = 1; number <= 20; ++number) {
        INFO(number);
        const auto event = answers.find(fmt::format("\"position\":{},", number), place);
        REQUIRE(event != std::string::npos);
        place = answers.find(fmt::format("X-Request-Id: ask-{}\r\n", number), event);
        REQUIRE(place != std::string::npos);
    }
    CHECK(answers.find("X-Request-Id: last", place) != std::string::npos);
}

TEST_CASE("a client that waits to be told to go on is told so, before its body and only once") {
    Service service;
    const auto body = event_body("evt_1");
    Wire wire(service.serve.port());
    wire.send(webhook_request(body, "Expect: 100-continue\r\n"));
    CHECK(wire.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send(body.substr(0, 10));
    wire.send(body.substr(10));
    const auto& answer = wire.read_until("\"event_id\":\"evt_1\"}");
    CHECK_THAT(answer, Catch::Contains("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.find("100 Continue", 25) == std::string::npos);
    // And the connection goes on.
    wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_THAT(wire.read_until(R"({"status":"up"})"), Catch::Contains(R"({"status":"up"})"));
}

TEST_CASE("a header that comes in many small parts is no longer than one that comes at once") {
    Service service;
    Wire wire(service.serve.port());
    wire.send("GET /healthz HTTP/1.1\r\na");
    std::string part;
    while (part.size() < 1000)
        part += ":\r\na";
    // Each part ends in the middle of a field, and each but the last is sent when the last is read.
    for (int sent = 0; sent < 20; ++sent) {
        wire.send(part);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK_THAT(wire.read_until("headers-too-large"), Catch::Contains("HTTP/1.1 431"));
}

TEST_CASE("two hundred clients that stall in the middle of a request hold nobody up") {
    Service service;
    std::deque<Wire> stalled;
    for (int number = 0; number < 200; ++number) {
        auto& wire = stalled.emplace_back(service.serve.port());
        const auto body = event_body(fmt::format("evt_stalled_{}", number));
        const auto request = webhook_request(body) + body;
        // In the request line, in the headers, or in the body.
        const std::size_t lengths[] = {7, request.size() / 3, request.size() - 1};
        wire.send(std::string_view(request).substr(0, lengths[number % 3]));
    }
    CHECK(eventually(
        [&service] { return metric(service.serve.port(), "daybook_http_connections") >= 200; }));
    using Clock = std::chrono::steady_clock;
    for (int number = 1; number <= 20; ++number) {
        const auto begin = Clock::now();
        const auto answer = service.http.webhook(
            platform_path, event_body(fmt::format("evt_{}", number)), platform_secret);
        CHECK(answer.status == 200);
        CHECK(Clock::now() - begin < std::chrono::seconds(1));
    }
    // A stalled one may still finish in time.
    stalled[2].send("}");
    CHECK_THAT(stalled[2].read_until("evt_stalled_2\"}"), Catch::Contains("\"position\":21,"));
}

TEST_CASE("who has waited longest without a request makes room for who comes") {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    constexpr std::size_t connections_max = 4096;
    REQUIRE(files.rlim_max > 2 * connections_max);
    Service service;
    std::deque<Wire> idle;
    while (idle.size() < connections_max + 10)
        idle.emplace_back(service.serve.port());
    const auto request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    // The last of them is served, the first of them is not there any more.
    idle.back().send(request);
    CHECK_THAT(idle.back().read_until("up"), Catch::Contains("200 OK"));
    CHECK(idle.front().read_until("anything").empty());
    CHECK(HttpClient(service.serve.port()).get("/healthz").status == 200);
    CHECK(metric(service.serve.port(), "daybook_http_connections") <= connections_max + 1);
}

TEST_CASE("unknown paths and wrong methods are problems, and HEAD has no body") {
    Service service;
    for (const char* path : {"/", "/nowhere", "/orders/", "/orders/a/b", "/webhooks", "/Orders"}) {
        INFO(path);
        CHECK(problem_of(service.http.get(path)) == "not-found");
    }
    const auto posted = service.http.post("/entitlements", "{}");
    CHECK(problem_of(posted) == "method-not-allowed");
    CHECK(posted.headers.at("allow") == "GET, HEAD");
    const auto got = service.http.get(platform_path);
    CHECK(problem_of(got) == "method-not-allowed");
    CHECK(got.headers.at("allow") == "POST");
    const auto deleted =
        service.http.raw("DELETE /events/evt_1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n\r\n");
    CHECK(problem_of(deleted) == "method-not-allowed");
    CHECK(deleted.headers.at("x-request-id") == "mine");
    const auto odd =
        service.http.raw("GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Request-Id: <b>\"\r\n\r\n");
    CHECK(problem_of(odd) == "not-found");
    CHECK(odd.headers.at("x-request-id").size() == 16);

    Wire wire(service.serve.port());
    wire.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto& answers = wire.read_until(R"({"status":"up"})");
    CHECK(answers.find("HTTP/1.1 200", 1) == answers.find("\r\n\r\n") + 4);
}
