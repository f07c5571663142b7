// A private Postgres in a data directory: made on first use, started and stopped with daybook.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace daybook::tools {

/// The embedded Postgres cannot be had; the text says why and what to do, in one line.
class EmbeddedPostgresError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct EmbeddedOptions {
    std::filesystem::path data_dir;  ///< holds pg/, run/, postgres.log; made when it is not there
    std::vector<std::string> settings;  ///< further `name=value`, the last one wins
};

/// One server process, a child of the thread that calls start(): it is told to shut down when
/// that thread ends, however it ends, so start() from a thread that lives as long as the process.
/// Listens on a Unix socket in a directory that only its own user may enter, and nowhere else.
/// Not thread-safe. The caller holds the data directory's lock (DataDirectory).
class EmbeddedPostgres {
public:
    /// Makes the cluster when there is none. Throws EmbeddedPostgresError.
    explicit EmbeddedPostgres(EmbeddedOptions options);
    /// Stops the server.
    ~EmbeddedPostgres();
    EmbeddedPostgres(const EmbeddedPostgres&) = delete;
    EmbeddedPostgres& operator=(const EmbeddedPostgres&) = delete;

    /// Starts the server and returns once it answers. A predecessor that is still shutting down
    /// is waited for; one that has lost its parent is told to.
    void start();
    /// Fast shutdown: sessions are ended, everything is written. Does nothing when it is stopped.
    void stop();
    /// kill -9 of the server, for tests of recovery; start() brings it back.
    void kill_hard();
    /// True when the server has gone by itself since start().
    [[nodiscard]] bool died();

    /// The database `daybook` as its superuser, or another one of the cluster.
    [[nodiscard]] std::string conninfo(const std::string& database = "daybook") const;
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    void initialize() const;
    void wait_for_predecessor() const;
    void wait_until_usable();

    EmbeddedOptions options_;
    std::filesystem::path bin_;
    std::filesystem::path socket_dir_;
    std::vector<std::string> unprivileged_;  ///< the command that drops root, empty without root
    pid_t pid_ = 0;
};

/// Where the sockets of a data directory are: below it, or, when that path is longer than the 107
/// bytes that a socket may have, in a directory of /tmp named by its hash.
std::filesystem::path socket_directory(const std::filesystem::path& data_dir);

/// The conninfo of a server that somebody else started on this data directory.
std::string embedded_conninfo(const std::filesystem::path& data_dir,
                              const std::string& database = "daybook");

}  // namespace daybook::tools
