#include <projections/table.hpp>

#include <ledger/pg/binary.hpp>
#include <ledger/storable_text.hpp>

namespace daybook::projections {
namespace {
constexpr std::int32_t null_length = -1;
}

void Row::length(std::size_t bytes) {
    pg::put<std::int32_t>(bytes_, static_cast<std::int32_t>(bytes));
}

Row& Row::text(std::string_view value) {
    if (!is_storable(value)) return text(storable(value));
    length(value.size());
    bytes_.append(value);
    return *this;
}

Row& Row::text_or_null(std::string_view value) {
    if (!value.empty()) return text(value);
    pg::put(bytes_, null_length);
    return *this;
}

Row& Row::number(std::int64_t value) {
    length(8);
    pg::put<std::int64_t>(bytes_, value);
    return *this;
}

Row& Row::number_or_null(std::optional<std::int64_t> value) {
    return value ? number(*value) : text_or_null({});
}

Row& Row::boolean(bool value) {
    length(1);
    bytes_.push_back(value ? 1 : 0);
    return *this;
}

Row& Row::time_or_null(std::int64_t unix_seconds) {
    // What Postgres cannot hold it refuses, and with it the rows of all other events.
    constexpr std::int64_t earliest = -210'866'803'200;   // 4714-11-24 BC
    constexpr std::int64_t too_late = 9'224'318'016'000;  // the year 294277
    if (unix_seconds == 0 || unix_seconds < earliest || unix_seconds >= too_late)
        return text_or_null({});
    length(8);
    constexpr auto epoch = pg::postgres_epoch_us / 1'000'000;
    pg::put<std::int64_t>(bytes_, (unix_seconds - epoch) * 1'000'000);
    return *this;
}

Row& Row::json(std::string_view document) {
    length(document.size());
    bytes_.append(document);
    return *this;
}

Row& Row::bytes_or_null(std::string_view value) {
    return value.empty() ? text_or_null({}) : json(value);
}

Row& RowSink::row(std::size_t table) {
    if (used_ == entries_.size()) entries_.emplace_back();
    auto& entry = entries_[used_++];
    entry.table = first_ + table;
    entry.row.clear();
    return entry.row;
}

}  // namespace daybook::projections
