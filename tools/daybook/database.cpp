#include <ledger/migrate.hpp>
#include <tools/daybook/database.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace daybook::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto poll_interval = std::chrono::milliseconds(10);
// A command that started the server for itself is mostly done in a moment; then it is our turn.
constexpr auto other_command_patience = std::chrono::seconds(5);
// A `serve` that is just starting may have to make its cluster, or replay a crash.
constexpr auto starting_patience = std::chrono::seconds(60);

/// An empty ledger in the wrong directory, or in the place of one that was lost, looks like one in
/// which all is well.
void require_cluster(const std::filesystem::path& directory, std::string_view command) {
    if (std::filesystem::exists(directory / "pg")) return;
    if (command != "serve" && command != "migrate")
        throw EmbeddedPostgresError(
            fmt::format("there is no Daybook in {}: go where `daybook serve` was started, or set "
                        "DAYBOOK_DATA_DIR or DATABASE_URL",
                        directory.string()));
    for (const auto file : {secret_file, connect_secret_file})
        if (std::filesystem::exists(directory / file))
            throw EmbeddedPostgresError(fmt::format(
                "{} is gone, though {} is there: put the database back, or remove the secret to "
                "begin with an empty ledger",
                (directory / "pg").string(), file));
}

}  // namespace

Database::Database(const Config& config, std::string_view command) {
    if (config.embedded()) {
        if (!std::filesystem::exists(config.data_dir)) require_cluster(config.data_dir, command);
        directory_ = std::make_unique<DataDirectory>(config.data_dir);
        open_embedded(command);
    } else {
        owner_ = config.database_url;
    }
    service_ = config.role ? service_conninfo(owner_) : owner_;
}

void Database::open_embedded(std::string_view command) {
    const auto begin = Clock::now();
    for (;;) {
        if (directory_->try_lock(command)) {
            require_cluster(directory_->path(), command);
            server_ = std::make_unique<EmbeddedPostgres>(
                EmbeddedOptions{.data_dir = directory_->path(), .settings = {}});
            server_->start();
            owner_ = server_->conninfo();
            return;
        }
        const auto [pid, holder] = directory_->holder();
        const auto waited = Clock::now() - begin;
        const bool patient = waited < other_command_patience;
        if (command == "serve" && (holder == "serve" || !patient))
            throw DataDirectoryBusy(fmt::format(
                "{} is in use by `daybook {}` (process {}): one service per data directory",
                directory_->path().string(), holder, pid));
        owner_ = embedded_conninfo(directory_->path());
        if (command != "serve" && (holder == "serve" || !patient) &&
            PQping(owner_.c_str()) == PQPING_OK)
            return;
        if (waited > starting_patience)
            throw EmbeddedPostgresError(
                fmt::format("`daybook {}` (process {}) has {}, but its Postgres does not answer",
                            holder, pid, directory_->path().string()));
        std::this_thread::sleep_for(poll_interval);
    }
}

std::vector<std::string> Database::migrate() const {
    pg::Connection owner(owner_);
    return daybook::migrate(owner);
}

void Database::require_schema() const {
    if (server_) {
        migrate();
        return;
    }
    const auto deadline = Clock::now() + std::chrono::seconds(directory_ ? 10 : 0);
    for (;;) {
        // Not as the service role, which does not exist before the first migration.
        pg::Connection db(owner_);
        const auto applied = applied_migrations(db).size();
        const auto known = schema::migrations().size();
        if (applied == known) return;
        if (applied > known)
            throw MigrationRefused("the database is newer than this daybook; use the newer binary");
        // A `serve` that is starting is about to migrate its own database.
        if (Clock::now() > deadline)
            throw MigrationRefused(
                fmt::format("the database has {} of {} migrations: run `daybook migrate` first",
                            applied, known));
        std::this_thread::sleep_for(poll_interval);
    }
}

}  // namespace daybook::tools
