// Which attempts are followed by another, and what is known at the end: by rule, and against the
// simulator and its faults.
#include <api/stripe/retry.hpp>
#include <test/unit/stripe_peer.hpp>
#include <tools/stripe_sim/json.hpp>
#include <tools/stripe_sim/simulator.hpp>
#include <tools/stripe_sim/store.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

using namespace daybook;
using namespace daybook::test;
using namespace daybook::api::stripe;
using namespace std::chrono_literals;

namespace {

Result answered(int status, std::string_view should_retry = "") {
    Answer answer;
    answer.status = status;
    if (!should_retry.empty())
        answer.headers = {{"Stripe-Should-Retry", std::string(should_retry)}};
    return answer;
}

/// A simulator of its own, with the faults that a test wants.
class Simulated {
public:
    explicit Simulated(const std::string& faults, std::chrono::milliseconds patience = 2s)
        : simulator_({.listen = "127.0.0.1:0"}),
          thread_([this] { simulator_.run(); }),
          caller(options(simulator_.port(), patience)) {
        auto call = post("/_sim/faults", faults);
        call.content_type = "application/json";
        REQUIRE(text_of(caller.send(call)) == "200");
    }
    ~Simulated() { stop(); }

    /// How many objects of a type there are; ends the simulator.
    std::size_t count(std::string_view type) {
        stop();
        return simulator_.world().store.count("", type);
    }

private:
    static ClientOptions options(std::uint16_t port, std::chrono::milliseconds patience) {
        auto made = quick(fmt::format("http://127.0.0.1:{}", port));
        made.read_max = patience;
        return made;
    }
    void stop() {
        simulator_.stop();
        if (thread_.joinable()) thread_.join();
    }

    sim::Simulator simulator_;
    std::thread thread_;

public:
    Caller caller;
};

}  // namespace

TEST_CASE("what is retried follows the status unless Stripe says otherwise") {
    for (const int status : {409, 429, 500, 502, 503})
        CHECK(worth_retrying(answered(status)));
    for (const int status : {200, 301, 400, 401, 402, 403, 404, 424})
        CHECK_FALSE(worth_retrying(answered(status)));
    CHECK(worth_retrying(answered(400, "true")));
    CHECK_FALSE(worth_retrying(answered(500, "false")));
    CHECK_FALSE(worth_retrying(answered(409, "false")));
    CHECK_FALSE(worth_retrying(answered(429, "false")));
    CHECK_FALSE(worth_retrying(answered(200, "true")));
    for (const auto failure : {Failure::unreachable, Failure::cut, Failure::timed_out})
        CHECK(worth_retrying(std::unexpected(failure)));
    for (const auto failure : {Failure::busy, Failure::stopping})
        CHECK_FALSE(worth_retrying(std::unexpected(failure)));
}

TEST_CASE("pauses double up to a limit, and obey Retry-After within reason") {
    const auto pause = [](int n, double jitter, std::string retry_after = "") {
        auto result = answered(503);
        if (!retry_after.empty()) result->headers = {{"Retry-After", retry_after}};
        return pause_before(n, result, 500ms, 5000ms, jitter);
    };
    CHECK(pause(1, 1.0) == 500ms);
    CHECK(pause(2, 1.0) == 1000ms);
    CHECK(pause(4, 1.0) == 4000ms);
    CHECK(pause(5, 1.0) == 5000ms);
    CHECK(pause(60, 1.0) == 5000ms);
    CHECK(pause(2, 0.75) == 750ms);
    CHECK(pause(1, 0.5) == 500ms);
    CHECK(pause(1, 1.0, "3") == 3000ms);
    CHECK(pause(1, 1.0, "61") == 500ms);
    CHECK(pause(1, 1.0, "-3") == 500ms);
    CHECK(pause(1, 1.0, "Wed, 21 Oct 2026 07:28:00 GMT") == 500ms);
}

TEST_CASE("a passing fault is overcome with the same key, and one thing is made") {
    const auto [fault, attempts, doubtful] = GENERATE(table<std::string, int, bool>({
        {R"({"kind":"rate_limit","count":2})", 3, false},
        {R"({"kind":"lock_timeout","count":1})", 2, true},
        {R"({"kind":"lock_timeout","count":1,"status":429})", 2, false},
        {R"({"kind":"error_before","count":2})", 3, true},
        {R"({"kind":"cut_before","count":1})", 2, true},
        {R"({"kind":"cut_after","count":1})", 2, true},
    }));
    CAPTURE(fault);
    Simulated stripe(fault);
    const auto made = stripe.caller.perform(post("/v1/customers", "name=Ann", "key-1"));
    REQUIRE(text_of(made) == "200");
    CHECK(made->attempts == attempts);
    CHECK(made->doubtful == doubtful);
    CHECK(stripe.count("customer") == 1);
    CHECK(stripe.caller.client->counters().snapshot().retries ==
          static_cast<std::uint64_t>(attempts - 1));
}

