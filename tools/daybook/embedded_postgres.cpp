#include <ledger/pg/connection.hpp>
#include <tools/daybook/embedded_postgres.hpp>
#include <tools/daybook/postgres_processes.hpp>
#include <tools/daybook/process.hpp>
#include <tools/daybook/unprivileged.hpp>

#include <fmt/format.h>
#include <openssl/sha.h>
#include <boost/algorithm/string/replace.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <thread>

namespace daybook::tools {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr auto poll_interval = milliseconds(10);
constexpr auto shutdown_patience = seconds(60);   // a shutdown writes a checkpoint first
constexpr auto recovery_patience = seconds(900);  // replaying max_wal_size of log after a crash
constexpr auto takeover_patience = seconds(60);   // what outlived a killed server leaves
constexpr std::size_t socket_path_max = 107;
constexpr std::uintmax_t log_bytes_max = 10 << 20;

// Durable first; then bigger checkpoints, because appending and rebuilding write in bulk. Memory
// is touched as it is used, so an idle server stays small. wal_level=minimal lets a rebuild's COPY
// skip the write-ahead log; standbys and base backups belong to a Postgres of your own.
constexpr std::array settings = {
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",  // a rebuild of everything takes one a table beside the service itself
    "shared_buffers=128MB",
    "huge_pages=off",
    "fsync=on",
    "synchronous_commit=on",
    "wal_level=minimal",
    "max_wal_senders=0",
    "wal_compression=lz4",
    "wal_writer_delay=10ms",
    "wal_writer_flush_after=256kB",
    "bgwriter_delay=10ms",
    "bgwriter_lru_maxpages=1000",
    "max_wal_size=2GB",
    "checkpoint_timeout=15min",
    "default_toast_compression=lz4",
    "jit=off",
    "idle_in_transaction_session_timeout=10min",  // an open transaction slows appends down
    "log_line_prefix=%m [%p] ",
    "log_timezone=UTC",
    "log_checkpoints=off",
    "timezone=UTC",
};

std::filesystem::path bin_directory(const std::filesystem::path& cluster) {
    namespace fs = std::filesystem;
    const fs::path installed = "/usr/lib/postgresql";
    const auto complete = [](const fs::path& bin) {
        return access((bin / "postgres").c_str(), X_OK) == 0 &&
               access((bin / "initdb").c_str(), X_OK) == 0;
    };
    // A cluster can only be run by the major version that made it.
    std::string version;
    if (std::ifstream(cluster / "PG_VERSION") >> version && complete(installed / version / "bin"))
        return installed / version / "bin";
    if (const auto found = find_program("postgres"); !found.empty()) {
        const auto bin = fs::canonical(found).parent_path();
        if (complete(bin)) return bin;
    }
    std::error_code none;
    std::pair<int, fs::path> newest;
    for (const auto& entry : fs::directory_iterator(installed, none))
        if (complete(entry.path() / "bin"))
            newest = std::max(newest,
                              {std::atoi(entry.path().filename().c_str()), entry.path() / "bin"});
    if (newest.second.empty())
        throw EmbeddedPostgresError(
            "no Postgres found in PATH or /usr/lib/postgresql: install it (apt-get install "
            "postgresql), or set DATABASE_URL to one that runs elsewhere");
    return newest.second;
}

/// A directory that only the server's user may enter.
void make_private(const std::filesystem::path& directory,
                  const std::optional<UnprivilegedUser>& user) {
    const uid_t owner = user ? user->uid : geteuid();
    const bool made = mkdir(directory.c_str(), 0700) == 0;
    if (made && user && chown(directory.c_str(), user->uid, user->gid) != 0)
        throw EmbeddedPostgresError(fmt::format("cannot hand {} to user {}: {}", directory.string(),
                                                user->name, strerror(errno)));
    struct stat status{};
    if (lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        throw EmbeddedPostgresError(
            fmt::format("cannot make the directory {}: {}", directory.string(), strerror(errno)));
    if (status.st_uid != owner || (status.st_mode & 0077) != 0)
        throw EmbeddedPostgresError(fmt::format(
            "{} must belong to the user that runs Postgres ({}) and be closed to others",
            directory.string(), user ? user->name : std::to_string(owner)));
}

/// What Postgres said last, for an error of ours. Of the server with this process id, if any: what
/// survives of a killed one writes into the same log, and says nothing of why this one ended.
std::string last_words(const std::filesystem::path& log, pid_t server = 0) {
    const auto whose = server == 0 ? std::string() : fmt::format("[{}] ", server);
    std::ifstream file(log);
    std::string line;
    std::string last;
    std::string fatal;
    while (std::getline(file, line)) {
        if (line.find(whose + "FATAL:") != std::string::npos) fatal = line;
        if (!line.empty()) last = line;
    }
    return fatal.empty() ? last : fatal;
}

std::string conninfo_at(const std::filesystem::path& socket_dir, const std::string& database) {
    const auto quoted = [](std::string text) {
        boost::algorithm::replace_all(text, "\\", "\\\\");
        boost::algorithm::replace_all(text, "'", "\\'");
        return text;
    };
    return fmt::format("host='{}' port=5432 user=daybook dbname='{}'", quoted(socket_dir.string()),
                       quoted(database));
}

}  // namespace

std::filesystem::path socket_directory(const std::filesystem::path& data_dir) {
    const auto below = data_dir / "run";
    const bool fits = (below / ".s.PGSQL.5432").native().size() <= socket_path_max;
    if (fits && below.native().find(',') == std::string::npos) return below;  // a comma parts hosts
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(data_dir.c_str()), data_dir.native().size(),
           hash.data());
    std::string name = "/tmp/daybook-";
    for (std::size_t i = 0; i < 8; ++i)
        name += fmt::format("{:02x}", hash[i]);
    return name;
}

