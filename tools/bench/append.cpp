// bench_append: what the appender alone takes, without HTTP and without projections; and COPY.
#include <ledger/appender.hpp>
#include <ledger/log.hpp>
#include <ledger/pg/binary.hpp>
#include <ledger/sha256.hpp>
#include <projections/table.hpp>
#include <tools/bench/bench_database.hpp>
#include <tools/bench/cpu.hpp>
#include <tools/bench/events.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>

namespace {

using namespace daybook;
using Clock = std::chrono::steady_clock;

/// Lets at most `window` events wait for their commit.
class Window {
public:
    explicit Window(std::size_t window) : window_(window) {}
    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_ < window_; });
        ++open_;
    }
    void leave(bool ok) {
        const std::scoped_lock lock(mutex_);
        --open_;
        if (!ok) ++failed_;
        changed_.notify_one();
    }
    std::size_t drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_ == 0; });
        return failed_;
    }

private:
    const std::size_t window_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t open_ = 0;
    std::size_t failed_ = 0;
};

std::vector<NewEvent> made(std::size_t count, std::size_t bytes, std::uint64_t seed) {
    std::vector<NewEvent> events;
    bench::EventFactory factory(seed, bytes);
    for (std::size_t i = 0; i < count; ++i)
        events.push_back(factory.next());
    return events;
}

/// Prints a line of the table and returns events/s.
double line(std::string_view what, std::int64_t appended, double seconds, double a_commit,
            const bench::Cpu& before, const bench::Cpu& after, std::size_t failed) {
    const auto events = static_cast<double>(appended);
    fmt::print("{:>8} {:>10} {:>12.0f} {:>14.1f} {:>16.2f} {:>18.2f} {:>8}\n", what, appended,
               events / seconds, a_commit, (after.service - before.service) * 1e6 / events,
               (after.postgres - before.postgres) * 1e6 / events, failed);
    std::fflush(stdout);
    return events / seconds;
}

double run(pg::Connection& db, const bench::BenchDatabase& database, std::size_t window,
           std::size_t count, std::size_t bytes, std::uint64_t seed) {
    auto events = made(count, bytes, seed);

    Appender appender(database.service(), 0);
    while (!appender.stats().connected)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto head = head_position(db, 0);
    const auto cpu = bench::cpu_used(database.server());
    const auto started = Clock::now();
    Window waiting(window);
    for (auto& event : events) {
        waiting.enter();
        appender.submit(std::move(event),
                        [&](AppendOutcome outcome) { waiting.leave(outcome.has_value()); });
    }
    const auto failed = waiting.drain();
    const std::chrono::duration<double> took = Clock::now() - started;
    const auto stats = appender.stats();
    const auto appended = head_position(db, 0) - head;
    return line(std::to_string(window), appended, took.count(),
                static_cast<double>(appended) /
                    static_cast<double>(std::max<std::uint64_t>(stats.commits, 1)),
                cpu, bench::cpu_used(database.server()), failed);
}

/// An event as COPY takes it.
void encode(const NewEvent& event, std::int64_t position, std::string& out) {
    constexpr std::int16_t columns = 15;
    pg::put<std::int16_t>(out, columns);
    pg::put<std::int32_t>(out, sizeof(std::int32_t));
    pg::put<std::int32_t>(out, 0);  // log_id
    projections::Row row;
    row.number(position)
        .text(event.event_id)
        .text(name(event.source))
        .text(event.type)
        .text_or_null(event.object_id)
        .text_or_null(event.account)
        .boolean(event.livemode)
        .text_or_null(event.api_version)
        .number(event.occurred_at - pg::postgres_epoch_us)
        .number(event.occurred_at - pg::postgres_epoch_us)
        .text_or_null(event.causation_id)
        .text_or_null(event.correlation_id)
        .bytes_or_null(event.payload)
        .bytes_or_null(sha256(event.payload));
    out += row.bytes();
}

/// The same rows by COPY, Postgres's fastest way in, into a table with the same keys: nobody finds
/// duplicates, hands out positions or tells others. As many in a transaction as an append has.
double copied(pg::Connection& db, const bench::BenchDatabase& database, std::size_t count,
              std::size_t bytes, std::uint64_t seed) {
    constexpr std::size_t a_commit = 1024;
    db.run("DROP TABLE IF EXISTS copied");
    db.run("CREATE TABLE copied (LIKE ledger.events INCLUDING ALL)");
    const auto events = made(count, bytes, seed);
    const auto cpu = bench::cpu_used(database.server());
    const auto started = Clock::now();
    std::string group;
    for (std::size_t i = 0; i < count; ++i) {
        if (group.empty()) group.assign(pg::copy_header);
        encode(events[i], static_cast<std::int64_t>(i) + 1, group);
        if ((i + 1) % a_commit != 0 && i + 1 < count) continue;
        pg::put<std::int16_t>(group, -1);
        db.copy_in("COPY copied FROM STDIN (FORMAT binary)");
        db.copy_put(group);
        db.copy_end();
        group.clear();
    }
    const std::chrono::duration<double> took = Clock::now() - started;
    return line("COPY", static_cast<std::int64_t>(count), took.count(), a_commit, cpu,
                bench::cpu_used(database.server()), 0);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "What the appender alone takes: events waiting, events/s, group size, CPU. Last, the same\n"
        "rows by COPY over one connection: the ceiling."};
    std::size_t bytes = 3072;
    std::size_t count = 200'000;
    std::vector<std::size_t> windows = {1, 16, 64, 256, 4096};
    app.add_option("--bytes", bytes, "size of an event");
    app.add_option("--events", count, "events at the largest window; fewer at small ones");
    app.add_option("--waiting", windows, "how many events may wait at once")->delimiter(',');
    CLI11_PARSE(app, argc, argv);

    const bench::BenchDatabase database;
    pg::Connection db(database.owner());
    fmt::print("fsync {}, synchronous_commit {}, events of {} bytes\n",
               db.run("SHOW fsync").text(0, 0), db.run("SHOW synchronous_commit").text(0, 0),
               bytes);
    fmt::print("{:>8} {:>10} {:>12} {:>14} {:>16} {:>18} {:>8}\n", "waiting", "appended",
               "events/s", "events/commit", "client us/event", "Postgres us/event", "failed");
    double rate = 0;
    std::uint64_t seed = 1;
    for (const auto window : windows)
        rate = run(db, database, window, std::min(count, std::max<std::size_t>(window * 500, 5000)),
                   bytes, seed++);
    fmt::print("the last is {:.2f} of COPY\n", rate / copied(db, database, count, bytes, seed));
}
