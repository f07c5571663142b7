// Blocking sockets, a thread for each connection: the simplest server that can misbehave in time.
#include <test/unit/stripe_peer.hpp>

#include <fmt/format.h>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <list>
#include <optional>

namespace daybook::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace api::stripe;

std::size_t length_of(std::string_view head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + 16, 20)));
}

}  // namespace

class Peer::Impl {
public:
    Impl(Script script, const std::string& certificate)
        : script_(std::move(script)), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
        if (!certificate.empty()) {
            trust_.emplace(asio::ssl::context::tls_server);
            trust_->use_certificate_chain_file(certificate);
            trust_->use_private_key_file(certificate, asio::ssl::context::pem);
        }
        threads_.emplace_back([this] { accept(); });
    }

    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
            ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
            for (auto& talk : talks_)
                talk.hang_up();
        }
        // The first accepts, and adds no more once it has ended.
        threads_.front().join();
        for (auto thread = std::next(threads_.begin()); thread != threads_.end(); ++thread)
            thread->join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    int connections() const {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(talks_.size());
    }
    std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    class Line : public Talk {
    public:
        Line(Impl& peer, tcp::socket socket) : peer_(peer), socket_(std::move(socket)) {
            if (peer.trust_) tls_.emplace(socket_, *peer.trust_);
        }

        bool greet() {
            error_code error;
            if (tls_) tls_->handshake(asio::ssl::stream_base::server, error);
            return !error;
        }
        void hang_up() { ::shutdown(socket_.native_handle(), SHUT_RDWR); }
        void end() {
            error_code error;
            if (tls_) tls_->shutdown(error);
            socket_.shutdown(tcp::socket::shutdown_both, error);
        }

        std::string hear() override {
            for (;;) {
                const auto head = heard_.find("\r\n\r\n");
                const auto whole = head == std::string::npos
                                       ? std::string::npos
                                       : head + 4 + length_of(heard_.substr(0, head + 2));
                if (whole <= heard_.size()) {
                    auto request = heard_.substr(0, whole);
                    heard_.erase(0, whole);
                    const std::lock_guard lock(peer_.mutex_);
                    peer_.requests_.push_back(request);
                    return request;
                }
                if (!read()) return {};
            }
        }
        std::string hear_some() override {
            if (heard_.empty()) read();
            return std::exchange(heard_, {});
        }
        void say(std::string_view bytes) override {
            error_code error;  // the client may be gone; then it is the client's story
            if (tls_)
                asio::write(*tls_, asio::buffer(bytes), error);
            else
                asio::write(socket_, asio::buffer(bytes), error);
        }
        void wait_for_close() override {
            while (read())
                heard_.clear();
        }

    private:
        bool read() {
            error_code error;
            std::array<char, 4096> bytes{};
            const auto count = tls_ ? tls_->read_some(asio::buffer(bytes), error)
                                    : socket_.read_some(asio::buffer(bytes), error);
            heard_.append(bytes.data(), count);
            return !error;
        }

        Impl& peer_;
        tcp::socket socket_;
        std::optional<asio::ssl::stream<tcp::socket&>> tls_;
        std::string heard_;
    };

    void accept() {
        for (;;) {
            error_code error;
            auto socket = acceptor_.accept(error);
            if (error) return;
            const std::lock_guard lock(mutex_);
            if (ending_) return;
            auto& talk = talks_.emplace_back(*this, std::move(socket));
            talk.number = static_cast<int>(talks_.size());
            threads_.emplace_back([this, &talk] {
                if (talk.greet()) script_(talk);
                talk.end();
            });
        }
    }

    const Script script_;
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::optional<asio::ssl::context> trust_;
    mutable std::mutex mutex_;
    std::list<Line> talks_;
    std::list<std::thread> threads_;
    std::vector<std::string> requests_;
    bool ending_ = false;
};

void Peer::Talk::answer(std::string_view body) {
    say(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
}

Peer::Peer(Script script, const std::string& certificate)
    : impl_(std::make_unique<Impl>(std::move(script), certificate)) {}
Peer::~Peer() = default;

std::uint16_t Peer::port() const {
    return impl_->port();
}
std::string Peer::url() const {
    return fmt::format("http://127.0.0.1:{}", port());
}
int Peer::connections() const {
    return impl_->connections();
}
std::vector<std::string> Peer::requests() const {
    return impl_->requests();
}

void answer_all(Peer::Talk& talk) {
    while (!talk.hear().empty())
        talk.answer("{}");
}

Caller::Caller(ClientOptions options) : client(std::make_unique<Client>(io, std::move(options))) {}

std::vector<Result> Caller::send_all(const std::vector<Call>& calls) {
    io.restart();
    std::vector<Result> results(calls.size());
    std::size_t open = calls.size();
    std::exception_ptr thrown;
    for (std::size_t i = 0; i < calls.size(); ++i)
        asio::co_spawn(io.get_executor(), client->send(calls[i]),
                       [&, i](const std::exception_ptr& failure, Result result) {
                           --open;
                           if (failure) thrown = failure;
                           results[i] = std::move(result);
                       });
    while (open > 0)
        io.run_one();
    if (thrown) std::rethrow_exception(thrown);
    return results;
}

Result Caller::send(const Call& call) {
    return send_all({call}).front();
}

Result Caller::perform(const Call& call, Patience patience) {
    io.restart();
    std::optional<Result> result;
    asio::co_spawn(io.get_executor(), client->perform(call, patience),
                   [&](const std::exception_ptr&, Result value) { result = std::move(value); });
    while (!result)
        io.run_one();
    return *std::move(result);
}

void Caller::idle(std::chrono::milliseconds time) {
    io.restart();
    asio::steady_timer timer(io, time);
    bool over = false;
    timer.async_wait([&](const error_code&) { over = true; });
    while (!over)
        io.run_one();
}

ClientOptions quick(const std::string& base) {
    ClientOptions options;
    options.base = base;
    options.secret_key = "sk_test_hunter2hunter2";
    options.rate = 0;
    options.connect_max = std::chrono::milliseconds(2000);
    options.read_max = std::chrono::milliseconds(2000);
    options.pause_min = std::chrono::milliseconds(5);
    options.pause_max = std::chrono::milliseconds(20);
    return options;
}

Call get(std::string target) {
    Call call;
    call.method = "GET";
    call.target = std::move(target);
    return call;
}

Call post(std::string target, std::string body, std::string key) {
    Call call;
    call.method = "POST";
    call.target = std::move(target);
    call.body = std::move(body);
    call.content_type = "application/x-www-form-urlencoded";
    call.idempotency_key = std::move(key);
    return call;
}

std::string text_of(const Result& result) {
    return result ? std::to_string(result->status) : std::string(name_of(result.error()));
}

}  // namespace daybook::test
