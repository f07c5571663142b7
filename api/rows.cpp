// Which Postgres type becomes which JSON type.
#include <api/rows.hpp>

#include <api/time.hpp>
#include <ledger/json_text.hpp>

namespace daybook::api {
namespace {

// Object identifiers of the built-in types; they are frozen in Postgres's catalog.
enum : Oid {
    oid_bool = 16,
    oid_bytea = 17,
    oid_int8 = 20,
    oid_int2 = 21,
    oid_int4 = 23,
    oid_json = 114,
    oid_timestamptz = 1184,
    oid_jsonb = 3802
};

void append_value(std::string& out, std::string_view text, Oid type) {
    switch (type) {
        case oid_bool: out += text == "t" ? "true" : "false"; return;
        case oid_int8:
        case oid_int2:
        case oid_int4:
        case oid_json:
        case oid_jsonb: out += text; return;
        case oid_bytea:
            append_json_string(out, text.starts_with("\\x") ? text.substr(2) : text);
            return;
        case oid_timestamptz:
            // The connection's DateStyle is ISO and its zone UTC; infinity remains a word.
            if (const auto time = parse_rfc3339(text)) {
                out += std::to_string(unix_seconds(*time));
                return;
            }
            break;
        default: break;
    }
    append_json_string(out, text);
}

}  // namespace

std::string row_json(const pg::Result& rows, int row) {
    return row_json(rows, row, rows.columns());
}

std::string row_json(const pg::Result& rows, int row, int columns) {
    std::string out = "{";
    for (int column = 0; column < columns; ++column) {
        if (rows.column(column) == "log_id") continue;
        if (out.size() > 1) out += ',';
        append_json_string(out, rows.column(column));
        out += ':';
        if (rows.null(row, column))
            out += "null";
        else
            append_value(out, rows.text(row, column), PQftype(rows.raw(), column));
    }
    return out + '}';
}

std::string rows_json(const pg::Result& rows) {
    JsonArray array;
    for (int row = 0; row < rows.rows(); ++row)
        array.add(row_json(rows, row));
    return array.str();
}

}  // namespace daybook::api
