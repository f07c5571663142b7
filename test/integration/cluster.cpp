#include <ledger/migrate.hpp>
#include <test/integration/cluster.hpp>
#include <tools/daybook/data_directory.hpp>
#include <tools/daybook/embedded_postgres.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace daybook::test {
namespace {

/// One server for the whole test process. It need not survive a loss of power, so it does not
/// wait for the disk; a kill -9 loses nothing that the kernel has.
class Cluster {
public:
    static Cluster& instance() {
        static Cluster cluster;
        return cluster;
    }

    tools::EmbeddedPostgres& postgres() { return postgres_; }

    void copy_template(const std::string& name) const {
        pg::Connection admin(postgres_.conninfo("postgres"));
        admin.run(fmt::format("CREATE DATABASE {} TEMPLATE migrated_template", name));
        // What was granted on the template itself is not copied with it.
        admin.run(fmt::format("GRANT CREATE ON DATABASE {} TO daybook_service", name));
    }

private:
    Cluster()
        : data_(directory_.path() + "/data"),
          postgres_({.data_dir = data_.path(),
                     .settings = {"fsync=off", "shared_buffers=64MB", "max_connections=100"}}) {
        postgres_.start();
        pg::Connection(postgres_.conninfo("postgres")).run("CREATE DATABASE migrated_template");
        pg::Connection owner(postgres_.conninfo("migrated_template"));
        migrate(owner);
    }

    TemporaryDirectory directory_;
    tools::DataDirectory data_;
    tools::EmbeddedPostgres postgres_;
};

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = "/tmp/daybook-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    // The embedded Postgres may run as another user, who must pass.
    std::filesystem::permissions(pattern, std::filesystem::perms(0711));
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Database::Database(Kind kind) {
    static std::atomic<int> number = 0;
    name_ = fmt::format("test_{}", ++number);
    auto& cluster = Cluster::instance();
    if (kind == Kind::migrated)
        cluster.copy_template(name_);
    else
        pg::Connection(cluster.postgres().conninfo("postgres")).run("CREATE DATABASE " + name_);
}

Database::~Database() {
    try {
        pg::Connection admin(Cluster::instance().postgres().conninfo("postgres"));
        admin.run(fmt::format("DROP DATABASE {} WITH (FORCE)", name_));
    } catch (const pg::Error&) {  // the cluster goes away with the process anyway
    }
}

std::string Database::conninfo() const {
    return Cluster::instance().postgres().conninfo(name_);
}

std::string Database::service_conninfo() const {
    return daybook::service_conninfo(conninfo());
}

void Database::end_sessions() const {
    pg::Connection admin(Cluster::instance().postgres().conninfo("postgres"));
    admin.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
              pg::Params().text(name_));
}

void Database::remember() const {
    pg::Connection admin(Cluster::instance().postgres().conninfo("postgres"));
    end_sessions();
    admin.run(fmt::format("CREATE DATABASE {0}_standby TEMPLATE {0}", name_));
}

void Database::fail_over() const {
    pg::Connection admin(Cluster::instance().postgres().conninfo("postgres"));
    admin.run(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false", name_));
    for (bool moved = false; !moved;) {
        end_sessions();
        try {
            admin.run(fmt::format("ALTER DATABASE {0} RENAME TO {0}_lost", name_));
            moved = true;
        } catch (const pg::Error& error) {
            if (error.sqlstate() != "55006") throw;  // a session is about to end
        }
    }
    admin.run(fmt::format("ALTER DATABASE {0}_standby RENAME TO {0}", name_));
    admin.run(fmt::format("DROP DATABASE {}_lost", name_));
}

void crash_postgres() {
    auto& postgres = Cluster::instance().postgres();
    postgres.kill_hard();
    postgres.start();
}

void restart_postgres() {
    auto& postgres = Cluster::instance().postgres();
    postgres.stop();
    postgres.start();
}

}  // namespace daybook::test
