// Reading by hand with Beast's parser, writing at once when the socket takes it.
#include <api/session.hpp>

#include <utility>

namespace daybook::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint32_t header_bytes_max = 16 * 1024;
constexpr std::uint64_t body_bytes_max = std::uint64_t{2} << 20;
// Chunked framing may cost more bytes than it carries, but not without end.
constexpr std::uint64_t wire_bytes_max = 4 * body_bytes_max;
constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::size_t read_bytes_big = 64 * 1024;
constexpr std::size_t kept_bytes_max = 64 * 1024;
// What all unfinished requests may hold together: many clients with big bodies are not a right.
constexpr std::uint64_t unfinished_bytes_max = std::uint64_t{256} << 20;
constexpr std::chrono::seconds linger_max{2};

/// Beast 1.81 lets through framings on which a proxy and we could disagree; refuse them.
bool framing_is_plain(const http::request_header<>& header) {
    if (header.version() != 11 && header.version() != 10) return false;
    const auto hosts = header.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && header.version() == 11)) return false;
    const auto encodings = header.count(http::field::transfer_encoding);
    if (encodings > 0 && (encodings > 1 || header.version() != 11 ||
                          !beast::iequals(header[http::field::transfer_encoding], "chunked")))
        return false;
    if (header.count(http::field::content_length) > 1) return false;
    return header[http::field::content_length].find_first_not_of("0123456789") ==
           beast::string_view::npos;
}

Problem problem_of(const error_code& error) {
    if (error == http::error::body_limit) return Problem::body_too_large;
    if (error == http::error::header_limit) return Problem::headers_too_large;
    if (error == http::error::buffer_overflow) return Problem::queue_full;
    return Problem::malformed_request;
}

}  // namespace

Session::Session(Socket socket, std::chrono::seconds request_max, std::uint64_t& unfinished_bytes)
    : socket_(std::move(socket)),
      request_max_(request_max),
      unfinished_bytes_(unfinished_bytes),
      deadline_(Clock::now() + request_max) {}

Session::~Session() {
    release();
}

void Session::release() {
    unfinished_bytes_ -= std::exchange(taken_, 0);
}

std::string Session::remote() const {
    error_code error;
    const auto endpoint = socket_.remote_endpoint(error);
    return error ? std::string() : endpoint.address().to_string();
}

void Session::set_limits(Parser& parser) {
    parser.eager(true);
    parser.header_limit(header_bytes_max);
    parser.body_limit(body_bytes_max);
}

void Session::close() {
    error_code error;
    socket_.close(error);
}

bool Session::parse(Parser& parser, error_code& error) {
    if (idle_) {
        idle_ = false;
        request_began_ = Clock::now();
        deadline_ = request_began_ + request_max_;
    }
    const auto used = parser.put(buffer_.data(), error);
    buffer_.consume(used);
    taken_ += used;
    unfinished_bytes_ += used;
    if (error == http::error::need_more) error = {};
    if (error) return false;
    if (parser.is_done()) {
        if (!framing_is_plain(parser.get())) error = http::error::bad_transfer_encoding;
        return true;
    }
    // The parser's own limit is for what one put() gets, and fields may come a few at a time.
    if (!parser.is_header_done() && taken_ + buffer_.size() >= header_bytes_max)
        error = http::error::header_limit;
    if (taken_ > wire_bytes_max) error = http::error::body_limit;
    if (unfinished_bytes_ > unfinished_bytes_max) error = http::error::buffer_overflow;
    return false;
}

// By hand instead of with http::async_read: one system call for a request that fits, no timer per
// operation, and a place for the answer to Expect.
Task<Reading> Session::read(Parser& parser, std::chrono::seconds patience, Problem& problem) {
    error_code error;
    bool continued = false;
    idle_ = true;
    idle_since_ = Clock::now();
    release();
    deadline_ = idle_since_ + patience;
    if (buffer_.capacity() > kept_bytes_max && buffer_.size() == 0) buffer_.shrink_to_fit();
    for (;;) {
        if (buffer_.size() > 0) {
            const bool complete = parse(parser, error);
            if (error) {
                problem = problem_of(error);
                co_return Reading::refused;
            }
            if (complete) co_return Reading::complete;
            if (parser.is_header_done() && !std::exchange(continued, true) &&
                beast::iequals(parser.get()[http::field::expect], "100-continue")) {
                out = "HTTP/1.1 100 Continue\r\n\r\n";
                const bool sent = co_await send();
                if (!sent) co_return Reading::closed;
            }
        }
        const auto room = buffer_.prepare(parser.is_header_done() ? read_bytes_big : read_bytes);
        const auto count =
            co_await socket_.async_read_some(room, asio::redirect_error(Token(), error));
        if (error) co_return Reading::closed;
        buffer_.commit(count);
    }
}

Task<bool> Session::send() {
    // Answers are small and the socket's buffer is mostly empty: try at once.
    error_code error;
    std::size_t sent = socket_.write_some(asio::buffer(out), error);
    if (error == asio::error::would_block) error = {};
    if (sent < out.size()) deadline_ = Clock::now() + request_max_;
    while (!error && sent < out.size()) {
        const auto rest = asio::buffer(out) + sent;
        const auto count =
            co_await socket_.async_write_some(rest, asio::redirect_error(Token(), error));
        sent += count;
    }
    if (out.capacity() > kept_bytes_max) out = {};
    co_return !error;
}

Task<void> Session::linger() {
    error_code error;
    deadline_ = Clock::now() + linger_max;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    buffer_.clear();
    for (std::uint64_t dropped = 0; !error && dropped < wire_bytes_max;) {
        const auto room = buffer_.prepare(read_bytes_big);
        const auto count =
            co_await socket_.async_read_some(room, asio::redirect_error(Token(), error));
        dropped += count;
    }
}

Task<Answer> Session::answered(std::chrono::seconds limit) {
    deadline_ = Clock::now() + limit;
    Token token;
    auto keep = [this](auto handler) { waiter_.emplace(std::move(handler)); };
    co_return co_await asio::async_initiate<Token, void(Answer)>(keep, token);
}

void Session::resume(Answer answer) {
    Waiter waiter = std::move(*waiter_);
    waiter_.reset();
    deadline_ = Clock::now() + request_max_;
    std::move(waiter)(std::move(answer));
}

}  // namespace daybook::api
