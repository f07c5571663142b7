// Keep-alive connections that each send the next request when the last is answered.
#pragma once

#include <boost/asio.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::bench {

/// What a load has measured.
struct Measured {
    std::vector<float> latencies_ms;      ///< of answers with 2xx, sorted
    std::map<int, std::uint64_t> others;  ///< answers of other statuses; 0: broken connections
    double seconds = 0;

    [[nodiscard]] double per_second() const {
        return static_cast<double>(latencies_ms.size()) / seconds;
    }
    [[nodiscard]] double quantile(double part) const {
        if (latencies_ms.empty()) return 0;
        return static_cast<double>(latencies_ms[static_cast<std::size_t>(
            part * static_cast<double>(latencies_ms.size() - 1))]);
    }
};

/// The bytes of request number n, made anew for each.
using RequestMaker = std::function<std::string(std::uint64_t number)>;

class LoadConnection : public std::enable_shared_from_this<LoadConnection> {
public:
    using Clock = std::chrono::steady_clock;
    struct Shared {
        RequestMaker make;
        Measured measured;
        std::uint64_t next = 0;
        bool measuring = false;
        bool over = false;
    };

    LoadConnection(boost::asio::io_context& io, std::uint16_t port, Shared& shared)
        : socket_(io), port_(port), shared_(shared) {}

    void start() {
        const boost::asio::ip::tcp::endpoint server(boost::asio::ip::address_v4::loopback(), port_);
        socket_.async_connect(server, [self = shared_from_this()](auto error) {
            if (error) return self->broke();
            self->socket_.set_option(boost::asio::ip::tcp::no_delay(true), error);
            self->send();
        });
    }

private:
    void send() {
        if (shared_.over) return;
        request_ = shared_.make(shared_.next++);
        sent_at_ = Clock::now();
        boost::asio::async_write(socket_, boost::asio::buffer(request_),
                                 [self = shared_from_this()](auto error, std::size_t) {
                                     if (error) return self->broke();
                                     self->answer_.clear();
                                     self->read();
                                 });
    }

    void read() {
        socket_.async_read_some(boost::asio::buffer(buffer_),
                                [self = shared_from_this()](auto error, std::size_t count) {
                                    if (error) return self->broke();
                                    self->answer_.append(self->buffer_.data(), count);
                                    self->parse();
                                });
    }

    void parse() {
        const auto end = answer_.find("\r\n\r\n");
        if (end == std::string::npos) return read();
        const auto length = answer_.find("Content-Length: ");
        if (length == std::string::npos || length > end) return broke();
        if (answer_.size() < end + 4 + std::strtoul(answer_.c_str() + length + 16, nullptr, 10))
            return read();
        const auto status = static_cast<int>(std::strtol(answer_.c_str() + 9, nullptr, 10));
        const std::chrono::duration<float, std::milli> took = Clock::now() - sent_at_;
        if (shared_.measuring && status >= 200 && status < 300)
            shared_.measured.latencies_ms.push_back(took.count());
        else if (shared_.measuring)
            ++shared_.measured.others[status];
        send();
    }

    void broke() {
        if (!shared_.over) ++shared_.measured.others[0];
    }

    boost::asio::ip::tcp::socket socket_;
    const std::uint16_t port_;
    Shared& shared_;
    std::string request_;
    std::string answer_;
    std::array<char, 16384> buffer_{};
    Clock::time_point sent_at_;
};

/// Loads 127.0.0.1:`port` for `seconds` after a warm-up. On the calling thread.
inline Measured load(std::uint16_t port, std::size_t connections, double seconds,
                     RequestMaker make) {
    using Clock = std::chrono::steady_clock;
    const auto span = [](double time) {
        return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(time));
    };
    constexpr double warm_up = 1;
    boost::asio::io_context io(1);
    LoadConnection::Shared shared;
    shared.make = std::move(make);
    for (std::size_t i = 0; i < connections; ++i)
        std::make_shared<LoadConnection>(io, port, shared)->start();
    Clock::time_point began;
    boost::asio::steady_timer warm(io, span(warm_up));
    boost::asio::steady_timer end(io, span(warm_up + seconds));
    warm.async_wait([&](auto) {
        shared.measuring = true;
        began = Clock::now();
    });
    end.async_wait([&](auto) {
        shared.over = true;
        shared.measuring = false;
        shared.measured.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    });
    io.run_for(span(warm_up + seconds + 10));
    std::ranges::sort(shared.measured.latencies_ms);
    return std::move(shared.measured);
}

}  // namespace daybook::bench
