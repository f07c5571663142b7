// Opening, sending, reading with Beast's parser, and the one timer that bounds it all.
#include <api/stripe/connection.hpp>

#include <api/stripe/request.hpp>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>

#include <sys/socket.h>

#include <algorithm>

namespace daybook::api::stripe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint32_t header_bytes_max = 64 * 1024;
constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::size_t read_bytes_big = 128 * 1024;
constexpr std::size_t kept_bytes_max = 256 * 1024;
constexpr int informational_max = 8;  // 1xx answers before the answer

/// Framings on which two readers could disagree, or whose end is only the connection's, so that a
/// cut could pass for an end.
std::string_view wrong_framing(const AnswerParser& parser) {
    const auto& header = parser.get();
    const auto encodings = header.count(http::field::transfer_encoding);
    if (encodings > 1 ||
        (encodings == 1 && !beast::iequals(header[http::field::transfer_encoding], "chunked")))
        return "its transfer encoding is not plain chunked";
    const auto length = header[http::field::content_length];
    if (header.count(http::field::content_length) > 1 ||
        length.find_first_not_of("0123456789") != beast::string_view::npos)
        return "its length is not one number";
    if (header.version() != 11 && encodings > 0) return "it is chunked and not HTTP/1.1";
    if (parser.need_eof()) return "it does not say how long it is";
    return {};
}

/// Makes the handshake ask for `host` and fail unless the certificate is for it.
bool expect(SSL* tls, const std::string& host) {
    X509_VERIFY_PARAM* wanted = SSL_get0_param(tls);
    error_code not_address;
    asio::ip::make_address(host, not_address);
    if (!not_address) return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) == 1 &&
           SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

Answer answer_of(AnswerParser& parser) {
    auto message = parser.release();
    Answer answer;
    answer.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
        answer.headers.emplace_back(field.name_string(), field.value());
    answer.body = std::move(message.body());
    return answer;
}

}  // namespace

void Connection::close() {
    error_code error;
    socket_.close(error);
    reusable_ = false;
}

// Mostly the deadline moves away with each use, so the timer runs on and looks again at its end,
// instead of being set anew for every request.
void Connection::close_at(Clock::time_point deadline) {
    deadline_ = deadline;
    if (deadline < armed_) arm();
}

void Connection::arm() {
    armed_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->armed_ = Clock::time_point::max();
        if (Clock::now() < self->deadline_) return self->arm();
        self->timed_out_ = true;
        self->close();
    });
}

bool Connection::alive() {
    if (!reusable_ || !socket_.is_open()) return false;
    // Between two answers nothing may arrive but the end, which over TLS may have come in the same
    // read as the last answer.
    if (tls_ && (SSL_has_pending(tls_->native_handle()) == 1 ||
                 BIO_ctrl_pending(SSL_get_rbio(tls_->native_handle())) > 0))
        return false;
    char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Task<error_code> Connection::connect(asio::ip::tcp::endpoint endpoint) {
    error_code error;
    co_await socket_.async_connect(endpoint, asio::redirect_error(Token(), error));
    if (error) co_return timed_out_ ? asio::error::timed_out : error;
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    socket_.non_blocking(true, ignored);
    reusable_ = true;
    co_return error;
}

Task<error_code> Connection::tunnel(std::string authority, std::string credentials) {
    const auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n{1}\r\n", authority,
                                     proxy_authorization(credentials));
    error_code error;
    co_await write(request, error);
    http::response_parser<http::empty_body> parser;
    parser.skip(true);  // a tunnel begins right after the header
    parser.header_limit(header_bytes_max);
    while (!error && !parser.is_header_done()) {
        co_await read_some(read_bytes, error);
        if (error) break;
        buffer_.consume(parser.put(buffer_.data(), error));
        if (error == http::error::need_more) error = {};
        if (buffer_.size() > header_bytes_max) error = http::error::header_limit;
    }
    if (timed_out_) co_return asio::error::timed_out;
    if (error) co_return error;
    // Stripe speaks only after we do, so nothing may follow the proxy's header.
    const auto status = parser.get().result_int();
    if (status == 200 && buffer_.size() == 0) co_return error;
    complaint_ = status == 200 ? "the proxy said more than it was asked"
                               : fmt::format("the proxy answered {} to CONNECT", status);
    co_return asio::error::access_denied;
}

