// A projection's tables in Postgres: how they are made, and the SQL that writes them.
#pragma once

#include <projections/checkpoint.hpp>
#include <projections/digest.hpp>
#include <projections/group.hpp>

#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// The live tables' schema.
constexpr std::string_view live_schema = "app";

/// The table that keeps the fold's own memory: <group>_state(key, forward, state).
std::string state_table(const Group& group);

/// A table as Postgres is to have it, log_id in front of every key and index.
struct PhysicalTable {
    std::string name;
    std::string columns;  ///< comma separated, without log_id
    std::string definition;
    std::string keys;
    std::vector<std::string> indexes;
    std::size_t fields = 0;  ///< how many columns
};

/// All tables of the group in their order, the state table last.
std::vector<PhysicalTable> physical_tables(const Group& group);

/// Without keys and indexes, which come cheaper after a COPY.
void create_table(pg::Connection& db, const PhysicalTable& table, std::string_view schema);
void create_indexes(pg::Connection& db, const PhysicalTable& table, std::string_view schema);

/// The tables of these projections that are there, as SQL names them.
std::vector<std::string> names_of_tables(pg::Connection& db, std::string_view schema,
                                         std::span<const Projection* const> projections);

/// A transaction that only reads: what checkpoints say and what these tables hold belong together.
/// The tables are locked before the snapshot is taken, so that no swap comes in between.
class Snapshot {
public:
    Snapshot(pg::Connection& db, const std::vector<std::string>& tables);

private:
    pg::Transaction transaction_;
};

/// The digest of the rows that are in the tables now, whatever the checkpoint says.
Digest digest_of_tables(pg::Connection& db, const Place& place, const Projection& projection);

/// The columns of a table, comma separated; the business columns alone when `trace` is false.
std::string column_list(const Table& table, bool trace);
std::size_t key_columns(const Table& table);

/// INSERT … SELECT FROM unnest($2, …) ON CONFLICT DO UPDATE, one array a column; $1 is log_id.
std::string upsert_sql(const Table& table, std::string_view schema);
/// DELETE … USING unnest($2, …), one array a key column; $1 is log_id.
std::string delete_sql(const Table& table, std::string_view schema);
/// Whether the tables have the columns of these rules: those that other rules made may not.
bool has_columns(pg::Connection& db, std::string_view schema, const Projection& projection);

/// The state rows of the keys in $2: key, forward, state; $1 is log_id, here and below.
std::string select_states_sql(const Group& group, std::string_view schema);
std::string upsert_state_sql(const Group& group, std::string_view schema);
std::string delete_state_sql(const Group& group, std::string_view schema);

/// The oid of an array of this type.
std::uint32_t array_oid(Type type);
std::uint32_t element_oid(Type type);

/// The leading `count` fields of an encoded row.
std::string_view leading_fields(std::string_view row, std::size_t count);
/// The business fields of an encoded row: what is digested. Trace columns stand last.
std::string_view business_fields(const Table& table, std::string_view row);

}  // namespace daybook::projections
