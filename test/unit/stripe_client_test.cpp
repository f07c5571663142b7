// The Stripe client on the wire: what it sends, what it accepts, how long it waits, what it keeps.
#include <test/unit/stripe_peer.hpp>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

using namespace daybook::test;
using namespace daybook::api::stripe;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

/// What the client makes of an answer of these bytes, after which the peer closes.
Result outcome_of(std::string bytes, std::size_t body_bytes_max = 1 << 20) {
    const Peer peer([&](Peer::Talk& talk) {
        talk.hear();
        talk.say(bytes);
    });
    auto options = quick(peer.url());
    options.body_bytes_max = body_bytes_max;
    return Caller(options).send(get("/v1/balance"));
}

std::string ok(std::string_view rest) {
    return fmt::format("HTTP/1.1 200 OK\r\n{}", rest);
}

}  // namespace

TEST_CASE("a call goes out as it was put, with the key and what HTTP needs") {
    const Peer peer(answer_all);
    auto options = quick(peer.url());
    options.version = "2026-10-28.endive";
    Caller caller(options);
    auto call = post("/v1/refunds?expand[]=charge", "charge=ch_1&amount=5", "act_1");
    call.account = "acct_1";
    call.headers = {{"Stripe-Context", "ctx"},        {"authorization", "Bearer other"},
                    {"Content-Length", "7"},          {"Host", "elsewhere"},
                    {"transfer-encoding", "chunked"}, {"X-Stripe-Client-Telemetry", "{}"}};
    CHECK(text_of(caller.send(call)) == "200");
    CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    const auto requests = peer.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0] == fmt::format("POST /v1/refunds?expand[]=charge HTTP/1.1\r\n"
                                     "Host: 127.0.0.1:{}\r\n"
                                     "Authorization: Bearer sk_test_hunter2hunter2\r\n"
                                     "User-Agent: Daybook\r\n"
                                     "Stripe-Version: 2026-10-28.endive\r\n"
                                     "Stripe-Account: acct_1\r\n"
                                     "Idempotency-Key: act_1\r\n"
                                     "Content-Type: application/x-www-form-urlencoded\r\n"
                                     "Stripe-Context: ctx\r\n"
                                     "X-Stripe-Client-Telemetry: {{}}\r\n"
                                     "Content-Length: 20\r\n\r\n"
                                     "charge=ch_1&amount=5",
                                     peer.port()));
    CHECK_THAT(requests[1], !Contains("Content-Length") && !Contains("Content-Type"));
}

TEST_CASE("what cannot stand in a request is refused without showing it") {
    const Peer peer(answer_all);
    Caller caller(quick(peer.url()));
    const auto refusal = [&](auto change) -> std::string {
        auto call = post("/v1/refunds", "");
        change(call);
        try {
            caller.send(call);
        } catch (const std::invalid_argument& bad) {
            return bad.what();
        }
        return {};
    };
    const std::string evil = "x\r\nAuthorization: Bearer hunter2";
    CHECK_THAT(refusal([&](Call& call) { call.idempotency_key = evil; }),
               Contains("Idempotency-Key") && !Contains("hunter2"));
    CHECK_THAT(refusal([&](Call& call) { call.account = evil; }), Contains("Stripe-Account"));
    CHECK_THAT(refusal([&](Call& call) { call.version = evil; }), Contains("Stripe-Version"));
    CHECK_THAT(refusal([&](Call& call) { call.content_type = evil; }), Contains("Content-Type"));
    CHECK_THAT(refusal([&](Call& call) { call.target = "/v1/a b"; }), Contains("target"));
    CHECK_THAT(refusal([&](Call& call) { call.target = "http://x/"; }), Contains("target"));
    CHECK_THAT(refusal([&](Call& call) { call.method = "PUT"; }), Contains("method"));
    CHECK_THAT(refusal([&](Call& call) { call.headers = {{"A: b\r\nC", "d"}}; }),
               Contains("header's name"));
    CHECK_THAT(refusal([&](Call& call) { call.headers = {{"A", evil}}; }), !Contains("hunter2"));
    CHECK(peer.connections() == 0);
}

