// Sends signed webhooks over keep-alive connections and prints what came back, and how fast.
#include <api/signature.hpp>
#include <tools/bench/events.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>
#include <boost/asio.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using namespace daybook;
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

struct Options {
    std::string url = "127.0.0.1:8080";
    std::string path = "/webhooks/stripe";
    std::string secret;
    std::string ids_file;
    std::size_t connections = 64;
    double seconds = 10;
    double warm_up = 1;
    std::size_t bytes = 3072;
    std::uint64_t seed = 0;
    bool json = false;
};

/// What the run has measured; one thread.
struct Tally {
    std::vector<float> latencies_ms;  ///< of acknowledged webhooks after the warm-up
    std::map<int, std::uint64_t> others;
    std::uint64_t failures = 0;  ///< connections that broke
    std::vector<std::string> ids;
    bool measuring = false;
    bool over = false;
};

/// One keep-alive connection that sends the next webhook when the last is answered.
class Client : public std::enable_shared_from_this<Client> {
public:
    Client(asio::io_context& io, const Options& options, const tcp::endpoint& server,
           std::uint64_t seed, Tally& tally)
        : socket_(io),
          options_(options),
          server_(server),
          events_(seed, options.bytes),
          tally_(tally) {}

    void start() {
        socket_.async_connect(server_, [self = shared_from_this()](error_code error) {
            if (error) return self->failed();
            self->socket_.set_option(tcp::no_delay(true), error);
            self->send_next();
        });
    }

private:
    void send_next() {
        if (tally_.over) return;
        const NewEvent event = events_.next();
        event_id_ = event.event_id;
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch());
        const auto timestamp = std::to_string(now.count());
        request_.clear();
        fmt::format_to(std::back_inserter(request_),
                       "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Stripe/1.0 "
                       "(+https://stripe.com/docs/webhooks)\r\nContent-Type: application/json; "
                       "charset=utf-8\r\nAccept: */*; q=0.5, application/xml\r\n"
                       "Stripe-Signature: t={},v1={}\r\nContent-Length: {}\r\n\r\n",
                       options_.path, options_.url, timestamp,
                       api::sign(options_.secret, timestamp, event.payload), event.payload.size());
        request_ += event.payload;
        sent_at_ = Clock::now();
        asio::async_write(socket_, asio::buffer(request_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->failed();
                              self->filled_ = 0;
                              self->read();
                          });
    }

    void read() {
        socket_.async_read_some(asio::buffer(answer_.data() + filled_, answer_.size() - filled_),
                                [self = shared_from_this()](error_code error, std::size_t count) {
                                    if (error) return self->failed();
                                    self->filled_ += count;
                                    self->parse();
                                });
    }

    void parse() {
        const std::string_view text(answer_.data(), filled_);
        const auto end = text.find("\r\n\r\n");
        const auto length = text.find("Content-Length: ");
        if (end == std::string_view::npos || length == std::string_view::npos || length > end)
            return filled_ == answer_.size() ? failed() : read();
        if (filled_ < end + 4 + std::strtoul(text.data() + length + 16, nullptr, 10)) return read();
        count(static_cast<int>(std::strtol(text.data() + 9, nullptr, 10)));
        send_next();
    }

    void count(int status) {
        if (status == 200 && !options_.ids_file.empty()) tally_.ids.push_back(event_id_);
        if (!tally_.measuring) return;
        if (status != 200) {
            ++tally_.others[status];
            return;
        }
        const std::chrono::duration<float, std::milli> took = Clock::now() - sent_at_;
        tally_.latencies_ms.push_back(took.count());
    }

    void failed() {
        if (!tally_.over) ++tally_.failures;
    }

    tcp::socket socket_;
    const Options& options_;
    const tcp::endpoint server_;
    bench::EventFactory events_;
    Tally& tally_;
    std::string event_id_;
    std::string request_;
    std::array<char, 4096> answer_{};
    std::size_t filled_ = 0;
    Clock::time_point sent_at_;
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

float quantile(const std::vector<float>& sorted, double part) {
    if (sorted.empty()) return 0;
    const auto index = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
    return sorted[index];
}

