#include <projections/replay.hpp>

#include <projections/bulk_write.hpp>
#include <projections/layout.hpp>

#include <ledger/log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace daybook::projections {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A day, to its last microsecond in UTC, or a time with its zone. Postgres would take more, and
/// read 10/11/2026 as October.
Microseconds parse_time(pg::Connection& db, std::string_view text) {
    constexpr auto day = R"(^\d{4}-\d\d-\d\d$)";
    constexpr auto time = R"(^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)$)";
    try {
        const auto row = db.run(
            "SELECT CASE WHEN $1 ~ $2"
            " THEN (extract(epoch FROM ($1 || 'Z')::timestamptz + interval '1 day') * 1000000)"
            "::bigint - 1"
            " WHEN $1 ~ $3 THEN (extract(epoch FROM $1::timestamptz) * 1000000)::bigint END",
            pg::Params().text(text).text(day).text(time));
        if (!row.null(0, 0)) return row.number(0, 0);
    } catch (const pg::Error& error) {
        if (error.connection_lost()) throw;
    }
    throw std::invalid_argument(
        fmt::format("'{}' is neither a position nor a day such as 2026-10-31 nor a time with its "
                    "zone such as 2026-10-31T23:59:59Z",
                    text));
}

/// The last position that was recorded by then. What is being appended now may have got its time
/// already, so this waits for it; and what is yet to come, it cannot know.
std::int64_t position_by(pg::Connection& db, std::int32_t log_id, std::string_view as_of) {
    const auto time = parse_time(db, as_of);
    const auto past = db.run(
        "SELECT $2 < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        " FROM (SELECT FROM ledger.heads WHERE log_id = $1 FOR UPDATE) AS quiet",
        pg::Params().number(log_id).number(time));
    if (!past.boolean(0, 0))
        throw std::invalid_argument(
            fmt::format("{} is not over yet, and more may be recorded by then: name a time that is "
                        "past (a day ends at midnight UTC), or a position",
                        as_of));
    return position_at(db, log_id, time);
}

bool exists(pg::Connection& db, std::int32_t log_id, std::string_view name) {
    return db.run("SELECT 1 FROM ledger.replays WHERE log_id = $1 AND name = $2",
                  pg::Params().number(log_id).text(name))
               .rows() > 0;
}

void forget(pg::Connection& db, std::int32_t log_id, std::string_view name) {
    const auto schema = schema_of(name);
    db.run("DROP SCHEMA IF EXISTS " + pg::quoted(schema) + " CASCADE");
    for (const char* sql : {"DELETE FROM ledger.projections WHERE log_id = $1 AND schema_name = $2",
                            "DELETE FROM ledger.exceptions WHERE log_id = $1 AND schema_name = $2"})
        db.run(sql, pg::Params().number(log_id).text(schema));
    db.run("DELETE FROM ledger.replays WHERE log_id = $1 AND name = $2",
           pg::Params().number(log_id).text(name));
}

/// Keeps the name to this connection as long as it lives: of two replays that begin together the
/// later one would take the tables of the first away. A connection that was closed keeps it for a
/// moment more.
void reserve(pg::Connection& db, std::string_view name) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (!db.run("SELECT pg_try_advisory_lock(hashtextextended('daybook.replay.' || $1, 0))",
                   pg::Params().text(name))
                .boolean(0, 0)) {
        if (std::chrono::steady_clock::now() > until)
            throw std::invalid_argument(
                fmt::format("a replay named '{}' is being made or dropped right now", name));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

bool is_replay_name(std::string_view name) {
    return !name.empty() && name.size() <= 40 && name != "live" &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

void require_set(pg::Connection& db, std::int32_t log_id, std::string_view name) {
    if (name == "live") return;
    if (!is_replay_name(name) || !exists(db, log_id, name))
        throw std::invalid_argument(fmt::format("there is no replay named '{}'", name));
}

std::string schema_of(std::string_view replay) {
    return replay == "live" ? std::string(live_schema) : fmt::format("replay_{}", replay);
}

std::int64_t resolve_as_of(const LogOptions& log, std::string_view as_of) {
    pg::Connection db(log.conninfo);
    const auto head = head_position(db, log.log_id);
    if (!is_number(as_of)) return position_by(db, log.log_id, as_of);
    std::int64_t position = 0;
    const auto [end, error] = std::from_chars(as_of.data(), as_of.data() + as_of.size(), position);
    if (error != std::errc() || position > head)
        throw std::invalid_argument(
            fmt::format("position {} is beyond the end of the log ({})", as_of, head));
    return position;
}

std::vector<Folded> replay(const LogOptions& log, std::string_view as_of, std::string_view name,
                           std::vector<const Projection*> projections, const OnProgress& progress) {
    if (!is_replay_name(name))
        throw std::invalid_argument(fmt::format(
            "'{}' is no name for a replay: use 1 to 40 of a-z, 0-9 and _, but not \"live\"", name));
    pg::Connection db(log.conninfo);
    reserve(db, name);
    if (exists(db, log.log_id, name))
        throw std::invalid_argument(fmt::format(
            "there is a replay named '{}'; drop it first, or choose another name", name));
    const auto position = resolve_as_of(log, as_of);
    const auto schema = schema_of(name);
    {
        pg::Transaction transaction(db);
        forget(db, log.log_id, name);  // what a failed attempt left
        db.run("CREATE SCHEMA " + pg::quoted(schema));
        db.run(fmt::format("GRANT USAGE ON SCHEMA {} TO daybook_reader", pg::quoted(schema)));
        transaction.commit();
    }
    try {
        auto folds = bulk_fold(log, groups_of(projections), position, progress);
        auto written = bulk_write(
            log, position, std::move(folds), [&](const Group&) { return schema; }, progress);
        db.run("INSERT INTO ledger.replays (log_id, name, position, as_of) VALUES ($1, $2, $3, $4)",
               pg::Params().number(log.log_id).text(name).number(position).text(as_of));
        return written;
    } catch (...) {
        forget(db, log.log_id, name);
        throw;
    }
}

std::vector<Replay> list_replays(const LogOptions& log) {
    pg::Connection db(log.conninfo);
    const auto rows = db.run(
        "SELECT r.name, r.position, r.as_of,"
        " to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), p.name"
        " FROM ledger.replays r LEFT JOIN ledger.projections p"
        " ON p.log_id = r.log_id AND p.schema_name = 'replay_' || r.name"
        " WHERE r.log_id = $1 ORDER BY r.created_at, r.name, p.name",
        pg::Params().number(log.log_id));
    std::vector<Replay> replays;
    for (int row = 0; row < rows.rows(); ++row) {
        if (replays.empty() || replays.back().name != rows.text(row, 0))
            replays.push_back({std::string(rows.text(row, 0)),
                               rows.number(row, 1),
                               std::string(rows.text(row, 2)),
                               std::string(rows.text(row, 3)),
                               {}});
        if (!rows.null(row, 4)) replays.back().projections.emplace_back(rows.text(row, 4));
    }
    return replays;
}

bool drop_replay(const LogOptions& log, std::string_view name) {
    if (!is_replay_name(name)) return false;
    pg::Connection db(log.conninfo);
    reserve(db, name);
    pg::Transaction transaction(db);
    // Of one that was killed half-way there are tables alone.
    const auto schema = db.run("SELECT to_regnamespace($1)", pg::Params().text(schema_of(name)));
    if (!exists(db, log.log_id, name) && schema.null(0, 0)) return false;
    forget(db, log.log_id, name);
    transaction.commit();
    return true;
}

}  // namespace daybook::projections
