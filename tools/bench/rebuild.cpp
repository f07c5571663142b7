// bench_rebuild: all projections from one scan of a long log, beside a reader, with its ceilings.
#include <ledger/appender.hpp>
#include <ledger/log.hpp>
#include <ledger/segments.hpp>
#include <projections/projectors.hpp>
#include <projections/rebuild.hpp>
#include <projections/stripe/codec.hpp>
#include <tools/bench/bench_database.hpp>
#include <tools/bench/cpu.hpp>
#include <tools/bench/events.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stop_token>
#include <thread>

namespace {

using namespace daybook;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A line of /proc/self/status in MiB: VmRSS now, VmHWM at its highest.
double memory_mib(std::string_view name) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(name)) return std::stod(line.substr(name.size() + 1)) / 1024;
    return 0;
}

/// Forgets the highest memory so far, so that the rebuild's own can be read.
void reset_peak() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

void fill(const bench::BenchDatabase& database, std::int64_t count, std::size_t bytes) {
    pg::Connection db(database.owner());
    const auto head = head_position(db, 0);
    if (head >= count) return;
    fmt::print("filling the log with {} events of {} bytes …\n", count - head, bytes);
    std::fflush(stdout);
    std::mutex mutex;
    std::condition_variable changed;
    std::int64_t open = 0;
    bench::EventFactory factory(static_cast<std::uint64_t>(head) + 17, bytes);
    Appender appender(database.service(), 0);
    while (!appender.stats().connected)
        std::this_thread::sleep_for(1ms);
    for (auto left = count - head; left > 0; --left) {
        auto event = factory.next();
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return open < 2000; });
            ++open;
        }
        appender.submit(std::move(event), [&](AppendOutcome outcome) {
            if (!outcome) std::abort();
            const std::scoped_lock lock(mutex);
            --open;
            changed.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return open == 0; });
}

/// Reads a page of orders over and over and keeps the longest wait, and what went on meanwhile.
class Reader {
public:
    explicit Reader(const std::string& conninfo)
        : thread_([this, conninfo](const std::stop_token& stop) {
              pg::Connection db(conninfo);
              while (!stop.stop_requested()) {
                  const auto started = Clock::now();
                  db.run(
                      "SELECT order_id, status FROM app.orders WHERE log_id = 0"
                      " ORDER BY order_id LIMIT 20");
                  const auto took =
                      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started);
                  if (took.count() > longest_) {
                      longest_ = took.count();
                      longest_in_ = stage_.load();
                  }
                  ++reads_;
                  std::this_thread::sleep_for(5ms);
              }
          }) {}
    [[nodiscard]] double longest_ms() const { return static_cast<double>(longest_) / 1000; }
    [[nodiscard]] std::int64_t reads() const { return reads_; }
    void stage(const char* now) { stage_ = now; }
    [[nodiscard]] const char* longest_in() const { return longest_in_; }

private:
    std::atomic<const char*> stage_ = "fold", longest_in_ = "";
    std::atomic<std::int64_t> longest_ = 0;
    std::atomic<std::int64_t> reads_ = 0;
    std::jthread thread_;
};

void line(std::string_view what, double events, double took, std::string_view note) {
    fmt::print("{:<44} {:>9.2f} s {:>11.0f} /s   {}\n", what, took, events / took, note);
    std::fflush(stdout);
}

/// What the same log allows: reading alone, and reading with parsing.
void ceilings(const bench::BenchDatabase& database, std::int64_t head) {
    pg::Connection db(database.owner(), 0s);
    auto started = Clock::now();
    std::size_t bytes = 0;
    scan(db, 0, {0, head, {}, {}}, [&](const LogRow& row) { bytes += row.payload.size(); });
    const auto took = seconds_since(started);
    line("ceiling: read every payload", static_cast<double>(head), took,
         fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6));
    started = Clock::now();
    projections::stripe::Codec codec;
    Arena arena;
    std::int64_t parsed = 0;
    std::vector<projections::Event> events;
    scan(db, 0, {0, head, {}, {}}, [&](const LogRow& row) {
        events.clear();
        arena.clear();
        codec.read(row, arena, events);
        if (!std::holds_alternative<std::monostate>(events.back().object)) ++parsed;
    });
    line("ceiling: read and parse, one thread", static_cast<double>(head), seconds_since(started),
         fmt::format("{} of them mean something to a fold", parsed));
}

