// The database of a bench: DATABASE_URL, or a private cluster that lives as long as the program.
#pragma once

#include <ledger/migrate.hpp>
#include <tools/daybook/embedded_postgres.hpp>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace daybook::bench {

/// With fsync on, in either case. One thread.
class BenchDatabase {
public:
    /// `keep` names a data directory to keep and use again; otherwise a temporary one is removed.
    explicit BenchDatabase(const std::string& keep = {}) {
        if (const char* url = std::getenv("DATABASE_URL")) {  // NOLINT: read before any thread
            owner_ = url;
        } else {
            directory_ = keep.empty() ? temporary() : std::filesystem::path(keep);
            temporary_ = keep.empty();
            std::filesystem::create_directories(directory_);
            postgres_ =
                std::make_unique<tools::EmbeddedPostgres>(tools::EmbeddedOptions{directory_, {}});
            postgres_->start();
            owner_ = postgres_->conninfo();
        }
        pg::Connection db(owner_);
        migrate(db);
    }
    ~BenchDatabase() {
        postgres_.reset();
        std::error_code ignored;
        if (temporary_) std::filesystem::remove_all(directory_, ignored);
    }
    BenchDatabase(const BenchDatabase&) = delete;
    BenchDatabase& operator=(const BenchDatabase&) = delete;

    [[nodiscard]] std::string owner() const { return owner_; }
    [[nodiscard]] std::string service() const { return service_conninfo(owner_); }
    /// The private cluster's server process; 0 when DATABASE_URL names the database.
    [[nodiscard]] pid_t server() const { return postgres_ ? postgres_->pid() : 0; }

private:
    static std::filesystem::path temporary() {
        auto pattern = (std::filesystem::temp_directory_path() / "daybook-bench-XXXXXX").string();
        std::vector<char> name(pattern.begin(), pattern.end());
        name.push_back('\0');
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
        // Postgres may run as another user than we; its own directory below is closed to others.
        std::filesystem::permissions(name.data(), std::filesystem::perms(0711));
        return name.data();
    }

    std::string owner_;
    std::filesystem::path directory_;
    bool temporary_ = false;
    std::unique_ptr<tools::EmbeddedPostgres> postgres_;
};

}  // namespace daybook::bench
