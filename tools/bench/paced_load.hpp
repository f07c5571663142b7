// Requests at a fixed rate, whatever the answers do: a late answer delays nobody behind it.
#pragma once

#include <tools/bench/http_load.hpp>

#include <deque>

namespace daybook::bench {

/// Latencies count from the moment at which a request was due, so that a pause of the service is
/// seen by all requests that fell into it. One io_context, one thread.
class PacedLoad {
public:
    using Clock = std::chrono::steady_clock;

    PacedLoad(boost::asio::io_context& io, std::uint16_t port, std::size_t connections,
              double per_second, RequestMaker make)
        : io_(io), timer_(io), per_second_(per_second), make_(std::move(make)) {
        const boost::asio::ip::tcp::endpoint server(boost::asio::ip::address_v4::loopback(), port);
        for (std::size_t i = 0; i < connections; ++i) {
            auto link = std::make_shared<Link>(io_);
            link->socket.connect(server);
            link->socket.set_option(boost::asio::ip::tcp::no_delay(true));
            free_.push_back(std::move(link));
        }
    }

    /// Runs for `seconds`, of which the first does not count.
    void start(double seconds) {
        began_ = Clock::now();
        end_ = began_ + span(seconds);
        tick();
    }

    Measured measured() {
        measured_.seconds = std::chrono::duration<double>(end_ - began_).count() - 1;
        std::ranges::sort(measured_.latencies_ms);
        return std::move(measured_);
    }

private:
    struct Link {
        explicit Link(boost::asio::io_context& io) : socket(io) {}
        boost::asio::ip::tcp::socket socket;
        std::string request;
        std::string answer;
        std::array<char, 16384> buffer{};
        Clock::time_point due;
    };
    using LinkPtr = std::shared_ptr<Link>;

    static Clock::duration span(double seconds) {
        return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }
    [[nodiscard]] Clock::time_point due(std::uint64_t number) const {
        return began_ + span(static_cast<double>(number) / per_second_);
    }

    void tick() {
        const auto now = Clock::now();
        if (now >= end_) return;
        for (; due(number_) <= now; ++number_)
            late_.push_back(due(number_));
        dispatch();
        timer_.expires_at(due(number_));
        timer_.async_wait([this](auto) { tick(); });
    }

    void dispatch() {
        while (!late_.empty() && !free_.empty()) {
            auto link = std::move(free_.front());
            free_.pop_front();
            link->due = late_.front();
            late_.pop_front();
            link->request = make_(sent_++);
            link->answer.clear();
            boost::asio::async_write(
                link->socket, boost::asio::buffer(link->request),
                [this, link](auto error, std::size_t) { error ? broke() : read(link); });
        }
    }

    void read(const LinkPtr& link) {
        link->socket.async_read_some(boost::asio::buffer(link->buffer),
                                     [this, link](auto error, std::size_t count) {
                                         if (error) return broke();
                                         link->answer.append(link->buffer.data(), count);
                                         parse(link);
                                     });
    }

    void parse(const LinkPtr& link) {
        const auto& answer = link->answer;
        const auto end = answer.find("\r\n\r\n");
        if (end == std::string::npos) return read(link);
        const auto length = answer.find("Content-Length: ");
        if (length == std::string::npos || length > end) return broke();
        if (answer.size() < end + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10))
            return read(link);
        const auto status = static_cast<int>(std::strtol(answer.c_str() + 9, nullptr, 10));
        const auto now = Clock::now();
        if (now - began_ > std::chrono::seconds(1) && now < end_) {
            const std::chrono::duration<float, std::milli> took = now - link->due;
            if (status >= 200 && status < 300)
                measured_.latencies_ms.push_back(took.count());
            else
                ++measured_.others[status];
        }
        free_.push_back(link);
        dispatch();
    }

    void broke() { ++measured_.others[0]; }

    boost::asio::io_context& io_;
    boost::asio::steady_timer timer_;
    const double per_second_;
    const RequestMaker make_;
    std::deque<LinkPtr> free_;
    std::deque<Clock::time_point> late_;  ///< due, and no connection was free
    Clock::time_point began_;
    Clock::time_point end_;
    std::uint64_t number_ = 0;
    std::uint64_t sent_ = 0;
    Measured measured_;
};

}  // namespace daybook::bench