TEST_CASE("a fault that stays is reported as it is, after all attempts") {
    const auto [fault, outcome, made] = GENERATE(table<std::string, std::string, std::size_t>({
        {R"({"kind":"rate_limit"})", "429", 0},
        {R"({"kind":"error_before"})", "500", 0},
        {R"({"kind":"error_after","count":1})", "500", 1},
        {R"({"kind":"cut_before"})", "cut", 0},
    }));
    CAPTURE(fault);
    Simulated stripe(fault);
    const auto result = stripe.caller.perform(post("/v1/customers", "name=Ann", "key-1"));
    CHECK(text_of(result) == outcome);
    CHECK(stripe.count("customer") == made);
}

TEST_CASE("a call that takes too long is asked about again with the same key") {
    Simulated stripe(R"({"kind":"slow","delay_ms":400,"count":1})", 150ms);
    const auto made = stripe.caller.perform(post("/v1/customers", "name=Ann", "key-1"),
                                            {.retries = 20, .within = 10s});
    REQUIRE(text_of(made) == "200");
    CHECK(made->doubtful);
    CHECK(made->header("Idempotent-Replayed") == "true");
    CHECK(stripe.count("customer") == 1);
}

TEST_CASE("what may not be sent twice is not") {
    Simulated stripe(R"({"kind":"cut_after","count":1})");
    CHECK(text_of(stripe.caller.perform(post("/v1/customers", "name=Ann"))) == "cut");
    CHECK(stripe.count("customer") == 1);
}

TEST_CASE("patience ends attempts") {
    const Peer peer([](Peer::Talk& talk) {
        while (!talk.hear().empty())
            talk.say("HTTP/1.1 503 Gone\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
    });
    Caller caller(quick(peer.url()));
    const auto none = caller.perform(get("/v1/balance"), {.retries = 0});
    CHECK(none->attempts == 1);
    const auto brief = caller.perform(get("/v1/balance"), {.retries = 5, .within = 200ms});
    CHECK(text_of(brief) == "503");
    CHECK(brief->attempts == 1);
    const auto silent = Peer([](Peer::Talk& talk) { talk.wait_for_close(); });
    Caller patient(quick(silent.url()));
    const auto began = std::chrono::steady_clock::now();
    CHECK(text_of(patient.perform(get("/v1/balance"), {.retries = 9, .within = 150ms})) ==
          "timed_out");
    CHECK(std::chrono::steady_clock::now() - began < 1s);
}

TEST_CASE("a lost answer is not forgotten when the next attempt does not even get out") {
    std::unique_ptr<Peer> peer;
    std::atomic<bool> heard = false;
    peer = std::make_unique<Peer>([&](Peer::Talk& talk) {
        talk.hear();
        heard = true;
    });
    auto options = quick(peer->url());
    options.pause_min = options.pause_max = 100ms;
    Caller caller(options);
    std::thread end([&] {
        while (!heard)
            std::this_thread::sleep_for(1ms);
        peer.reset();
    });
    const auto result = caller.perform(post("/v1/customers", "name=Ann", "key-1"));
    end.join();
    CHECK(text_of(result) == "cut");
}

TEST_CASE("a connection that died while it rested costs a retry at once, if the call allows it") {
    // The first connection dies with its second request; to the client it looks open till then.
    const Peer peer([](Peer::Talk& talk) {
        talk.hear();
        talk.answer("{}");
        talk.hear();
        if (talk.number > 1) answer_all(talk);
    });
    auto options = quick(peer.url());
    options.pause_min = options.pause_max = 5s;
    Caller caller(options);
    REQUIRE(text_of(caller.send(get("/v1/balance"))) == "200");
    SECTION("with a key it is sent again") {
        const auto again = caller.perform(post("/v1/refunds", "", "key-1"), {.retries = 0});
        REQUIRE(text_of(again) == "200");
        CHECK(again->attempts == 2);
        CHECK(again->doubtful);
    }
    SECTION("without one it is not") {
        CHECK(text_of(caller.perform(post("/v1/refunds", ""))) == "cut");
    }
}
