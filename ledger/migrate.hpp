// The schema's migrations: forward only, each once, with a checksum; and the role that serves.
#pragma once

#include <ledger/pg/connection.hpp>

#include <schema/migrations.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

/// The database's schema and this binary do not belong together; the text says why in one line.
class MigrationRefused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct AppliedMigration {
    std::string file;
    std::string sha256;      ///< 64 lower-case digits
    std::string applied_at;  ///< RFC 3339, UTC
};

/// Applies what the database does not have yet, one transaction each, under an advisory lock, so
/// that nodes which start together take turns. Returns the files applied now.
///
/// Throws MigrationRefused, and changes nothing more, when an applied file was edited since, when
/// the database holds a file that `known` does not, or when one is missing in the middle. Not for
/// a connection inside a transaction. Run it as the owner, not as the service role.
std::vector<std::string> migrate(pg::Connection& owner,
                                 std::span<const schema::Migration> known = schema::migrations());

/// What the database has, in order; empty when nobody ever migrated it. Any role may ask.
std::vector<AppliedMigration> applied_migrations(pg::Connection& db);

/// `conninfo` (URL or key=value) as key=value, with `options=-c role=daybook_service` added to its
/// options: every connection made with it can only do what the service may, the log append only.
/// Throws std::invalid_argument with libpq's own words when `conninfo` cannot be read.
std::string service_conninfo(std::string_view conninfo);

}  // namespace daybook
