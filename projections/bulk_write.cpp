#include <projections/bulk_write.hpp>

#include <projections/checkpoint.hpp>
#include <projections/layout.hpp>
#include <projections/ticker.hpp>
#include <projections/turns.hpp>
#include <projections/worker.hpp>

#include <ledger/background.hpp>
#include <ledger/pg/binary.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

namespace daybook::projections {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
constexpr std::size_t chunks_waiting_max = 8;

/// So many tables are worked on at once: enough for all cores to have something to do, few enough
/// that a reader's query is not one of a dozen that want one.
int turns_at_once() {
    return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

/// One new table, filled by binary COPY over a connection, in a transaction and on a thread of its
/// own: one walk over the entities fills all tables at once without holding their rows, and
/// Postgres need not log the bytes of a table that is not there unless it commits
/// (wal_level = minimal).
class TableLoad {
public:
    TableLoad(const LogOptions& log, std::string_view schema, PhysicalTable table, Turns& turns)
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
        chunk_.assign(pg::copy_header);
        writer_.emplace(
            chunks_waiting_max,
            [this, &turns](const std::string& chunk) {
                const Turn turn(turns);
                db_.copy_put(chunk);
            },
            [this, &turns] {
                const Turn turn(turns);
                complete();
            });
    }
    void row(std::string_view fields) {
        pg::put<std::int16_t>(chunk_, static_cast<std::int16_t>(table_.fields + 1));
        pg::put<std::int32_t>(chunk_, 4);
        pg::put<std::int32_t>(chunk_, log_id_);
        chunk_.append(fields);
        if (chunk_.size() < chunk_bytes) return;
        writer_->push(std::move(chunk_));
        chunk_.clear();
        chunk_.reserve(chunk_bytes + chunk_bytes / 8);
    }
    /// That was the last row. The rest goes on without the caller.
    void close() {
        pg::put<std::int16_t>(chunk_, -1);
        writer_->push(std::move(chunk_));
        writer_->close();
    }
    /// Waits until the table is there with its indexes.
    void finish() { writer_->finish(); }

private:
    void complete() {
        db_.copy_end();
        create_indexes(db_, table_, schema_);
        // A small sample: enough for the planner until autovacuum takes a closer look.
        db_.run("SET LOCAL default_statistics_target = 10");
        db_.run("ANALYZE " + name());
        db_.run("COMMIT");
    }
    [[nodiscard]] std::string name() const {
        return pg::quoted(schema_) + "." + pg::quoted(table_.name);
    }

    pg::Connection db_;  // the writer's
    const std::int32_t log_id_;
    const std::string schema_;
    const PhysicalTable table_;
    std::string chunk_;
    std::optional<Worker<std::string>> writer_;
};

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

/// The tables of one group.
class GroupLoad {
public:
    GroupLoad(const LogOptions& log, Site site, BulkFold bulk, Turns& turns)
        : log_(log), site_(std::move(site)), bulk_(std::move(bulk)) {
        for (auto& table : physical_tables(*bulk_.group))
            loads_.push_back(
                std::make_unique<TableLoad>(log, site_.schema, std::move(table), turns));
    }

    /// Empties the fold into the tables, which are still being loaded when this returns.
    void fill(std::int64_t position, Ticker& ticker) {
        members_ = nothing_folded(bulk_, position);
        Row state;
        bulk_.fold->drain([&](std::string_view key, const Resting& resting, const RowSink& rows) {
            state.clear();
            state.text(key).text_or_null(resting.forward).bytes_or_null(resting.state);
            loads_.back()->row(state.bytes());
            for (const auto& [index, row] : rows.entries())
                loads_[index]->row(row.bytes());
            count_rows(*bulk_.group, rows, members_);
            ticker.add(static_cast<std::int64_t>(rows.entries().size()));
        });
        for (auto& load : loads_)
            load->close();
    }

    /// Waits for the tables. The checkpoints come last: tables without them are the rest of a
    /// failed attempt.
    std::vector<Folded> finish() {
        for (auto& load : loads_)
            load->finish();
        pg::Connection db(log_.conninfo);
        pg::Transaction transaction(db);
        for (const auto& member : members_) {
            const auto place = site_.place(*member.projection);
            write_set_aside(db, place, bulk_);
            write_checkpoint(
                db, place,
                {member.position, member.digest, member.projection->version, log_.livemode, 0});
        }
        transaction.commit();
        return members_;
    }

private:
    const LogOptions& log_;
    const Site site_;
    BulkFold bulk_;
    std::vector<std::unique_ptr<TableLoad>> loads_;
    std::vector<Folded> members_;
};

std::vector<Folded> write_all(const LogOptions& log, std::int64_t position,
                              std::vector<BulkFold>& folds, const SchemaOf& schema_of,
                              const OnProgress& progress) {
    // One walk after the other: while indexes of the first are built, the next one is on its way.
    Turns turns(turns_at_once());
    std::vector<std::unique_ptr<GroupLoad>> loads;
    Ticker ticker(progress, "write", 0);
    for (auto& fold : folds) {
        const auto& group = *fold.group;
        loads.push_back(std::make_unique<GroupLoad>(log, Site{log.log_id, schema_of(group), &group},
                                                    std::move(fold), turns));
        loads.back()->fill(position, ticker);
    }
    std::vector<Folded> written;
    for (auto& load : loads)
        std::ranges::copy(load->finish(), std::back_inserter(written));
    return written;
}

}  // namespace

std::vector<Folded> bulk_write(const LogOptions& log, std::int64_t position,
                               std::vector<BulkFold> folds, const SchemaOf& schema_of,
                               const OnProgress& progress) {
    return in_background([&] { return write_all(log, position, folds, schema_of, progress); });
}

}  // namespace daybook::projections
