#include <projections/layout.hpp>

#include <ledger/invariant.hpp>
#include <ledger/pg/binary.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::projections {
namespace {

const char* sql_type(Type type) {
    switch (type) {
        case Type::text: return "text";
        case Type::bigint: return "bigint";
        case Type::boolean: return "boolean";
        case Type::timestamp: return "timestamptz";
        case Type::json: return "json";
    }
    return "text";
}

std::string qualified(std::string_view schema, std::string_view table) {
    return pg::quoted(schema) + "." + pg::quoted(table);
}

std::string key_list(const Table& table) {
    std::string list;
    for (const auto& column : table.columns.first(key_columns(table)))
        list += fmt::format("{}{}", list.empty() ? "" : ", ", column.name);
    return list;
}

/// unnest($2::text[], …) AS new(column, …)
std::string unnest(std::span<const Column> columns, std::string_view alias) {
    std::string arrays;
    std::string names;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const char* comma = i == 0 ? "" : ", ";
        arrays += fmt::format("{}${}::{}[]", comma, i + 2, sql_type(columns[i].type));
        names += fmt::format("{}{}", comma, columns[i].name);
    }
    return fmt::format("unnest({}) AS {}({})", arrays, alias, names);
}

}  // namespace

std::string state_table(const Group& group) {
    return group.name() + "_state";
}

std::size_t key_columns(const Table& table) {
    return static_cast<std::size_t>(std::ranges::count(table.columns, Use::key, &Column::use));
}

std::vector<std::string> names_of_tables(pg::Connection& db, std::string_view schema,
                                         std::span<const Projection* const> projections) {
    std::vector<std::string> names;
    for (const auto* projection : projections)
        for (const auto& table : projection->tables)
            names.push_back(pg::quoted(schema) + "." + pg::quoted(table.name));
    std::erase_if(names, [&db](const std::string& name) {
        return db.run("SELECT to_regclass($1)", pg::Params().text(name)).null(0, 0);
    });
    return names;
}

Snapshot::Snapshot(pg::Connection& db, const std::vector<std::string>& tables)
    : transaction_(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
    for (const auto& table : tables)
        db.run("LOCK TABLE " + table + " IN ACCESS SHARE MODE");
}

// COPY hands out a row's fields just as the fold encodes them.
Digest digest_of_tables(pg::Connection& db, const Place& place, const Projection& projection) {
    Digest digest;
    for (const auto& table : projection.tables) {
        const auto sql = "COPY (SELECT " + column_list(table, false) + " FROM " +
                         pg::quoted(place.schema) + "." + pg::quoted(table.name) +
                         " WHERE log_id = " + std::to_string(place.log_id) +
                         ") TO STDOUT (FORMAT binary)";
        db.copy_out(sql, [&](std::string_view fields) { digest.add(table.name, fields); });
    }
    return digest;
}

bool has_columns(pg::Connection& db, std::string_view schema, const Projection& projection) {
    return std::ranges::all_of(projection.tables, [&](const Table& table) {
        const auto names = db.run(
            "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
            pg::Params().text(qualified(schema, table.name)));
        return names.text(0, 0) == "log_id, " + column_list(table, true);
    });
}

std::string column_list(const Table& table, bool trace) {
    std::string list;
    for (const auto& column : table.columns)
        if (trace || column.use != Use::trace)
            list += fmt::format("{}{}", list.empty() ? "" : ", ", column.name);
    return list;
}

std::vector<PhysicalTable> physical_tables(const Group& group) {
    std::vector<PhysicalTable> all;
    for (const auto& table : group.tables()) {
        auto& made = all.emplace_back();
        made.name = table.name;
        made.columns = column_list(table, true);
        for (const auto& column : table.columns)
            made.definition += fmt::format(", {} {}{}", column.name, sql_type(column.type),
                                           column.use == Use::key ? " NOT NULL" : "");
        made.keys = key_list(table);
        made.indexes.assign(table.indexes.begin(), table.indexes.end());
        made.fields = table.columns.size();
    }
    all.push_back({.name = state_table(group),
                   .columns = "key, forward, state",
                   .definition = ", key text NOT NULL, forward text, state bytea",
                   .keys = "key",
                   .indexes = {},
                   .fields = 3});
    return all;
}

void create_table(pg::Connection& db, const PhysicalTable& table, std::string_view schema) {
    const auto name = qualified(schema, table.name);
    db.run(fmt::format("CREATE TABLE {} (log_id int NOT NULL{})", name, table.definition));
    db.run(fmt::format("GRANT SELECT ON {} TO daybook_reader", name));
}