void print(const Options& options, Tally& tally, double elapsed, double client_cpu) {
    auto& sorted = tally.latencies_ms;
    std::ranges::sort(sorted);
    const auto count = static_cast<double>(sorted.size());
    std::uint64_t others = 0;
    for (const auto& [status, times] : tally.others)
        others += times;
    if (options.json) {
        fmt::print(
            "{{\"connections\":{},\"acknowledged\":{},\"per_second\":{:.0f},\"p50_ms\":{:.3f},"
            "\"p90_ms\":{:.3f},\"p99_ms\":{:.3f},\"max_ms\":{:.3f},\"not_200\":{},"
            "\"broken\":{},\"client_us\":{:.1f}}}\n",
            options.connections, sorted.size(), count / elapsed, quantile(sorted, 0.5),
            quantile(sorted, 0.9), quantile(sorted, 0.99), quantile(sorted, 1), others,
            tally.failures, count > 0 ? client_cpu * 1e6 / count : 0);
        return;
    }
    fmt::print("{:>11} {:>12} {:>9} {:>9} {:>9} {:>9} {:>8} {:>7} {:>12}\n", "connections",
               "acknowledged", "events/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "non-200",
               "client µs/ev");
    fmt::print("{:>11} {:>12} {:>9.0f} {:>9.3f} {:>9.3f} {:>9.3f} {:>8.1f} {:>7} {:>12.1f}\n",
               options.connections, sorted.size(), count / elapsed, quantile(sorted, 0.5),
               quantile(sorted, 0.9), quantile(sorted, 0.99), quantile(sorted, 1), others,
               count > 0 ? client_cpu * 1e6 / count : 0);
    for (const auto& [status, times] : tally.others)
        fmt::print("{} answers with status {}\n", times, status);
    if (tally.failures > 0) fmt::print("{} connections broke\n", tally.failures);
}

tcp::endpoint resolve(asio::io_context& io, const std::string& url) {
    const auto colon = url.rfind(':');
    if (colon == std::string::npos) throw std::invalid_argument("--url is not host:port");
    tcp::resolver resolver(io);
    return resolver.resolve(url.substr(0, colon), url.substr(colon + 1)).begin()->endpoint();
}

int run(const Options& options) {
    asio::io_context io(1);
    const auto server = resolve(io, options.url);
    Tally tally;
    tally.latencies_ms.reserve(1 << 20);
    // Event ids have to be new in every run, or the log would answer with duplicates.
    const auto seed = options.seed != 0
                          ? options.seed
                          : static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    for (std::size_t i = 0; i < options.connections; ++i)
        std::make_shared<Client>(io, options, server, (seed << 12) + i, tally)->start();

    const auto span = [](double seconds) {
        return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    };
    Clock::time_point began;
    double cpu = 0;
    asio::steady_timer warm(io, span(options.warm_up));
    asio::steady_timer end(io, span(options.warm_up + options.seconds));
    warm.async_wait([&](error_code) {
        tally.measuring = true;
        began = Clock::now();
        cpu = cpu_seconds();
    });
    double elapsed = 0;
    end.async_wait([&](error_code) {
        tally.over = true;
        tally.measuring = false;
        elapsed = std::chrono::duration<double>(Clock::now() - began).count();
        cpu = cpu_seconds() - cpu;
    });
    io.run_for(span(options.warm_up + options.seconds + 10));
    print(options, tally, elapsed, cpu);
    if (!options.ids_file.empty()) {
        std::ofstream file(options.ids_file);
        for (const auto& id : tally.ids)
            file << id << '\n';
    }
    return tally.latencies_ms.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Sends distinct, signed webhooks to a running Daybook and measures the answers.");
    app.add_option("--url", options.url, "host:port of the service")->capture_default_str();
    app.add_option("--path", options.path, "webhook path")->capture_default_str();
    app.add_option("--secret", options.secret, "signing secret (whsec_…)")
        ->required()
        ->envname("STRIPE_WEBHOOK_SECRET");
    app.add_option("--connections", options.connections, "keep-alive connections")
        ->capture_default_str()
        ->check(CLI::Range(1, 4000));
    app.add_option("--seconds", options.seconds, "measured time")->capture_default_str();
    app.add_option("--warm-up", options.warm_up, "time before it")->capture_default_str();
    app.add_option("--bytes", options.bytes, "size of a body, at least")->capture_default_str();
    app.add_option("--seed", options.seed, "for the same events again; 0: new ones each run")
        ->capture_default_str();
    app.add_option("--ids", options.ids_file, "write the acknowledged event ids to this file");
    app.add_flag("--json", options.json, "one line of JSON instead of the table");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options);
    } catch (const std::exception& error) {
        std::cerr << "bench_ingest: " << error.what() << '\n';
        return 2;
    }
}
