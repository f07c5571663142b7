// The database that a command works on: one by URL, or the embedded one, started when need be.
#pragma once

#include <ledger/pg/connection.hpp>
#include <tools/daybook/config.hpp>
#include <tools/daybook/data_directory.hpp>
#include <tools/daybook/embedded_postgres.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::tools {

/// Not thread-safe. Lives as long as the command; ends the embedded server if it started it, so
/// construct it on the main thread.
class Database {
public:
    /// Opens what `config` says. `command` is recorded as the holder of the data directory; `serve`
    /// insists on being the only one there. Other commands use the server of a running `serve`.
    /// Only `serve` and `migrate` make a database where there is none, and not where one was lost.
    /// Throws DataDirectoryBusy, EmbeddedPostgresError.
    Database(const Config& config, std::string_view command);

    /// Brings the schema up to date; the files applied now. Throws pg::Error, MigrationRefused.
    std::vector<std::string> migrate() const;
    /// Throws MigrationRefused unless the schema is the one that this binary knows. An embedded
    /// database that this command started is migrated instead.
    void require_schema() const;

    /// As whoever the configuration names: for migrations alone.
    [[nodiscard]] const std::string& owner_conninfo() const { return owner_; }
    /// As role daybook_service, unless DAYBOOK_PG_ROLE=off.
    [[nodiscard]] const std::string& conninfo() const { return service_; }
    [[nodiscard]] pg::Connection connect() const { return pg::Connection(service_); }

    /// Null when Postgres runs elsewhere.
    [[nodiscard]] const DataDirectory* data_directory() const { return directory_.get(); }
    /// Null unless this command started the server.
    [[nodiscard]] EmbeddedPostgres* server() const { return server_.get(); }

private:
    void open_embedded(std::string_view command);

    std::unique_ptr<DataDirectory> directory_;  // outlives the server: its lock guards it
    std::unique_ptr<EmbeddedPostgres> server_;
    std::string owner_;
    std::string service_;
};

}  // namespace daybook::tools
