// What the gateway costs: the same payment intents through it and straight to the simulator, and
// the two durable commits that an action needs, alone.
#include <ledger/appender.hpp>
#include <tools/bench/bench_database.hpp>
#include <tools/bench/child.hpp>
#include <tools/bench/http_load.hpp>

#include <api/keys.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

namespace {

using namespace daybook;
using bench::Measured;

struct Options {
    double seconds = 6;
    std::vector<std::size_t> connections = {1, 50};
    bool webhooks = false;
    int stripe_ms = 0;
};

constexpr char simulator_key[] = "sk_test_0123456789";
constexpr std::size_t record_bytes = 1200;  // of a request; an outcome is about twice that

/// A payment intent through `host`, each with a key of its own.
bench::RequestMaker create_intents(std::string key) {
    const auto run = std::chrono::steady_clock::now().time_since_epoch().count();
    return [key = std::move(key), run](std::uint64_t number) {
        const auto body = fmt::format("amount={}&currency=usd&metadata[order_id]=o_{}_{}",
                                      1000 + number, run, number);
        return fmt::format(
            "POST /v1/payment_intents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
            "Idempotency-Key: bench-{}-{}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: {}\r\n\r\n{}",
            key, run, number, body.size(), body);
    };
}

/// Two appends with Stripe's time between them, which does not count and varies as in slow_down(),
/// by each of `clients` that do nothing else.
class Commits {
public:
    Commits(Appender& appender, std::size_t clients, std::chrono::milliseconds between)
        : appender_(appender), clients_(clients), between_(between) {}

    Measured run(double seconds) {
        const auto began = Clock::now();
        until_ = began + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>(seconds));
        auto busy = boost::asio::make_work_guard(io_);
        for (std::size_t client = 0; client < clients_; ++client)
            first(client, 0);
        while (clients_ > 0)
            io_.run_one();
        measured_.seconds = std::chrono::duration<double>(Clock::now() - began).count();
        std::ranges::sort(measured_.latencies_ms);
        return std::move(measured_);
    }

private:
    using Clock = std::chrono::steady_clock;

    NewEvent event(std::size_t client, std::uint64_t turn, const char* what, std::size_t bytes) {
        NewEvent made;
        made.event_id = fmt::format("act_{}_{}_{}.{}", run_, client, turn, what);
        made.source = Source::action;
        made.type = "action.measured";
        made.payload = R"({"filler":")" + std::string(bytes, 'x') + "\"}";
        return made;
    }
    /// Calls `then` on the thread of run(), with what the append took.
    template <class Then>
    void append(NewEvent event, Then then) {
        appender_.submit(
            std::move(event), [this, began = Clock::now(), then](const AppendOutcome&) {
                boost::asio::post(io_, [then, took = Clock::now() - began] { then(took); });
            });
    }
    void first(std::size_t client, std::uint64_t turn) {
        append(event(client, turn, "requested", record_bytes), [=, this](Clock::duration took) {
            if (between_.count() == 0) return second(client, turn, took);
            const auto pause = between_ * (2 + (client + turn) % 3) / 3;
            const auto timer = std::make_shared<boost::asio::steady_timer>(io_, pause);
            timer->async_wait([=, this](auto) {
                static_cast<void>(timer);
                second(client, turn, took);
            });
        });
    }
    void second(std::size_t client, std::uint64_t turn, Clock::duration before) {
        append(event(client, turn, "outcome", 2 * record_bytes), [=, this](Clock::duration took) {
            const std::chrono::duration<float, std::milli> both = before + took;
            measured_.latencies_ms.push_back(both.count());
            if (Clock::now() < until_) return first(client, turn + 1);
            --clients_;
        });
    }

    Appender& appender_;
    boost::asio::io_context io_{1};
    std::size_t clients_;
    const std::chrono::milliseconds between_;
    Measured measured_;
    Clock::time_point until_;
    const std::int64_t run_ = Clock::now().time_since_epoch().count();
};

std::string beside(const char* argv0, const char* program) {
    return (std::filesystem::path(argv0).parent_path() / program).string();
}

void row(std::size_t connections, const char* what, const Measured& measured) {
    std::uint64_t others = 0;
    for (const auto& [status, count] : measured.others)
        others += count;
    fmt::print("{:>11} {:<26} {:>9.0f} {:>9.3f} {:>9.3f} {:>9}\n", connections, what,
               measured.per_second(), measured.quantile(0.5), measured.quantile(0.99), others);
}

