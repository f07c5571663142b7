#include <projections/diff.hpp>

#include <projections/checkpoint.hpp>
#include <projections/layout.hpp>
#include <projections/replay.hpp>

#include <ledger/pg/binary.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace daybook::projections {
namespace {

/// What one side holds of a projection.
struct Side {
    Place place;
    std::optional<Checkpoint> checkpoint;
    bool readable = true;
    Digest rows;

    Side(pg::Connection& db, std::int32_t log_id, std::string_view name,
         const Projection& projection)
        : place{log_id, schema_of(name), projection.name}, checkpoint(read_checkpoint(db, place)) {
        if (checkpoint) readable = has_columns(db, place.schema, projection);
        if (comparable()) rows = digest_of_tables(db, place, projection);
    }
    [[nodiscard]] bool comparable() const { return checkpoint && readable; }
    [[nodiscard]] bool altered() const { return comparable() && !(checkpoint->digest == rows); }
};

/// jsonb_build_object('column', t.column, …) of the business columns.
std::string as_object(const Table& table, std::string_view alias) {
    std::string pairs;
    for (const auto& column : table.columns)
        if (column.use != Use::trace)
            pairs += fmt::format("{}'{}', {}.{}", pairs.empty() ? "" : ", ", column.name, alias,
                                 column.name);
    return fmt::format("json_build_object({})::text", pairs);
}

/// The columns as one comparable row; json has no equality, its text has.
std::string as_row(const Table& table, std::string_view alias) {
    std::string list;
    for (const auto& column : table.columns)
        if (column.use == Use::business)
            list += fmt::format("{}{}.{}{}", list.empty() ? "" : ", ", alias, column.name,
                                column.type == Type::json ? "::text" : "");
    return fmt::format("ROW({})", list);
}

std::string trace_of(const Table& table, std::string_view alias) {
    for (const auto& column : table.columns)
        if (column.use == Use::trace)
            return fmt::format("coalesce({}.{}::text, '')", alias, column.name);
    return "''";
}

/// Five texts a row that differs, none of them NULL.
std::string difference_sql(const Table& table, std::int32_t log_id, std::string_view a,
                           std::string_view b) {
    std::string join;
    std::string key;
    std::string order;
    for (const auto& column : table.columns.first(key_columns(table))) {
        join += fmt::format(" AND a.{0} = b.{0}", column.name);
        const auto either = fmt::format("coalesce(a.{0}, b.{0})", column.name);
        key += fmt::format("{}{}::text", key.empty() ? "" : " || '/' || ", either);
        order += fmt::format("{}{}", order.empty() ? "" : ", ", either);
    }
    return fmt::format(
        "COPY (SELECT {key}, CASE WHEN a.log_id IS NULL THEN '' ELSE {object_a} END,"
        " CASE WHEN b.log_id IS NULL THEN '' ELSE {object_b} END, {trace_a}, {trace_b}"
        " FROM (SELECT * FROM {a}.{table} WHERE log_id = {log_id}) a"
        " FULL JOIN (SELECT * FROM {b}.{table} WHERE log_id = {log_id}) b"
        " ON a.log_id = b.log_id{join}"
        " WHERE a.log_id IS NULL OR b.log_id IS NULL OR {row_a} IS DISTINCT FROM {row_b}"
        " ORDER BY {order}) TO STDOUT (FORMAT binary)",
        fmt::arg("log_id", log_id), fmt::arg("key", key),
        fmt::arg("object_a", as_object(table, "a")), fmt::arg("object_b", as_object(table, "b")),
        fmt::arg("trace_a", trace_of(table, "a")), fmt::arg("trace_b", trace_of(table, "b")),
        fmt::arg("a", pg::quoted(a)), fmt::arg("b", pg::quoted(b)),
        fmt::arg("table", pg::quoted(table.name)), fmt::arg("join", join),
        fmt::arg("row_a", as_row(table, "a")), fmt::arg("row_b", as_row(table, "b")),
        fmt::arg("order", order));
}

/// The positions in a JSON array of them.
std::vector<std::int64_t> positions(std::string_view list) {
    std::vector<std::int64_t> out;
    for (const char* at = list.data(); at < list.data() + list.size();) {
        std::int64_t position = 0;
        const auto [end, error] = std::from_chars(at, list.data() + list.size(), position);
        if (error == std::errc()) out.push_back(position);
        at = error == std::errc() ? end : at + 1;
    }
    return out;
}

/// What is in one list only; all of it when nothing is.
std::vector<std::int64_t> telling(const std::vector<std::int64_t>& a,
                                  const std::vector<std::int64_t>& b) {
    std::vector<std::int64_t> out;
    std::ranges::set_symmetric_difference(a, b, std::back_inserter(out));
    return out.empty() ? a : out;
}

void diff_tables(pg::Connection& db, std::int32_t log_id, const Projection& projection,
                 std::string_view a, std::string_view b,
                 const std::function<void(const RowDifference&)>& report) {
    for (const auto& table : projection.tables) {
        db.copy_out(difference_sql(table, log_id, schema_of(a), schema_of(b)),
                    [&](std::string_view fields) {
                        RowDifference row{.table = table.name};
                        row.key = pg::take_field(fields);
                        row.before = pg::take_field(fields);
                        row.after = pg::take_field(fields);
                        const auto in_a = positions(pg::take_field(fields));
                        row.events = telling(in_a, positions(pg::take_field(fields)));
                        report(row);
                    });
    }
}

}  // namespace

std::vector<ProjectionDifference> diff(const LogOptions& log, std::string_view a,
                                       std::string_view b,
                                       const std::vector<const Projection*>& projections,
                                       const std::function<void(const RowDifference&)>& row) {
    pg::Connection db(log.conninfo, std::chrono::seconds(0));
    require_set(db, log.log_id, a);
    require_set(db, log.log_id, b);
    auto tables = names_of_tables(db, schema_of(a), projections);
    std::ranges::copy(names_of_tables(db, schema_of(b), projections), std::back_inserter(tables));
    const Snapshot snapshot(db, tables);
    std::vector<ProjectionDifference> all;
    for (const auto* projection : projections) {
        const Side in_a(db, log.log_id, a, *projection);
        const Side in_b(db, log.log_id, b, *projection);
        ProjectionDifference difference;
        difference.projection = projection->name;
        difference.compared = in_a.comparable() && in_b.comparable();
        difference.readable_a = in_a.readable, difference.readable_b = in_b.readable;
        if (const auto& stands = in_a.checkpoint) {
            difference.position_a = stands->position, difference.version_a = stands->version;
            difference.digest_a = in_a.rows.hex(), difference.altered_a = in_a.altered();
        }
        if (const auto& stands = in_b.checkpoint) {
            difference.position_b = stands->position, difference.version_b = stands->version;
            difference.digest_b = in_b.rows.hex(), difference.altered_b = in_b.altered();
        }
        if (difference.compared && !(in_a.rows == in_b.rows))
            diff_tables(db, log.log_id, *projection, a, b, row);
        all.push_back(std::move(difference));
    }
    return all;
}

}  // namespace daybook::projections
