#include <projections/bulk.hpp>

#include <projections/feed.hpp>
#include <projections/layout.hpp>
#include <projections/projector.hpp>
#include <projections/stripe/codec.hpp>

#include <ledger/log.hpp>
#include <ledger/pg/binary.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace daybook::projections {
namespace {

constexpr std::size_t queue_batches_max = 8;
constexpr std::size_t batch_events = 512;
constexpr std::size_t copy_chunk_bytes = std::size_t{256} << 10;
constexpr auto progress_every = std::chrono::milliseconds(200);

using SharedBatch = std::shared_ptr<const Batch>;

/// One producer, one consumer. Full: the producer waits. `close` ends the consumer.
class BatchQueue {
public:
    void push(SharedBatch batch) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return batches_.size() < queue_batches_max || failed_; });
        if (failed_) std::rethrow_exception(failed_);
        batches_.push_back(std::move(batch));
        changed_.notify_all();
    }
    /// Null at the end.
    SharedBatch pop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !batches_.empty() || closed_; });
        if (batches_.empty()) return nullptr;
        auto batch = std::move(batches_.front());
        batches_.pop_front();
        changed_.notify_all();
        return batch;
    }
    void close() {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }
    /// The consumer cannot go on.
    void fail(std::exception_ptr failure) {
        const std::scoped_lock lock(mutex_);
        failed_ = std::move(failure);
        changed_.notify_all();
    }
    void check() {
        const std::scoped_lock lock(mutex_);
        if (failed_) std::rethrow_exception(failed_);
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<SharedBatch> batches_;
    bool closed_ = false;
    std::exception_ptr failed_;
};

void fold_batch(BulkFold& bulk, const Batch& batch) {
    for (const auto& event : batch.events) {
        if (!handles(*bulk.projection, event.type)) continue;
        const auto set_aside = [&](std::string error) {
            bulk.set_aside.emplace(event.position,
                                   BulkFold::SetAside{std::string(event.id), std::move(error)});
        };
        if (!event.error.empty()) {
            set_aside(std::string(event.error));
            continue;
        }
        try {
            bulk.fold->apply(event);
        } catch (const std::exception& error) {
            set_aside(error.what());
        }
    }
}

/// A folding thread behind its queue; joins on destruction.
class Folder {
public:
    explicit Folder(BulkFold& bulk)
        : thread_([this, &bulk] {
              try {
                  while (const auto batch = queue_.pop())
                      fold_batch(bulk, *batch);
              } catch (...) {
                  queue_.fail(std::current_exception());
              }
          }) {}
    ~Folder() {
        queue_.close();
        if (thread_.joinable()) thread_.join();
    }
    void push(SharedBatch batch) { queue_.push(std::move(batch)); }
    /// Waits until all is folded; throws what the folding threw.
    void finish() {
        queue_.close();
        thread_.join();
        queue_.check();
    }

private:
    BatchQueue queue_;
    std::thread thread_;
};

/// Calls through at most five times a second.
class Ticker {
public:
    Ticker(const OnProgress& progress, std::string_view stage, std::int64_t total)
        : progress_(progress), stage_(stage), total_(total) {}
    void at(std::int64_t done, bool last = false) {
        if (!progress_) return;
        const auto now = std::chrono::steady_clock::now();
        if (!last && now - told_ < progress_every) return;
        told_ = now;
        progress_({stage_, done, total_});
    }

private:
    const OnProgress& progress_;
    const std::string_view stage_;
    const std::int64_t total_;
    std::chrono::steady_clock::time_point told_;
};

/// One new table, filled by binary COPY over a connection and in a transaction of its own: one
/// walk over the entities fills all tables at once without holding their rows, and Postgres need
/// not log the bytes of a table that is not there unless it commits (wal_level = minimal).
class TableLoad {
public:
    TableLoad(const LogOptions& log, std::string_view schema, PhysicalTable table)
        : db_(log.conninfo, std::chrono::seconds(0)),
          log_id_(log.log_id),
          schema_(schema),
          table_(std::move(table)) {
        db_.run("BEGIN");
        // The tables are built side by side; workers for each index would only be in the way.
        db_.run("SET LOCAL max_parallel_maintenance_workers = 0");
        create_table(db_, table_, schema_);
        db_.copy_in("COPY " + name() + " (log_id, " + table_.columns +
                    ") FROM STDIN (FORMAT binary, FREEZE)");
        chunk_.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    }
    void row(std::string_view fields) {
        pg::put<std::int16_t>(chunk_, static_cast<std::int16_t>(table_.fields + 1));
        pg::put<std::int32_t>(chunk_, 4);
        pg::put<std::int32_t>(chunk_, log_id_);
        chunk_.append(fields);
        if (chunk_.size() < copy_chunk_bytes) return;
        db_.copy_put(chunk_);
        chunk_.clear();
    }
    /// Ends the COPY and builds the indexes on a thread of its own.
    void finish() {
        thread_ = std::jthread([this] {
            try {
                pg::put<std::int16_t>(chunk_, -1);
                db_.copy_put(chunk_);
                db_.copy_end();
                create_indexes(db_, table_, schema_);
                // A small sample: enough for the planner until autovacuum takes a closer look.
                db_.run("SET LOCAL default_statistics_target = 10");
                db_.run("ANALYZE " + name());
                db_.run("COMMIT");
            } catch (...) {
                failure_ = std::current_exception();
            }
        });
    }
    void wait() {
        thread_.join();
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    [[nodiscard]] std::string name() const {
        return pg::quoted(schema_) + "." + pg::quoted(table_.name);
    }

    pg::Connection db_;  // of the thread once there is one
    const std::int32_t log_id_;
    const std::string schema_;
    const PhysicalTable table_;
    std::string chunk_;
    std::exception_ptr failure_;
    std::jthread thread_;
};

std::string encoded(std::string_view key, const Resting& resting) {
    Row row;
    row.text(key).text_or_null(resting.forward).bytes_or_null(resting.state);
    return row.bytes();
}

void write_set_aside(pg::Connection& db, const Place& place, const BulkFold& bulk) {
    for (const auto& [position, what] : bulk.set_aside)
        db.run(
            "INSERT INTO ledger.exceptions (log_id, schema_name, projection, position,"
            " event_id, error) VALUES ($1, $2, $3, $4, $5, $6)",
            pg::Params()
                .number(place.log_id)
                .text(place.schema)
                .text(place.projection)
                .number(position)
                .text(what.event_id)
                .text(what.error));
}

}  // namespace

