#include <ledger/log_rows.hpp>

#include <ledger/pg/binary.hpp>

#include <string>

namespace daybook {
namespace {

std::string literal(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out.push_back('\'');
        out.push_back(c);
    }
    return out + "'";
}

std::string rows_sql(std::int32_t log_id, const LogRange& range) {
    std::string sql =
        "COPY (SELECT position, event_id, type, coalesce(account, ''), livemode, occurred_at,"
        " payload FROM ledger.events WHERE log_id = " +
        std::to_string(log_id) + " AND position > " + std::to_string(range.after) +
        " AND position <= " + std::to_string(range.upto);
    if (range.livemode) sql += *range.livemode ? " AND livemode" : " AND NOT livemode";
    if (!range.types.empty()) {
        sql += " AND type IN (";
        for (const auto type : range.types)
            sql += literal(type) + ",";
        sql.back() = ')';
    }
    return sql + " ORDER BY position) TO STDOUT (FORMAT binary)";
}

}  // namespace

void copy_rows(pg::Connection& db, std::int32_t log_id, const LogRange& range,
               const std::function<void(std::string_view fields)>& row) {
    db.copy_out(rows_sql(log_id, range), row);
}

void read_in_order(pg::Connection& db) {
    for (const char* setting : {"enable_sort", "enable_seqscan", "enable_bitmapscan"})
        db.run("SET LOCAL " + std::string(setting) + " = off");
}

std::string_view take_field(std::string_view& fields) {
    const auto size = static_cast<std::size_t>(pg::take<std::int32_t>(fields));
    const auto bytes = fields.substr(0, size);
    fields.remove_prefix(size);
    return bytes;
}

std::int64_t take_number(std::string_view& fields) {
    auto bytes = take_field(fields);
    return pg::take<std::int64_t>(bytes);
}

LogRow take_row(std::string_view& fields) {
    LogRow row;
    row.position = take_number(fields);
    row.event_id = take_field(fields);
    row.type = take_field(fields);
    row.account = take_field(fields);
    row.livemode = take_field(fields).front() != 0;
    row.occurred_at = take_number(fields) + pg::postgres_epoch_us;
    row.payload = take_field(fields);
    return row;
}

}  // namespace daybook
