// The other end of the Stripe client, over real sockets: a server that says what a test tells it
// to, and a thread's worth of client.
#pragma once

#include <api/stripe/client.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace daybook::test {

/// Listens on 127.0.0.1 and runs the script for each connection, on a thread of its own.
class Peer {
public:
    /// One connection, as a script sees it.
    class Talk {
    public:
        virtual ~Talk() = default;
        /// The next request, whole; "" when the client has closed.
        virtual std::string hear() = 0;
        /// Some bytes as they are; none when the client has closed.
        virtual std::string hear_some() = 0;
        virtual void say(std::string_view bytes) = 0;
        /// 200 with this body, and the connection stays.
        void answer(std::string_view body);
        /// Hears and forgets whatever the client says, until it closes.
        virtual void wait_for_close() = 0;
        int number = 0;  ///< 1 is the first connection
    };
    using Script = std::function<void(Talk&)>;

    /// With `certificate` (a PEM file with key and chain) it speaks TLS.
    explicit Peer(Script script, const std::string& certificate = "");
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// http://127.0.0.1:port
    [[nodiscard]] std::string url() const;
    [[nodiscard]] int connections() const;
    /// All requests so far, in the order of their ends.
    [[nodiscard]] std::vector<std::string> requests() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Answers every request with 200 and "{}".
void answer_all(Peer::Talk& talk);

/// A client and the io_context it lives on, run by whoever waits for a result.
class Caller {
public:
    explicit Caller(api::stripe::ClientOptions options);

    api::stripe::Result send(const api::stripe::Call& call);
    api::stripe::Result perform(const api::stripe::Call& call, api::stripe::Patience patience = {});
    /// All at once, in their order.
    std::vector<api::stripe::Result> send_all(const std::vector<api::stripe::Call>& calls);
    /// Lets the client's connections and timers go on for so long.
    void idle(std::chrono::milliseconds time);

    boost::asio::io_context io;
    std::unique_ptr<api::stripe::Client> client;
};

/// For tests: no rate, short pauses, short limits.
api::stripe::ClientOptions quick(const std::string& base);

api::stripe::Call get(std::string target);
api::stripe::Call post(std::string target, std::string body, std::string key = "");

/// "200", or the name of the failure.
std::string text_of(const api::stripe::Result& result);

}  // namespace daybook::test