Task<error_code> Connection::secure(asio::ssl::context& trust, std::string host) {
    tls_.emplace(socket_, trust);
    error_code error;
    tls_->set_verify_mode(asio::ssl::verify_peer, error);
    if (!error && !expect(tls_->native_handle(), host)) error = asio::error::invalid_argument;
    if (!error)
        co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                       asio::redirect_error(Token(), error));
    if (const auto found = SSL_get_verify_result(tls_->native_handle()); found != X509_V_OK)
        complaint_ = X509_verify_cert_error_string(found);
    co_return timed_out_ ? asio::error::timed_out : error;
}

Task<std::size_t> Connection::write(const std::string& text, error_code& error) {
    if (tls_)
        co_return co_await asio::async_write(*tls_, asio::buffer(text),
                                             asio::redirect_error(Token(), error));
    // A request is small and the socket's buffer empty: mostly it goes at once.
    std::size_t sent = socket_.write_some(asio::buffer(text), error);
    if (error == asio::error::would_block) error = {};
    if (!error && sent < text.size()) {
        const auto rest = asio::buffer(text) + sent;
        sent += co_await asio::async_write(socket_, rest, asio::redirect_error(Token(), error));
    }
    co_return sent;
}

Task<std::size_t> Connection::read_some(std::size_t bytes, error_code& error) {
    const auto room = buffer_.prepare(bytes);
    std::size_t count = 0;
    if (tls_)
        count = co_await tls_->async_read_some(room, asio::redirect_error(Token(), error));
    else
        count = co_await socket_.async_read_some(room, asio::redirect_error(Token(), error));
    buffer_.commit(count);
    co_return count;
}

Task<Heard> Connection::exchange(const std::string& request, Limits limits) {
    Heard heard;
    const auto began = Clock::now();
    reusable_ = false;
    close_at(std::min(limits.end, began + limits.silence));
    const auto sent = co_await write(request, heard.error);
    heard.sent_nothing = heard.error && sent == 0 && !tls_;
    if (!heard.error) co_await read_answer(heard, limits);
    heard.answer.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
    heard.timed_out = heard.error && timed_out_;
    if (heard.timed_out) heard.error = asio::error::timed_out;
    if (!reusable_) close();
    if (buffer_.capacity() > kept_bytes_max && buffer_.size() == 0) buffer_.shrink_to_fit();
    co_return heard;
}

Task<void> Connection::read_answer(Heard& heard, const Limits& limits) {
    for (int i = 0; i <= informational_max; ++i) {
        AnswerParser parser;
        parser.eager(true);
        parser.header_limit(header_bytes_max);
        parser.body_limit(limits.body_bytes_max);
        co_await read_message(parser, heard, limits);
        if (heard.error) co_return;
        if (parser.get().result_int() / 100 == 1) continue;
        reusable_ = parser.get().keep_alive() && buffer_.size() == 0;
        heard.answer = answer_of(parser);
        co_return;
    }
    heard.error = http::error::bad_status;
}

Task<void> Connection::read_message(AnswerParser& parser, Heard& heard, const Limits& limits) {
    for (;;) {
        if (buffer_.size() > 0) {
            buffer_.consume(parser.put(buffer_.data(), heard.error));
            if (heard.error == http::error::need_more) heard.error = {};
            if (heard.error) co_return;
            if (parser.is_header_done()) heard.complaint = wrong_framing(parser);
            if (!heard.complaint.empty()) heard.error = http::error::bad_transfer_encoding;
            if (heard.error || parser.is_done()) co_return;
            if (buffer_.size() > header_bytes_max) heard.error = http::error::header_limit;
            if (heard.error) co_return;
        }
        const bool big = parser.is_header_done();
        close_at(std::min(limits.end, Clock::now() + limits.silence));
        co_await read_some(big ? read_bytes_big : read_bytes, heard.error);
        if (heard.error) co_return;
        heard.heard_nothing = false;
    }
}

}  // namespace daybook::api::stripe
