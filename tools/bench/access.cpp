// How fast "may this user use this product?" is answered, at a fixed rate, beside webhooks.
#include <api/keys.hpp>
#include <api/signature.hpp>
#include <ledger/appender.hpp>
#include <tools/bench/bench_database.hpp>
#include <tools/bench/child.hpp>
#include <tools/bench/events.hpp>
#include <tools/bench/paced_load.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <latch>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace daybook;

struct Options {
    double seconds = 10;
    double rate = 2000;
    double webhooks = 300;
    std::size_t connections = 32;
    std::size_t orders = 20'000;
};

constexpr char secret[] = "whsec_bench";
constexpr std::uint16_t port = 18281;
constexpr std::size_t events_an_order = 6;

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Fills the log with orders that are paid.
void append_orders(const bench::BenchDatabase& database, std::size_t orders) {
    AppenderLimits limits;
    limits.queue_events_max = 1 << 20;
    limits.queue_bytes_max = std::size_t{4} << 30;
    Appender appender(database.service(), 0, limits);
    bench::EventFactory events(7);
    std::latch done(static_cast<std::ptrdiff_t>(orders * events_an_order));
    for (std::size_t i = 0; i < orders * events_an_order; ++i)
        appender.submit(events.next(), [&done](const AppendOutcome&) { done.count_down(); });
    done.wait();
}

/// Users and products of the entitlements, once the service has folded all.
Pairs pairs_of(pg::Connection& db) {
    for (;;) {
        const auto behind = db.run(
            "SELECT count(*) FROM ledger.heads h LEFT JOIN ledger.projections p "
            "ON p.schema_name = 'app' AND p.name = 'entitlements' AND p.position >= h.position "
            "WHERE p.name IS NULL");
        if (behind.number(0, 0) == 0) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    const auto rows =
        db.run("SELECT user_id, product_id FROM app.entitlements ORDER BY md5(source_id)");
    Pairs pairs;
    for (int row = 0; row < rows.rows(); ++row)
        pairs.emplace_back(rows.text(row, 0), rows.text(row, 1));
    if (pairs.empty()) throw std::runtime_error("nobody is entitled to anything");
    return pairs;
}

bench::RequestMaker ask_for(const Pairs& pairs, std::string key) {
    return [&pairs, key = std::move(key)](std::uint64_t number) {
        const auto& [user, product] = pairs[number * 7919 % pairs.size()];
        return fmt::format(
            "GET /access?user_id={}&product_id={} HTTP/1.1\r\nHost: localhost\r\n"
            "Authorization: Bearer {}\r\n\r\n",
            user, product, key);
    };
}

bench::RequestMaker webhooks() {
    const auto seed =
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    return [events = std::make_shared<bench::EventFactory>(seed)](std::uint64_t) {
        const auto event = events->next();
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch());
        const auto timestamp = std::to_string(now.count());
        return fmt::format(
            "POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\n"
            "Stripe-Signature: t={},v1={}\r\nContent-Length: {}\r\n\r\n{}",
            timestamp, api::sign(secret, timestamp, event.payload), event.payload.size(),
            event.payload);
    };
}

void row(const char* what, const bench::Measured& measured) {
    std::uint64_t others = 0;
    for (const auto& [status, count] : measured.others)
        others += count;
    fmt::print("{:<12} {:>9.0f} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f} {:>9}\n", what,
               measured.per_second(), measured.quantile(0.5), measured.quantile(0.99),
               measured.quantile(0.999), measured.quantile(1), others);
}

bench::Child start_service(const char* argv0, const std::string& conninfo) {
    const auto set = [](const char* name, const std::string& value) {
        setenv(name, value.c_str(), 1);  // NOLINT: no thread is running
    };
    set("DATABASE_URL", conninfo);
    set("DAYBOOK_LISTEN", fmt::format("127.0.0.1:{}", port));
    set("DAYBOOK_LOG_LEVEL", "warn");
    set("STRIPE_WEBHOOK_SECRET", secret);
    set("STRIPE_CONNECT_WEBHOOK_SECRET", secret);
    const auto program = std::filesystem::path(argv0).parent_path() / "daybook";
    return bench::Child({program.string(), "serve"});
}

int run(const Options& options, const char* argv0) {
    const bench::BenchDatabase database;
    pg::Connection db(database.owner());
    const auto key = api::create_key(db, "bench", {"access:read"}).key;
    append_orders(database, options.orders);
    auto service = start_service(argv0, database.owner());
    bench::port_in(service.line());
    const auto pairs = pairs_of(db);

    boost::asio::io_context io(1);
    bench::PacedLoad access(io, port, options.connections, options.rate, ask_for(pairs, key));
    bench::PacedLoad deliveries(io, port, 16, std::max(options.webhooks, 0.001), webhooks());
    const auto cpu = service.cpu_seconds();
    access.start(options.seconds + 1);
    deliveries.start(options.seconds + 1);
    io.run();
    const auto asked = access.measured();
    fmt::print("{} entitlements, {} connections\n", pairs.size(), options.connections);
    fmt::print("{:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", "per s", "p50 ms", "p99 ms",
               "p99.9 ms", "max ms", "not 2xx");
    row("access", asked);
    if (options.webhooks > 0) row("webhooks", deliveries.measured());
    fmt::print("the service used {:.2f} of a core\n",
               (service.cpu_seconds() - cpu) / (options.seconds + 1));
    return asked.others.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Asks GET /access at a fixed rate while webhooks come in.");
    app.add_option("--seconds", options.seconds, "measured time")->capture_default_str();
    app.add_option("--rate", options.rate, "questions a second")->capture_default_str();
    app.add_option("--webhooks", options.webhooks, "webhooks a second")->capture_default_str();
    app.add_option("--connections", options.connections, "keep-alive")->capture_default_str();
    app.add_option("--orders", options.orders, "paid before it starts")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options, argv[0]);
    } catch (const std::exception& error) {
        std::cerr << "bench_access: " << error.what() << '\n';
        return 2;
    }
}
