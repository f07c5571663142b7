// The client of Stripe's API: pooled connections, limits, and the retries that are safe.
#pragma once

#include <api/asio.hpp>
#include <api/stripe/call.hpp>
#include <api/stripe/counters.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace daybook::api {
struct StripeSettings;
}

namespace daybook::api::stripe {

struct ClientOptions {
    std::string base = "https://api.stripe.com";  ///< http or https, host, port; no path
    std::string secret_key;                       ///< shown in no error, no log
    std::string version;                          ///< for calls that name none; empty: not sent
    std::string user_agent = "Daybook";
    std::string proxy;    ///< "http://user:password@host:port"; empty: none. Tunnels https
    std::string ca_file;  ///< certificates to trust instead of the system's; empty: the system's

    std::size_t in_flight_max = 25;
    std::size_t waiting_max = 2048;  ///< calls that wait for their turn; more are `busy`
    std::chrono::milliseconds wait_max{15'000};  ///< how long one waits, then it is `busy`
    /// In any second at most rate + burst calls begin: together just what Stripe allows in live
    /// mode. Rate 0: no limit.
    unsigned rate = 80;
    unsigned burst = 20;

    std::chrono::milliseconds connect_max{10'000};       ///< look-up, TCP, proxy and TLS together
    std::chrono::milliseconds read_max{60'000};          ///< silence while an answer is awaited
    std::chrono::milliseconds total_max{75'000};         ///< one attempt, after its turn came
    std::chrono::milliseconds idle_max{30'000};          ///< then an unused connection is closed
    std::size_t body_bytes_max = std::size_t{64} << 20;  ///< of an answer

    std::chrono::milliseconds pause_min{500};  ///< before the first retry; doubles each time
    std::chrono::milliseconds pause_max{5'000};
};

/// A client as the configuration wants it; calls that name no version go without one, which at
/// Stripe means the account's own.
ClientOptions options_of(const StripeSettings& settings);

/// How long perform() goes on.
struct Patience {
    int retries = 2;
    std::chrono::milliseconds within{80'000};  ///< all attempts and pauses together
};

/// Everything on the one thread that runs the io_context, but counters(), which is for any thread.
/// May end before the io_context and before its calls: these then end with stop()'s results.
class Client {
public:
    /// Throws std::invalid_argument naming what cannot be used (base, proxy, ca_file).
    Client(boost::asio::io_context& io, ClientOptions options);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// One attempt. Throws std::invalid_argument when a part of the call cannot stand in a request:
    /// a line break in a header, a blank in the target.
    Task<Result> send(Call call);

    /// Attempts until there is a verdict or patience ends. Retried, if the call is repeatable():
    /// what got no answer, 409, 429 and 5xx; Stripe-Should-Retry overrides that. An attempt that
    /// never got out does not replace what an earlier one heard, so that a Failure of !was_sent()
    /// means that none was sent.
    Task<Result> perform(Call call, Patience patience = {});

    /// Refuses calls from now on, those that wait for their turn as well; ends pauses between
    /// attempts; what was sent still gets its answer.
    void stop();
    /// Ends also what is in flight, by closing its connections.
    void abort();

    /// Thread-safe.
    [[nodiscard]] const Counters& counters() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;  // calls under way share it
};

}  // namespace daybook::api::stripe