std::vector<BulkFold> bulk_fold(const LogOptions& log,
                                const std::vector<const Projection*>& projections,
                                std::int64_t upto, const OnProgress& progress) {
    std::vector<BulkFold> folds;
    std::vector<std::string_view> types;
    for (const auto* projection : projections) {
        folds.push_back({projection, projection->fold(), {}});
        types.insert(types.end(), projection->types.begin(), projection->types.end());
    }
    std::ranges::sort(types);
    types.erase(std::ranges::unique(types).begin(), types.end());

    std::vector<std::unique_ptr<Folder>> folders;
    for (auto& fold : folds)
        folders.push_back(std::make_unique<Folder>(fold));

    // Parsing where the bytes come in, while they are hot, beats a thread more for it.
    pg::Connection db(log.conninfo, std::chrono::seconds(0));
    stripe::Codec codec;
    Ticker ticker(progress, "fold", upto);
    std::shared_ptr<Batch> batch;
    const auto hand_out = [&] {
        for (auto& folder : folders)
            folder->push(batch);
        batch.reset();
    };
    scan(db, log.log_id, {0, upto, log.livemode, types}, [&](const LogRow& row) {
        if (!batch) {
            batch = std::make_shared<Batch>();
            batch->events.reserve(batch_events);
        }
        codec.read(row, batch->arena, batch->events.emplace_back());
        if (batch->events.size() < batch_events) return;
        ticker.at(row.position);
        hand_out();
    });
    if (batch) hand_out();
    for (auto& folder : folders)
        folder->finish();
    ticker.at(upto, true);
    return folds;
}

Folded bulk_write(const LogOptions& log, const Place& place, std::int64_t position, BulkFold bulk,
                  const OnProgress& progress) {
    const auto& projection = *bulk.projection;
    std::vector<std::unique_ptr<TableLoad>> loads;
    for (auto& table : physical_tables(projection))
        loads.push_back(std::make_unique<TableLoad>(log, place.schema, std::move(table)));

    Folded folded{&projection, position, {}, 0, static_cast<std::int64_t>(bulk.set_aside.size())};
    Ticker ticker(progress, "write", 0);
    bulk.fold->drain([&](std::string_view key, const Resting& resting, RowSink& sink) {
        loads.back()->row(encoded(key, resting));
        for (const auto& [index, row] : sink.entries()) {
            const auto& table = projection.tables[index];
            loads[index]->row(row.bytes());
            folded.digest.add(table.name, business_fields(table, row.bytes()));
            ++folded.rows;
        }
        ticker.at(folded.rows);
    });
    for (auto& load : loads)
        load->finish();
    for (auto& load : loads)
        load->wait();

    // The checkpoint comes last: tables without one are the rest of a failed attempt.
    pg::Connection db(log.conninfo);
    pg::Transaction transaction(db);
    write_set_aside(db, place, bulk);
    write_checkpoint(db, place, {position, folded.digest, projection.version, log.livemode, 0});
    transaction.commit();
    ticker.at(folded.rows, true);
    return folded;
}

std::vector<Folded> bulk_write_all(const LogOptions& log, std::int64_t position,
                                   std::vector<BulkFold> folds,
                                   const std::function<std::string(const Projection&)>& schema_of,
                                   const OnProgress& progress) {
    std::mutex mutex;  // guards next, failure, told
    std::size_t next = 0;
    std::exception_ptr failure;
    std::vector<Folded> written(folds.size());
    const OnProgress one_at_a_time = [&](const Progress& now) {
        const std::scoped_lock lock(mutex);
        if (progress) progress(now);
    };
    const auto work = [&] {
        for (;;) {
            std::size_t mine = 0;
            {
                const std::scoped_lock lock(mutex);
                if (next == folds.size() || failure) return;
                mine = next++;
            }
            try {
                const auto& projection = *folds[mine].projection;
                written[mine] =
                    bulk_write(log, {log.log_id, schema_of(projection), projection.name}, position,
                               std::move(folds[mine]), one_at_a_time);
            } catch (...) {
                const std::scoped_lock lock(mutex);
                failure = std::current_exception();
            }
        }
    };
    {
        const std::jthread other(work);
        work();
    }
    if (failure) std::rethrow_exception(failure);
    return written;
}

Folded bulk_digest(BulkFold bulk, std::int64_t position) {
    Folded folded{
        bulk.projection, position, {}, 0, static_cast<std::int64_t>(bulk.set_aside.size())};
    bulk.fold->drain([&](std::string_view, const Resting&, RowSink& sink) {
        for (const auto& [index, row] : sink.entries()) {
            const auto& table = bulk.projection->tables[index];
            folded.digest.add(table.name, business_fields(table, row.bytes()));
            ++folded.rows;
        }
    });
    return folded;
}

}  // namespace daybook::projections
