// One connection to Stripe, plain or TLS: one request at a time, and its answer read with care.
#pragma once

#include <api/asio.hpp>
#include <api/stripe/call.hpp>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace daybook::api::stripe {

using boost::system::error_code;
using AnswerParser = boost::beast::http::response_parser<boost::beast::http::string_body>;

/// What came of a request on one connection.
struct Heard {
    error_code error;           ///< none: the answer is whole
    std::string complaint;      ///< beside the error: what is wrong with the answer; may be empty
    bool sent_nothing = false;  ///< not a byte of the request left; only then true for certain
    bool heard_nothing = true;  ///< no byte of an answer came
    bool timed_out = false;
    Answer answer;
};

/// One thread, and always in a shared_ptr. Operations are ended by a deadline of the connection,
/// which closes it; nothing goes on over a connection that was closed.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    explicit Connection(Executor executor) : socket_(executor), timer_(executor) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The steps of opening, in their order; the middle two as needed. An error ends it.
    Task<error_code> connect(boost::asio::ip::tcp::endpoint endpoint);
    /// Asks an HTTP proxy for a tunnel to `authority`. `credentials`: "user:password", or empty.
    Task<error_code> tunnel(std::string authority, std::string credentials);
    /// Verifies that the certificate is `host`'s by what `trust` trusts.
    Task<error_code> secure(boost::asio::ssl::context& trust, std::string host);

    struct Limits {
        Clock::time_point end;              ///< of it all
        std::chrono::milliseconds silence;  ///< without a byte
        std::size_t body_bytes_max;
    };
    /// Sends `request` as it is and reads the answer to it.
    Task<Heard> exchange(const std::string& request, Limits limits);

    /// Closes itself then, whatever is going on.
    void close_at(Clock::time_point deadline);
    void close();
    /// Beside the error of an opening step: what a person should know. May be empty.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

    /// The last answer left it fit for another request.
    [[nodiscard]] bool reusable() const { return reusable_; }
    /// An idle connection is still open, as far as one can know without asking.
    [[nodiscard]] bool alive();

private:
    Task<std::size_t> read_some(std::size_t bytes, error_code& error);
    Task<std::size_t> write(const std::string& text, error_code& error);
    Task<void> read_answer(Heard& heard, const Limits& limits);
    Task<void> read_message(AnswerParser& parser, Heard& heard, const Limits& limits);
    void arm();

    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
    boost::beast::flat_buffer buffer_;
    Timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point armed_ = Clock::time_point::max();
    std::string complaint_;
    bool timed_out_ = false;
    bool reusable_ = false;
};

}  // namespace daybook::api::stripe