/// Makes the simulator take as long as Stripe does, whose calls take a tenth of a second and more:
/// a third each takes two thirds of it, all, and four thirds, so that calls do not march in step.
void slow_down(std::uint16_t simulator, int milliseconds) {
    const auto slow = [](const char* rate, int delay) {
        return fmt::format(
            R"({{"kind":"slow","route":"POST /v1/payment_intents","rate":{},"seed":{},)"
            R"("delay_ms":{}}})",
            rate, delay, delay);
    };
    // The last one that strikes counts.
    const auto rule = fmt::format("[{},{},{}]", slow("1", milliseconds * 4 / 3),
                                  slow("0.5", milliseconds), slow("0.3333", milliseconds * 2 / 3));
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::address_v4::loopback(), simulator});
    boost::asio::write(socket,
                       boost::asio::buffer(fmt::format(
                           "POST /_sim/faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                           "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                           rule.size(), rule)));
    std::string answer(12, ' ');
    boost::asio::read(socket, boost::asio::buffer(answer));
    if (answer != "HTTP/1.1 200") throw std::runtime_error("the simulator said " + answer);
}

/// The simulator and the service as programs of their own, on one database.
struct Service {
    Service(const char* argv0, const std::string& conninfo, bool webhooks)
        : simulator(simulator_command(argv0, webhooks)) {
        simulator_port = bench::port_in(simulator.line());
        const auto set = [](const char* name, const std::string& value) {
            setenv(name, value.c_str(), 1);  // NOLINT: no thread is running
        };
        set("DATABASE_URL", conninfo);
        set("DAYBOOK_LISTEN", "127.0.0.1:18280");
        set("DAYBOOK_LOG_LEVEL", "warn");
        set("STRIPE_WEBHOOK_SECRET", "whsec_bench");
        set("STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_bench");
        set("STRIPE_SECRET_KEY", simulator_key);
        set("STRIPE_API_BASE", fmt::format("http://127.0.0.1:{}", simulator_port));
        set("DAYBOOK_STRIPE_RATE", "0");
        set("DAYBOOK_STRIPE_IN_FLIGHT", "64");
        daybook.emplace(std::vector<std::string>{beside(argv0, "daybook"), "serve"});
        port = bench::port_in(daybook->line());
    }
    static std::vector<std::string> simulator_command(const char* argv0, bool webhooks) {
        std::vector<std::string> command = {beside(argv0, "stripe-sim"), "--listen", "127.0.0.1:0"};
        if (webhooks)
            for (const auto* word : {"--webhook", "http://127.0.0.1:18280/webhooks/stripe",
                                     "--webhook-secret", "whsec_bench"})
                command.emplace_back(word);
        return command;
    }

    bench::Child simulator;
    std::uint16_t simulator_port = 0;
    std::optional<bench::Child> daybook;
    std::uint16_t port = 0;
};

int run(const Options& options, const char* argv0) {
    const bench::BenchDatabase database;
    pg::Connection db(database.owner());
    const auto key = api::create_key(db, "bench", {"admin"}).key;
    std::vector<Measured> commits;
    {
        Appender appender(database.service(), 0);
        for (const auto connections : options.connections)
            commits.push_back(
                Commits(appender, connections, std::chrono::milliseconds(options.stripe_ms))
                    .run(options.seconds / 2));
    }
    const Service service(argv0, database.owner(), options.webhooks);
    if (options.stripe_ms > 0) slow_down(service.simulator_port, options.stripe_ms);
    fmt::print("{:>11} {:<26} {:>9} {:>9} {:>9} {:>9}\n", "connections", "", "per s", "p50 ms",
               "p99 ms", "not 2xx");
    for (std::size_t i = 0; i < options.connections.size(); ++i) {
        const auto connections = options.connections[i];
        const auto direct = bench::load(service.simulator_port, connections, options.seconds,
                                        create_intents(simulator_key));
        const auto cpu = service.daybook->cpu_seconds();
        const auto gateway =
            bench::load(service.port, connections, options.seconds, create_intents(key));
        const auto used = service.daybook->cpu_seconds() - cpu;
        row(connections, "straight to the simulator", direct);
        row(connections, "two commits alone", commits[i]);
        row(connections, "through the gateway", gateway);
        const auto over = [&](double part) {
            return gateway.quantile(part) - direct.quantile(part) - commits[i].quantile(part);
        };
        fmt::print(
            "{:>11} {:<26} {:>9} {:>9.3f} {:>9.3f}   {:.0f} µs of CPU an action, {:.0f} MiB\n",
            connections, "overhead", "", over(0.5), over(0.99),
            used * 1e6 / static_cast<double>(std::max<std::size_t>(1, gateway.latencies_ms.size())),
            service.daybook->memory_mib());
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Creates payment intents through the gateway and measures what it adds.");
    app.add_option("--seconds", options.seconds, "measured time of each run")
        ->capture_default_str();
    app.add_option("--connections", options.connections, "calls in flight")->capture_default_str();
    app.add_option("--stripe-ms", options.stripe_ms, "how long Stripe thinks about a call")
        ->capture_default_str();
    app.add_flag("--webhooks", options.webhooks, "the simulator delivers its events, too");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options, argv[0]);
    } catch (const std::exception& error) {
        std::cerr << "bench_actions: " << error.what() << '\n';
        return 2;
    }
}