std::string embedded_conninfo(const std::filesystem::path& data_dir, const std::string& database) {
    return conninfo_at(socket_directory(std::filesystem::weakly_canonical(data_dir)), database);
}

EmbeddedPostgres::EmbeddedPostgres(EmbeddedOptions options) : options_(std::move(options)) {
    options_.data_dir = std::filesystem::weakly_canonical(options_.data_dir);
    socket_dir_ = socket_directory(options_.data_dir);
    bin_ = bin_directory(options_.data_dir / "pg");
    const auto user = unprivileged_user();
    const bool fresh = !std::filesystem::exists(options_.data_dir / "pg");
    if (fresh) {
        std::filesystem::remove_all(options_.data_dir / "pg.new");  // of a start that was cut short
        make_private(options_.data_dir / "pg.new", user);
    }
    if (user) unprivileged_ = as_user(*user, options_.data_dir / (fresh ? "pg.new" : "pg"));
    if (fresh) initialize();
}

EmbeddedPostgres::~EmbeddedPostgres() {
    stop();
}

// The cluster is made aside and renamed when it is whole: one that is there can be used.
void EmbeddedPostgres::initialize() const {
    const auto log = options_.data_dir / "postgres.log";
    const auto cluster = options_.data_dir / "pg.new";
    const auto step = [&](const std::vector<std::string>& words, const std::string& input) {
        auto arguments = unprivileged_;
        arguments.insert(arguments.end(), words.begin(), words.end());
        if (run_process({.arguments = arguments, .output = log, .input = input}) != 0)
            throw EmbeddedPostgresError(fmt::format("{} failed: {} (see {})", words.front(),
                                                    last_words(log), log.string()));
    };
    step({(bin_ / "initdb").string(), "--pgdata=" + cluster.string(), "--username=daybook",
          "--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"},
         "");
    step({(bin_ / "postgres").string(), "--single", "-D", cluster.string(), "postgres"},
         "CREATE DATABASE daybook\n");
    std::filesystem::rename(cluster, options_.data_dir / "pg");
}

// We hold the lock of the data directory, so a server that still runs here has lost its daybook:
// it was told to shut down when that died, and is told again in case it was not.
void EmbeddedPostgres::wait_for_predecessor() const {
    const auto cluster = options_.data_dir / "pg";
    const pid_t pid = running_server(cluster);
    if (pid == 0) return;
    kill(pid, SIGINT);
    if (gone(pid, cluster, shutdown_patience)) return;
    kill(pid, SIGQUIT);
    if (!gone(pid, cluster, takeover_patience))
        throw EmbeddedPostgresError(
            fmt::format("the Postgres of an earlier daybook (process {}) does not stop", pid));
}

void EmbeddedPostgres::start() {
    const auto log = options_.data_dir / "postgres.log";
    std::error_code none;
    if (std::filesystem::file_size(log, none) > log_bytes_max && !none)
        std::filesystem::rename(log, options_.data_dir / "postgres.log.1", none);
    wait_for_predecessor();
    make_private(socket_dir_, unprivileged_user());

    auto arguments = unprivileged_;
    arguments.insert(arguments.end(),
                     {(bin_ / "postgres").string(), "-D", (options_.data_dir / "pg").string(), "-c",
                      "unix_socket_directories=" + socket_dir_.string()});
    for (const std::string setting : settings)
        arguments.insert(arguments.end(), {"-c", setting});
    for (const auto& setting : options_.settings)
        arguments.insert(arguments.end(), {"-c", setting});

    const auto deadline = Clock::now() + takeover_patience;
    for (;;) {
        const pid_t server = start_process(
            {.arguments = arguments, .output = log, .input = {}, .dies_with_thread = true});
        pid_ = server;
        wait_until_usable();
        if (pid_ != 0) return;
        const auto words = last_words(log, server);
        const bool occupied = words.find("shared memory") != std::string::npos ||
                              words.find("lock file") != std::string::npos;
        if (!occupied || Clock::now() > deadline)
            throw EmbeddedPostgresError(
                fmt::format("Postgres did not start: {} (see {})", words, log.string()));
        end_survivors(options_.data_dir / "pg");
        std::this_thread::sleep_for(milliseconds(50));
    }
}

/// Returns with pid_ = 0 when the server ended instead.
void EmbeddedPostgres::wait_until_usable() {
    const auto deadline = Clock::now() + recovery_patience;
    const auto socket = socket_dir_ / ".s.PGSQL.5432";
    const auto where = conninfo();
    while (!died()) {
        if (access(socket.c_str(), F_OK) == 0 && PQping(where.c_str()) == PQPING_OK) return;
        if (Clock::now() > deadline) {
            kill_hard();
            throw EmbeddedPostgresError("Postgres did not come up in time");
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

bool EmbeddedPostgres::died() {
    if (pid_ == 0) return true;
    if (waitpid(pid_, nullptr, WNOHANG) != pid_) return false;
    pid_ = 0;
    return true;
}

void EmbeddedPostgres::stop() {
    if (pid_ == 0) return;
    kill(pid_, SIGINT);
    const auto deadline = Clock::now() + shutdown_patience;
    while (!died()) {
        if (Clock::now() > deadline) return kill_hard();
        std::this_thread::sleep_for(poll_interval);
    }
    // Of /tmp we leave nothing; a directory that still has something in it stays by itself.
    if (socket_dir_.parent_path() != options_.data_dir) rmdir(socket_dir_.c_str());
}

void EmbeddedPostgres::kill_hard() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    wait_for_process(pid_);
    pid_ = 0;
}

std::string EmbeddedPostgres::conninfo(const std::string& database) const {
    return conninfo_at(socket_dir_, database);
}

}  // namespace daybook::tools