void create_indexes(pg::Connection& db, const PhysicalTable& table, std::string_view schema) {
    const auto name = qualified(schema, table.name);
    db.run(fmt::format("ALTER TABLE {} ADD PRIMARY KEY (log_id, {})", name, table.keys));
    for (const std::string_view index : table.indexes) {
        const auto where = std::min(index.find(" WHERE "), index.size());
        db.run(fmt::format("CREATE INDEX ON {} (log_id, {}){}", name, index.substr(0, where),
                           index.substr(where)));
    }
    // Room on each page for the next version of a row, so that updates stay on it (HOT). Only from
    // here on: what a COPY brought is history for the most part, and is packed tight.
    db.run(fmt::format("ALTER TABLE {} SET (fillfactor = 80)", name));
}

std::string upsert_sql(const Table& table, std::string_view schema) {
    std::string updates;
    for (const auto& column : table.columns)
        if (column.use != Use::key)
            updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", column.name,
                                   column.name);
    return fmt::format(
        "INSERT INTO {} (log_id, {}) SELECT $1::int, new.* FROM {} ON CONFLICT (log_id, {}) DO {}",
        qualified(schema, table.name), column_list(table, true), unnest(table.columns, "new"),
        key_list(table), updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
}

std::string delete_sql(const Table& table, std::string_view schema) {
    const auto keys = table.columns.first(key_columns(table));
    std::string match;
    for (const auto& column : keys)
        match += fmt::format(" AND t.{} = gone.{}", column.name, column.name);
    return fmt::format("DELETE FROM {} t USING {} WHERE t.log_id = $1::int{}",
                       qualified(schema, table.name), unnest(keys, "gone"), match);
}

// Key by key, which LIMIT makes the only way: of a table that grew a moment ago Postgres knows
// nothing yet, and would read it whole for each batch.
std::string select_states_sql(const Group& group, std::string_view schema) {
    return fmt::format(
        "SELECT wanted.key, coalesce(forward, ''), state FROM unnest($2::text[]) AS wanted(key),"
        " LATERAL (SELECT forward, state FROM {} s WHERE s.log_id = $1::int AND s.key = wanted.key"
        " LIMIT 1) AS found",
        qualified(schema, state_table(group)));
}

std::string upsert_state_sql(const Group& group, std::string_view schema) {
    return fmt::format(
        "INSERT INTO {} (log_id, key, forward, state) SELECT $1::int, new.* FROM"
        " unnest($2::text[], $3::text[], $4::bytea[]) AS new(key, forward, state)"
        " ON CONFLICT (log_id, key) DO UPDATE SET forward = excluded.forward,"
        " state = excluded.state",
        qualified(schema, state_table(group)));
}

std::string delete_state_sql(const Group& group, std::string_view schema) {
    return fmt::format("DELETE FROM {} WHERE log_id = $1::int AND key = ANY ($2::text[])",
                       qualified(schema, state_table(group)));
}

std::uint32_t array_oid(Type type) {
    switch (type) {
        case Type::text: return pg::oid::text_array;
        case Type::bigint: return pg::oid::bigint_array;
        case Type::boolean: return pg::oid::boolean_array;
        case Type::timestamp: return pg::oid::timestamptz_array;
        case Type::json: return pg::oid::json_array;
    }
    return pg::oid::text_array;
}

std::uint32_t element_oid(Type type) {
    switch (type) {
        case Type::text: return pg::oid::text;
        case Type::bigint: return pg::oid::bigint;
        case Type::boolean: return pg::oid::boolean;
        case Type::timestamp: return pg::oid::timestamptz;
        case Type::json: return pg::oid::json;
    }
    return pg::oid::text;
}

std::string_view leading_fields(std::string_view row, std::size_t count) {
    auto rest = row;
    for (; count > 0; --count) {
        const auto size = pg::take<std::int32_t>(rest);
        if (size > 0) rest.remove_prefix(static_cast<std::size_t>(size));
    }
    return row.substr(0, row.size() - rest.size());
}

std::string_view business_fields(const Table& table, std::string_view row) {
    if (table.columns.back().use != Use::trace) return row;
    return leading_fields(row,
                          table.columns.size() - static_cast<std::size_t>(std::ranges::count(
                                                     table.columns, Use::trace, &Column::use)));
}

}  // namespace daybook::projections
