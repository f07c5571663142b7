// The rows of the log as COPY sends them, and what is in them.
#pragma once

#include <ledger/log.hpp>

#include <functional>
#include <string_view>

namespace daybook {

/// Whoever reads all of the log reads so much at once, so that no snapshot stays open for long.
constexpr std::int64_t positions_per_snapshot = 50'000;

/// Streams the rows of the range in position order, each as its fields: 4 bytes of length and the
/// bytes, big endian (https://www.postgresql.org/docs/15/sql-copy.html, binary format). One
/// statement, so one snapshot; for a transaction that has called `read_in_order`.
void copy_rows(pg::Connection& db, std::int32_t log_id, const LogRange& range,
               const std::function<void(std::string_view fields)>& row);

/// Forbids this transaction to read out of order and sort: a sort of megabytes of payload never is
/// the better plan.
void read_in_order(pg::Connection& db);

/// Whether these bytes are the rows behind `after` up to `upto`, each of them whole.
bool are_rows(std::string_view fields, std::int64_t after, std::int64_t upto);
/// Takes one row. Its views point into the fields.
LogRow take_row(std::string_view& fields);

}  // namespace daybook