/// What the service does by and by while little happens.
void seal_all(const bench::BenchDatabase& database, std::int64_t head) {
    pg::Connection reading(database.service(), 0s);
    pg::Connection writing(database.service(), 0s);
    const auto before = sealed_upto(writing, 0);
    if (head - before < segment_events_max) return;
    const auto cpu = bench::cpu_used(database.server());
    const auto started = Clock::now();
    auto at = before;
    while (head - at >= segment_events_max)
        at += seal(reading, writing, 0, std::min(head, at + 20'000));
    const auto took = seconds_since(started);
    const auto used = bench::cpu_used(database.server());
    const auto bytes = writing.run("SELECT coalesce(sum(length(events)), 0) FROM ledger.segments");
    line("seal", static_cast<double>(at - before), took,
         fmt::format("{} MB; CPU {:.2f} s here, {:.2f} s Postgres", bytes.number(0, 0) / 1'000'000,
                     used.service - cpu.service, used.postgres - cpu.postgres));
}

using Chosen = std::vector<const projections::Projection*>;

/// Those of these names; all when there are none.
Chosen chosen(const std::vector<std::string>& names) {
    if (names.empty())
        return {projections::all_projections().begin(), projections::all_projections().end()};
    Chosen found;
    for (const auto& name : names) {
        const auto* projection = projections::find_projection(name);
        if (!projection) throw std::invalid_argument("there is no projection " + name);
        found.push_back(projection);
    }
    return found;
}

void rebuild_once(const bench::BenchDatabase& database, const Chosen& all, double events,
                  int round) {
    reset_peak();
    Reader reader(database.service());
    const auto cpu = bench::cpu_used(database.server());
    const auto started = Clock::now();
    double folded_at = 0;
    const auto folded = projections::rebuild({database.service(), 0, false}, all,
                                             [&](const projections::Progress& now) {
                                                 if (now.stage == "fold")
                                                     folded_at = seconds_since(started);
                                                 reader.stage(now.stage.data());
                                             });
    const auto took = seconds_since(started);
    const auto used = bench::cpu_used(database.server());
    std::int64_t rows = 0;
    for (const auto& one : folded)
        rows += one.rows;
    line(fmt::format("rebuild {} of {} projections", round, all.size()), events, took,
         fmt::format("fold {:.2f} s, {} rows; CPU {:.2f} s service, {:.2f} s Postgres; peak {:.0f}"
                     " MiB; longest of {} reads {:.1f} ms ({})",
                     folded_at, rows, used.service - cpu.service, used.postgres - cpu.postgres,
                     memory_mib("VmHWM:"), reader.reads(), reader.longest_ms(),
                     reader.longest_in()));
    for (const auto& one : folded)
        fmt::print("    {:<14} {}\n", one.projection->name, one.digest.hex());
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Rebuilds all projections from a long log while a reader reads."};
    std::int64_t count = 1'000'000;
    std::size_t bytes = 3072;
    std::string keep;
    std::vector<std::string> names;
    int rounds = 2;
    bool with_ceilings = true;
    bool sealed = true;
    app.add_option("--events", count, "length of the log");
    app.add_option("--bytes", bytes, "size of an event");
    app.add_option("--projections", names, "these alone; all of them without");
    app.add_option("--rounds", rounds, "how often to rebuild");
    app.add_flag("!--no-ceilings", with_ceilings, "rebuild only");
    app.add_flag("!--unsealed", sealed,
                 "read the rows of the log, as after a rush (empties its segments)");
    app.add_option("--data-dir", keep, "keep the cluster here, to use the same log again");
    CLI11_PARSE(app, argc, argv);

    const auto all = chosen(names);
    const bench::BenchDatabase database(keep);
    {
        // Makes the tables when there are none, as `daybook serve` does.
        const projections::Projectors once({database.service(), 0, false, "bench", true});
        std::this_thread::sleep_for(1500ms);
    }
    fill(database, count, bytes);
    pg::Connection db(database.owner());
    const auto head = head_position(db, 0);
    if (sealed)
        seal_all(database, head);
    else
        db.run("TRUNCATE ledger.segments");
    db.run("CHECKPOINT");
    fmt::print("{} events, memory before {:.0f} MiB\n", head, memory_mib("VmRSS:"));

    if (with_ceilings) ceilings(database, head);
    for (int round = 1; round <= rounds; ++round)
        rebuild_once(database, all, static_cast<double>(head), round);
}
