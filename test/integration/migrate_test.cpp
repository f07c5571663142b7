// Migrations: from empty and again, together, edited, from the future; and the append-only log.
#include <ledger/migrate.hpp>
#include <test/integration/cluster.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <exception>
#include <thread>

using namespace daybook;
using test::Database;

namespace {

std::string refusal(pg::Connection& db, std::span<const schema::Migration> known) {
    try {
        migrate(db, known);
    } catch (const MigrationRefused& refused) {
        return refused.what();
    }
    return {};
}

void append_one(pg::Connection& db) {
    db.run(
        "INSERT INTO ledger.events (log_id, position, event_id, source, type, livemode,"
        " occurred_at, recorded_at, payload, payload_sha256)"
        " VALUES (0, 1, 'evt_1', 'webhook', 'charge.succeeded', false, now(), now(),"
        " '{}', sha256('{}'))");
}

std::string sqlstate_of(pg::Connection& db, const std::string& sql) {
    try {
        db.run(sql);
    } catch (const pg::Error& error) {
        return error.sqlstate();
    }
    return {};
}

}  // namespace

TEST_CASE("an empty database gets every migration, and a second run changes nothing") {
    const Database database(Database::Kind::bare);
    auto db = database.connect();
    CHECK(applied_migrations(db).empty());
    CHECK(migrate(db).size() == schema::migrations().size());
    const auto applied = applied_migrations(db);
    CHECK(migrate(db).empty());
    REQUIRE(applied.size() == schema::migrations().size());
    CHECK(applied.front().file == "0001_ledger.sql");
    CHECK(applied.front().sha256.size() == 64);
    CHECK(applied_migrations(db).front().applied_at == applied.front().applied_at);
}

TEST_CASE("nodes that start together on an empty database all succeed") {
    const Database database(Database::Kind::bare);
    std::array<std::exception_ptr, 4> failures;
    std::array<std::size_t, 4> applied{};
    {
        std::vector<std::jthread> nodes;
        for (std::size_t node = 0; node < applied.size(); ++node)
            nodes.emplace_back([&, node] {
                try {
                    auto db = database.connect();
                    applied[node] = migrate(db).size();
                } catch (...) {
                    failures[node] = std::current_exception();
                }
            });
    }
    std::size_t total = 0;
    for (std::size_t node = 0; node < applied.size(); ++node) {
        CHECK(failures[node] == nullptr);
        total += applied[node];
    }
    CHECK(total == schema::migrations().size());
}

TEST_CASE("an edited old migration is refused in one line that names it") {
    const Database database;
    auto db = database.connect();
    const std::array edited = {schema::Migration{"0001_ledger.sql", "SELECT 'something else'"}};
    const auto why = refusal(db, edited);
    CHECK_THAT(why, Catch::StartsWith("0001_ledger.sql was edited after it was applied"));
    CHECK(why.find('\n') == std::string::npos);
}

TEST_CASE("a database that is newer than the binary is refused") {
    const Database database;
    auto db = database.connect();
    db.run("INSERT INTO ledger.migrations (file, sha256) VALUES ('9999_later.sql', 'x')");
    CHECK_THAT(refusal(db, schema::migrations()),
               Catch::Contains("newer than this daybook") && Catch::Contains("9999_later.sql"));
}

TEST_CASE("a migration that fails leaves nothing behind") {
    const Database database;
    auto db = database.connect();
    std::vector<schema::Migration> known(schema::migrations().begin(), schema::migrations().end());
    known.push_back({"9998_broken.sql", "CREATE TABLE app.half (a int); SELECT 1 / 0"});
    CHECK_THROWS_AS(migrate(db, known), pg::Error);
    auto again = database.connect();
    CHECK(applied_migrations(again).size() == schema::migrations().size());
    CHECK_FALSE(again.run("SELECT to_regclass('app.half') IS NOT NULL").boolean(0, 0));
}

TEST_CASE("UPDATE, DELETE and TRUNCATE on the log are refused for the owner by trigger") {
    const Database database;
    auto db = database.connect();
    append_one(db);
    for (const char* sql : {"UPDATE ledger.events SET type = 'x'", "DELETE FROM ledger.events",
                            "TRUNCATE ledger.events", "TRUNCATE ledger.events CASCADE"}) {
        INFO(sql);
        CHECK(sqlstate_of(db, sql) == "42501");
        // Also when triggers are told to stand aside, as replication does.
        CHECK(sqlstate_of(db, std::string("SET session_replication_role = replica")).empty());
        CHECK(sqlstate_of(db, sql) == "42501");
        db.run("RESET session_replication_role");
    }
    CHECK(db.run("SELECT count(*) FROM ledger.events").number(0, 0) == 1);
}

TEST_CASE("the service role may append and read, and has no privilege to change the log") {
    const Database database;
    auto db = database.connect_service();
    CHECK(db.run("SELECT current_user").text(0, 0) == "daybook_service");
    append_one(db);
    CHECK(db.run("SELECT count(*) FROM ledger.events").number(0, 0) == 1);
    for (const char* privilege : {"UPDATE", "DELETE", "TRUNCATE", "TRIGGER"})
        CHECK_FALSE(
            db.run("SELECT has_table_privilege('ledger.events', $1)", pg::Params().text(privilege))
                .boolean(0, 0));
    for (const char* sql :
         {"UPDATE ledger.events SET type = 'x'", "DELETE FROM ledger.events",
          "TRUNCATE ledger.events", "DROP TABLE ledger.events",
          "ALTER TABLE ledger.events DISABLE TRIGGER append_only",
          "UPDATE ledger.migrations SET sha256 = 'x'", "UPDATE ledger.segments SET events = ''",
          "TRUNCATE ledger.segments", "DELETE FROM ledger.segments"}) {
        INFO(sql);
        CHECK(sqlstate_of(db, sql) == "42501");
    }
}

TEST_CASE("people and reports read all of the log but its payloads, which hold secrets") {
    const Database database;
    auto db = database.connect();
    append_one(db);
    db.run("SET ROLE daybook_reader");
    CHECK(db.run("SELECT event_id, type, payload_sha256 FROM ledger.events").rows() == 1);
    CHECK(sqlstate_of(db, "SELECT payload FROM ledger.events") == "42501");
    CHECK(sqlstate_of(db, "SELECT * FROM ledger.events_json") == "42501");
    CHECK(sqlstate_of(db, "SELECT events FROM ledger.segments") == "42501");
}

TEST_CASE("the service role is added to a connection string without losing what it says") {
    CHECK(service_conninfo("host=/tmp dbname=d") ==
          "dbname='d' host='/tmp' options='-c role=daybook_service'");
    const auto url = service_conninfo(
        "postgres://user:p%27w@db:5433/shop?options=-c%20work_mem%3D8MB&sslmode=require");
    CHECK_THAT(url, Catch::Contains("user='user'") && Catch::Contains("password='p\\'w'") &&
                        Catch::Contains("port='5433'") && Catch::Contains("dbname='shop'") &&
                        Catch::Contains("sslmode='require'") &&
                        Catch::Contains("options='-c work_mem=8MB -c role=daybook_service'"));
    CHECK_THROWS_AS(service_conninfo("no equals sign"), std::invalid_argument);
}
