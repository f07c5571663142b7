// Rows of Postgres as JSON objects, by the types that the server names.
#pragma once

#include <ledger/pg/connection.hpp>

#include <string>

namespace daybook::api {

/// Row `row` as a JSON object. Numbers and booleans stay what they are, json is copied verbatim,
/// timestamptz becomes Unix seconds, bytea lower-case hexadecimal, NULL null, everything else a
/// string. `log_id` is left out, since a service has one log. Needs results in text format.
std::string row_json(const pg::Result& rows, int row);

/// The same of its first `columns` columns.
std::string row_json(const pg::Result& rows, int row, int columns);

/// All rows as a JSON array.
std::string rows_json(const pg::Result& rows);

}  // namespace daybook::api
