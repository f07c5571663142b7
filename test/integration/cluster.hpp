// What integration tests stand on: a Postgres, a fresh database each, the binary, and HTTP.
#pragma once

#include <ledger/pg/connection.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::test {

/// A directory of its own, removed at the end.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// A database of the test process's own Postgres, which starts with the first one and ends with
/// the process. Migrated and empty, unless `bare`. Dropped, with its sessions, at the end.
class Database {
public:
    enum class Kind { migrated, bare };
    explicit Database(Kind kind = Kind::migrated);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// As the owner (a superuser).
    [[nodiscard]] std::string conninfo() const;
    /// As role daybook_service: what `daybook serve` uses after its migration.
    [[nodiscard]] std::string service_conninfo() const;
    [[nodiscard]] pg::Connection connect() const { return pg::Connection(conninfo()); }
    [[nodiscard]] pg::Connection connect_service() const {
        return pg::Connection(service_conninfo());
    }
    /// Ends every session of this database, as a failover would.
    void end_sessions() const;
    /// Keeps what the database is now, as a standby that hears no more. Ends every session.
    void remember() const;
    /// Makes that the database, under the same name; what came since is lost.
    void fail_over() const;

private:
    std::string name_;
};

/// kill -9 of the test process's Postgres, and back again (with crash recovery).
void crash_postgres();
/// An orderly restart in the middle of things: SIGINT, then start.
void restart_postgres();

using Environment = std::map<std::string, std::string>;

/// What a finished command left behind.
struct Finished {
    int exit_code = 0;  ///< 128 + the signal when one ended it
    std::string out;
    std::string err;
};

/// Runs `daybook <arguments>` to its end. Of the caller's environment only PATH and HOME are kept.
Finished run_daybook(const std::vector<std::string>& arguments, const Environment& environment);

/// A running `daybook serve`; killed at the end when it still runs.
class Serve {
public:
    /// Starts it on a free port of 127.0.0.1 (below 32768) unless DAYBOOK_LISTEN is given, and
    /// returns when it printed its ready line. Throws std::runtime_error with its output otherwise.
    explicit Serve(Environment environment,
                   std::chrono::seconds patience = std::chrono::seconds(30));
    ~Serve();
    Serve(const Serve&) = delete;
    Serve& operator=(const Serve&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string output() const;  ///< stdout and stderr so far
    [[nodiscard]] std::chrono::milliseconds start_time() const { return start_time_; }
    void kill_hard();  ///< kill -9, and waits for it
    int stop();        ///< SIGTERM, and its exit code

private:
    void launch(const Environment& environment);
    void wait_ready(std::chrono::seconds patience);

    TemporaryDirectory directory_;
    pid_t pid_ = 0;
    std::uint16_t port_ = 0;
    std::chrono::milliseconds start_time_{0};
};

/// A TCP port of 127.0.0.1 that nobody listens on, below 32768.
std::uint16_t free_port();

struct Answer {
    int status = 0;  ///< 0: no answer, the connection failed or was closed
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

/// A keep-alive connection to 127.0.0.1. Not thread-safe: one per thread. It opens the connection
/// when it needs one, and reports a failure as status 0 instead of trying again.
class HttpClient {
public:
    explicit HttpClient(std::uint16_t port);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    Answer get(const std::string& target, const std::string& key = {});
    Answer post(const std::string& target, std::string_view body,
                const std::map<std::string, std::string>& headers = {});
    /// POST with the Stripe-Signature that `secret` gives at this moment.
    Answer webhook(const std::string& target, std::string_view body, std::string_view secret);
    /// Sends these bytes as they are and reads one answer.
    Answer raw(std::string_view request);
    void close();

private:
    bool open();
    bool receive(std::string& buffer);

    std::uint16_t port_;
    int socket_ = -1;
};

/// The value of Stripe-Signature for this body: t=…,v1=HMAC-SHA256(secret, "t.body").
std::string stripe_signature(std::string_view body, std::string_view secret,
                             std::int64_t unix_time);

}  // namespace daybook::test