TEST_CASE("an answer is given whole, whichever way its length is told") {
    const auto counted = outcome_of(ok(
        "Request-Id: req_1\r\nStripe-Should-Retry: false\r\nContent-Length: 7\r\n\r\n{\"a\":1}"));
    REQUIRE(text_of(counted) == "200");
    CHECK(counted->body == "{\"a\":1}");
    CHECK(counted->header("request-id") == "req_1");
    CHECK(counted->header("Absent").empty());
    CHECK(counted->headers.front() == std::pair<std::string, std::string>{"Request-Id", "req_1"});
    CHECK(counted->took.count() > 0);
    const auto chunked = outcome_of(
        ok("Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;ext=1\r\n\":1}\r\n0\r\n\r\n"));
    REQUIRE(text_of(chunked) == "200");
    CHECK(chunked->body == "{\"a\":1}");
    const auto empty = outcome_of("HTTP/1.1 204 No Content\r\n\r\n");
    CHECK(text_of(empty) == "204");
    const auto hinted = outcome_of("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                                   ok("Content-Length: 2\r\n\r\n{}"));
    CHECK(text_of(hinted) == "200");
    CHECK(text_of(outcome_of("HTTP/1.1 402 \r\nContent-Length: 2\r\n\r\n{}")) == "402");
}

TEST_CASE("an answer that is cut, unclear or too big is no answer") {
    const auto bytes = GENERATE(values<std::string>({
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"",
        "HTTP/1.1 200 OK\r\n\r\nuntil the end of the connection",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "<html>502 Bad Gateway</html>",
        "HTTP/1.1 OK\r\n\r\n",
    }));
    CAPTURE(bytes);
    CHECK(text_of(outcome_of(bytes)) == "cut");
}

TEST_CASE("no answer takes more memory than allowed") {
    CHECK(text_of(outcome_of(ok("Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')), 1000)) ==
          "200");
    CHECK(text_of(outcome_of(ok("Content-Length: 1001\r\n\r\n" + std::string(1001, 'x')), 1000)) ==
          "cut");
    std::string chunks;
    for (int i = 0; i < 11; ++i)
        chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
    CHECK(text_of(outcome_of(ok("Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n"),
                             1000)) == "cut");
    CHECK(text_of(outcome_of(
              ok("A: " + std::string(60'000, 'x') + "\r\nContent-Length: 2\r\n\r\n{}"))) == "200");
    CHECK(text_of(outcome_of(
              ok("A: " + std::string(70'000, 'x') + "\r\nContent-Length: 2\r\n\r\n{}"))) == "cut");
    CHECK(text_of(outcome_of(ok("Transfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'x') +
                                "\r\nx\r\n0\r\n\r\n"))) == "cut");
}

TEST_CASE("a connection is used again, unless its answer says otherwise") {
    const Peer peer([](Peer::Talk& talk) {
        for (int i = 0; !talk.hear().empty(); ++i) {
            if (talk.number == 1 && i == 2)
                return talk.say(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                    "Content-Length: 2\r\n\r\n{}");
            talk.answer("{}");
        }
    });
    Caller caller(quick(peer.url()));
    for (int i = 0; i < 5; ++i)
        CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    CHECK(peer.connections() == 2);
    CHECK(caller.client->counters().snapshot().connections == 2);
}

TEST_CASE("a connection that brings more than was asked for is not used again") {
    const Peer peer([](Peer::Talk& talk) {
        while (!talk.hear().empty())
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n");
    });
    Caller caller(quick(peer.url()));
    for (int i = 0; i < 3; ++i)
        CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    CHECK(peer.connections() == 3);
}

TEST_CASE("an idle connection that the peer closed is replaced without an error") {
    const Peer peer([](Peer::Talk& talk) {
        talk.hear();
        talk.answer("{}");
    });
    Caller caller(quick(peer.url()));
    for (int i = 0; i < 3; ++i) {
        CHECK(text_of(caller.send(post("/v1/refunds", ""))) == "200");
        caller.idle(20ms);
    }
    CHECK(peer.connections() == 3);
}

TEST_CASE("an idle connection is given up after a while") {
    std::atomic<int> closed = 0;
    const Peer peer([&](Peer::Talk& talk) {
        answer_all(talk);
        ++closed;
    });
    auto options = quick(peer.url());
    options.idle_max = 30ms;
    Caller caller(options);
    CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    caller.idle(150ms);
    CHECK(closed == 1);
    CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    CHECK(peer.connections() == 2);
}

TEST_CASE("silence ends a call, and so does an answer that never gets done") {
    auto drip = GENERATE(false, true);
    const Peer peer([drip](Peer::Talk& talk) {
        talk.hear();
        talk.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        for (int i = 0; drip && i < 99; ++i) {
            talk.say("x");
            std::this_thread::sleep_for(10ms);
        }
        talk.wait_for_close();
    });
    auto options = quick(peer.url());
    options.read_max = 100ms;
    options.total_max = 300ms;
    Caller caller(options);
    const auto began = std::chrono::steady_clock::now();
    CHECK(text_of(caller.send(get("/v1/balance"))) == "timed_out");
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(took > (drip ? 290ms : 90ms));
    CHECK(took < (drip ? 900ms : 290ms));
}

TEST_CASE("where nobody listens, nothing was sent") {
    std::uint16_t port = 0;
    {
        const Peer peer(answer_all);
        port = peer.port();
    }
    Caller caller(quick(fmt::format("http://127.0.0.1:{}", port)));
    CHECK(text_of(caller.send(get("/v1/balance"))) == "unreachable");
    Caller nameless(quick("http://name.invalid"));
    CHECK(text_of(nameless.send(get("/v1/balance"))) == "unreachable");
}

TEST_CASE("names are looked up, and addresses of both families are taken") {
    const Peer peer(answer_all);
    Caller caller(quick(fmt::format("http://localhost:{}", peer.port())));
    CHECK(text_of(caller.send(get("/v1/balance"))) == "200");
    CHECK_THAT(peer.requests().front(), Contains("Host: localhost:"));
}

TEST_CASE("so many calls at once, so many waiting, the rest is told at once") {
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    const Peer peer([&](Peer::Talk& talk) {
        while (!talk.hear().empty()) {
            most = std::max(most.load(), ++now);
            std::this_thread::sleep_for(20ms);
            --now;
            talk.answer("{}");
        }
    });
    auto options = quick(peer.url());
    options.in_flight_max = 3;
    options.waiting_max = 5;
    Caller caller(options);
    std::vector<Call> calls;
    for (int i = 0; i < 10; ++i)
        calls.push_back(get(fmt::format("/v1/charges/ch_{}", i)));
    std::vector<std::string> outcomes;
    for (const auto& result : caller.send_all(calls))
        outcomes.push_back(text_of(result));
    CHECK(std::ranges::count(outcomes, "200") == 8);
    CHECK(std::ranges::count(outcomes, "busy") == 2);
    CHECK(outcomes.back() == "busy");
    CHECK(most == 3);
    CHECK(peer.connections() == 3);
    const auto counts = caller.client->counters().snapshot();
    CHECK(counts.attempts.at("GET /v1/charges/{id}")[std::size_t(Outcome::ok)] == 8);
    CHECK(counts.attempts.at("GET /v1/charges/{id}")[std::size_t(Outcome::busy)] == 2);
    CHECK(counts.in_flight == 0);
    CHECK(counts.waiting == 0);
}

TEST_CASE("a call does not wait for its turn for ever") {
    const Peer peer([](Peer::Talk& talk) { talk.wait_for_close(); });
    auto options = quick(peer.url());
    options.in_flight_max = 1;
    options.wait_max = 30ms;
    options.read_max = 200ms;
    Caller caller(options);
    const auto results = caller.send_all({get("/v1/balance"), get("/v1/balance")});
    CHECK(text_of(results[0]) == "timed_out");
    CHECK(text_of(results[1]) == "busy");
}

TEST_CASE("calls are spread over time") {
    const Peer peer(answer_all);
    auto options = quick(peer.url());
    options.rate = 100;
    options.burst = 5;
    Caller caller(options);
    const auto began = std::chrono::steady_clock::now();
    for (const auto& result : caller.send_all(std::vector<Call>(25, get("/v1/balance"))))
        CHECK(text_of(result) == "200");
    CHECK(std::chrono::steady_clock::now() - began >= 195ms);
}

TEST_CASE("stopping sends those away that wait, and lets those finish that were sent") {
    std::atomic<bool> heard = false;
    const Peer peer([&](Peer::Talk& talk) {
        talk.hear();
        heard = true;
        std::this_thread::sleep_for(50ms);
        talk.answer("{}");
        talk.wait_for_close();
    });
    auto options = quick(peer.url());
    options.in_flight_max = 1;
    Caller caller(options);
    const bool abort = GENERATE(false, true);
    std::thread stopper([&] {
        while (!heard)
            std::this_thread::sleep_for(1ms);
        boost::asio::post(caller.io,
                          [&] { abort ? caller.client->abort() : caller.client->stop(); });
    });
    const auto results = caller.send_all({get("/v1/balance"), get("/v1/balance")});
    stopper.join();
    CHECK(text_of(results[0]) == (abort ? "cut" : "200"));
    CHECK(text_of(results[1]) == "stopping");
    CHECK(text_of(caller.send(get("/v1/balance"))) == "stopping");
}

TEST_CASE("a client may end before its calls, and an io_context with both") {
    const Peer peer([](Peer::Talk& talk) { talk.wait_for_close(); });
    const bool run_on = GENERATE(false, true);
    auto options = quick(peer.url());
    options.in_flight_max = 1;
    Caller caller(options);
    int ended = 0;
    for (int i = 0; i < 3; ++i)
        boost::asio::co_spawn(caller.io, caller.client->perform(get("/v1/balance")),
                              [&](const std::exception_ptr&, const Result&) { ++ended; });
    caller.idle(30ms);
    caller.client.reset();
    if (run_on) caller.io.run();
    CHECK(ended == (run_on ? 3 : 0));
}

TEST_CASE("options that make no sense are refused without showing what is secret") {
    boost::asio::io_context io;
    const auto refusal = [&](auto change) -> std::string {
        auto options = quick("http://127.0.0.1:1");
        change(options);
        try {
            const Client client(io, options);
        } catch (const std::invalid_argument& bad) {
            return bad.what();
        }
        return {};
    };
    CHECK_THAT(refusal([](auto& options) { options.base = "127.0.0.1"; }), Contains("base URL"));
    CHECK_THAT(refusal([](auto& options) { options.proxy = "socks5://me:hunter2@x"; }),
               Contains("proxy") && !Contains("hunter2"));
    CHECK_THAT(refusal([](auto& options) { options.secret_key = "sk_\nhunter2"; }),
               Contains("secret key") && !Contains("hunter2"));
    CHECK_THAT(refusal([](auto& options) {
                   options.base = "https://127.0.0.1";
                   options.ca_file = "/nowhere.pem";
               }),
               Contains("certificates"));
}
