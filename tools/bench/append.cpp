// bench_append: what the appender alone takes, without HTTP and without projections.
#include <ledger/appender.hpp>
#include <ledger/log.hpp>
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

void run(pg::Connection& db, const bench::BenchDatabase& database, std::size_t window,
         std::size_t count, std::size_t bytes, std::uint64_t seed) {
    std::vector<NewEvent> events;
    bench::EventFactory factory(seed, bytes);
    for (std::size_t i = 0; i < count; ++i)
        events.push_back(factory.next());

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
    const auto used = bench::cpu_used(database.server());
    const auto events_sent = static_cast<double>(count);
    fmt::print("{:>8} {:>10} {:>12.0f} {:>14.1f} {:>16.2f} {:>18.2f} {:>8}\n", window, appended,
               events_sent / took.count(),
               events_sent / static_cast<double>(std::max<std::uint64_t>(stats.commits, 1)),
               (used.service - cpu.service) * 1e6 / events_sent,
               (used.postgres - cpu.postgres) * 1e6 / events_sent, failed);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"What the appender alone takes: events waiting, events/s, group size, CPU."};
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
    for (std::uint64_t seed = 1; const auto window : windows) {
        run(db, database, window, std::min(count, std::max<std::size_t>(window * 500, 5000)), bytes,
            seed++);
    }
}
