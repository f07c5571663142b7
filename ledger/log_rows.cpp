#include <ledger/log_rows.hpp>

#include <ledger/pg/binary.hpp>

#include <optional>
#include <string>
#include <utility>

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

/// Takes a field if there is one of `size` bytes, or of any size.
std::optional<std::string_view> field_of(std::string_view& fields,
                                         std::optional<std::int32_t> size = {}) {
    if (fields.size() < sizeof(std::int32_t)) return std::nullopt;
    auto peeked = fields;
    const auto has = pg::take<std::int32_t>(peeked);
    if (has < 0 || std::cmp_greater(has, peeked.size()) || has != size.value_or(has))
        return std::nullopt;
    return pg::take_field(fields);
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

bool are_rows(std::string_view fields, std::int64_t after, std::int64_t upto) {
    while (!fields.empty()) {
        auto position = field_of(fields, 8);
        if (!position || pg::take<std::int64_t>(*position) != ++after) return false;
        const bool whole = field_of(fields) && field_of(fields) && field_of(fields) &&
                           field_of(fields, 1) && field_of(fields, 8) && field_of(fields);
        if (!whole) return false;
    }
    return after == upto;
}

LogRow take_row(std::string_view& fields) {
    LogRow row;
    row.position = pg::take_number(fields);
    row.event_id = pg::take_field(fields);
    row.type = pg::take_field(fields);
    row.account = pg::take_field(fields);
    row.livemode = pg::take_field(fields).front() != 0;
    row.occurred_at = pg::take_number(fields) + pg::postgres_epoch_us;
    row.payload = pg::take_field(fields);
    return row;
}

}  // namespace daybook
