// One connection: reading requests and sending answers, within limits. Only server.cpp uses it.
#pragma once

#include <api/asio.hpp>
#include <api/http.hpp>
#include <api/problem.hpp>
#include <ledger/appender.hpp>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace daybook::api {

using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// What a session waits for: the log, a query, or (monostate) in vain.
using Answer = std::variant<std::monostate, AppendOutcome, Response>;

/// How reading a request ended.
enum class Reading { complete, refused, closed };

/// I/O thread only. Deadlines are kept by the server's sweep, which closes the socket or, while
/// the session waits for an answer, resumes it with none.
class Session {
public:
    /// `unfinished_bytes` counts, over all sessions, what requests in progress hold; a request that
    /// would raise it over its limit is refused. It outlives the session.
    Session(Socket socket, std::chrono::seconds request_max, std::uint64_t& unfinished_bytes);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// A parser with our limits on headers and body; one per request.
    static void set_limits(Parser& parser);

    /// Reads one request, whose first byte may take `patience`. `problem` says why it is refused.
    Task<Reading> read(Parser& parser, std::chrono::seconds patience, Problem& problem);

    /// Sends `out`; false when the client is gone.
    Task<bool> send();

    /// Closing over unread bytes would reset the connection and could take the answer with it, so
    /// what the client still sends is read and dropped, within limits.
    Task<void> linger();

    /// Suspends until resume(), or with no answer until the limit has passed.
    Task<Answer> answered(std::chrono::seconds limit);
    void resume(Answer answer);

    /// The peer's address, without its port; empty when it is gone.
    [[nodiscard]] std::string remote() const;

    [[nodiscard]] bool waiting() const { return waiter_.has_value(); }
    [[nodiscard]] bool idle() const { return idle_; }
    /// Since when nothing of a request has arrived; for idle ones.
    [[nodiscard]] Clock::time_point idle_since() const { return idle_since_; }
    [[nodiscard]] bool closed() const { return !socket_.is_open(); }
    [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
    [[nodiscard]] Clock::time_point request_began() const { return request_began_; }
    void close();

    /// Lets what is under way take `limit` from now.
    void extend(std::chrono::milliseconds limit) { deadline_ = Clock::now() + limit; }
    /// Gives the connection away, for another protocol; the session only ends after that.
    Socket release_socket() { return std::move(socket_); }

    std::string out;           ///< what send() sends; kept for its memory
    std::uint64_t ticket = 0;  ///< of the answer it waits for

private:
    using Waiter = boost::asio::async_result<Token, void(Answer)>::handler_type;

    /// Feeds the parser what is buffered; true when the request is complete.
    bool parse(Parser& parser, boost::system::error_code& error);
    void release();

    Socket socket_;
    const std::chrono::seconds request_max_;
    std::uint64_t& unfinished_bytes_;
    boost::beast::flat_buffer buffer_;
    Clock::time_point deadline_;
    Clock::time_point request_began_;
    std::uint64_t taken_ = 0;  ///< bytes of this request so far
    bool idle_ = true;         ///< nothing of a request has arrived
    Clock::time_point idle_since_ = Clock::now();
    std::optional<Waiter> waiter_;
};

}  // namespace daybook::api
