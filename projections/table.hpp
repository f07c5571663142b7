// How a projection describes its tables, and how its fold writes rows into them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// The types a column may have. `timestamp` is Unix seconds in the fold, timestamptz in the table.
enum class Type { text, bigint, boolean, timestamp, json };

/// `key` columns make the primary key (behind log_id). `trace` columns say where a row comes from
/// (positions in the log); they are no business and stay out of the digest.
enum class Use { key, business, trace };

struct Column {
    const char* name;
    Type type = Type::text;
    Use use = Use::business;
};

struct Table {
    const char* name;
    std::span<const Column> columns;  ///< the keys first
    /// Column lists, for example "status, created_at"; of some rows only with a " WHERE …" behind.
    std::span<const char* const> indexes;
};

/// One row, encoded field by field as COPY BINARY wants it: a length and the bytes, big-endian.
/// Equal bytes mean equal rows, so rows are compared and hashed without decoding.
class Row {
public:
    Row& text(std::string_view value);
    Row& text_or_null(std::string_view value);  ///< empty becomes NULL
    Row& number(std::int64_t value);
    Row& number_or_null(std::optional<std::int64_t> value);
    Row& boolean(bool value);
    Row& time_or_null(std::int64_t unix_seconds);  ///< 0 becomes NULL
    Row& json(std::string_view document);
    Row& bytes_or_null(std::string_view value);  ///< bytea; empty becomes NULL

    [[nodiscard]] const std::string& bytes() const { return bytes_; }
    void clear() { bytes_.clear(); }

private:
    void length(std::size_t bytes);
    std::string bytes_;
};

/// Where derive() puts the rows of one entity, table by table. Rows keep their memory over clear().
class RowSink {
public:
    struct Entry {
        std::size_t table = 0;
        Row row;
    };

    /// Starts a row of the projection's table with this index; fill it in column order.
    Row& row(std::size_t table);

    /// From now on a projection's first table has this index.
    void count_from(std::size_t table) { first_ = table; }

    [[nodiscard]] std::span<const Entry> entries() const {
        return std::span(entries_).first(used_);
    }
    void clear() { used_ = 0; }

private:
    std::vector<Entry> entries_;
    std::size_t used_ = 0;
    std::size_t first_ = 0;
};

}  // namespace daybook::projections
