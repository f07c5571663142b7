// The daybook binary as its users meet it: exit codes, the embedded Postgres, kill -9 and back.
#include <test/integration/cluster.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <filesystem>

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

using namespace daybook;
using namespace daybook::test;

namespace {

std::string first_word(const std::string& path) {
    std::string word;
    std::ifstream(path) >> word;
    return word;
}

std::string trimmed(std::string text) {
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string event_body(std::string_view id) {
    return fmt::format(
        R"({{"id":"{}","object":"event","api_version":"2024-06-20","created":1700000000,)"
        R"("livemode":false,"type":"charge.succeeded","data":{{"object":{{"id":"ch_1",)"
        R"("object":"charge","amount":1000,"currency":"usd","created":1700000000}}}}}})",
        id);
}

/// The server of an embedded data directory.
pid_t postgres_of(const std::string& data_dir) {
    pid_t pid = 0;
    std::ifstream(data_dir + "/pg/postmaster.pid") >> pid;
    return pid;
}

bool one_line(const std::string& text) {
    return text.ends_with('\n') && text.find('\n') == text.size() - 1;
}

template <class Condition>
bool eventually(Condition condition) {
    for (int tries = 0; tries < 1000; ++tries) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

}  // namespace

TEST_CASE("bad usage exits with 2, help and version with 0") {
    CHECK(run_daybook({}, {}).exit_code == 2);
    CHECK(run_daybook({"nonsense"}, {}).exit_code == 2);
    CHECK(run_daybook({"rebuild"}, {}).exit_code == 2);
    CHECK(run_daybook({"keys"}, {}).exit_code == 2);
    CHECK(run_daybook({"replay", "--as-of", "1"}, {}).exit_code == 2);
    for (const auto* time :
         {"@", "@-1", "@1732104000s", "@99999999999999999999", "@1732104000000000000"})
        CHECK(run_daybook({"replay", "--as-of", time, "--into", "x"}, {}).exit_code == 2);
    CHECK(run_daybook({"--help"}, {}).exit_code == 0);
    for (const char* command : {"serve", "migrate", "status", "events", "rebuild", "replay",
                                "replays", "diff", "verify", "keys", "version"}) {
        INFO(command);
        const auto help = run_daybook({command, "--help"}, {});
        CHECK(help.exit_code == 0);
        CHECK_THAT(help.out, Catch::Contains(command));
    }
    CHECK_THAT(run_daybook({"version", "--json"}, {}).out, Catch::Contains("\"version\":\""));
}

TEST_CASE("a bad configuration exits with 2 and one line that names the variable") {
    const auto bad = run_daybook({"serve"}, {{"DAYBOOK_LISTEN", "nowhere"}});
    CHECK(bad.exit_code == 2);
    CHECK(bad.err.starts_with("daybook: DAYBOOK_LISTEN is 'nowhere'"));
    CHECK(one_line(bad.err));
    const Database database;
    const auto unsigned_endpoint = run_daybook({"serve"}, {{"DATABASE_URL", database.conninfo()}});
    CHECK(unsigned_endpoint.exit_code == 2);
    CHECK_THAT(unsigned_endpoint.err, Catch::Contains("STRIPE_WEBHOOK_SECRET is not set"));
}

TEST_CASE("a database that cannot be reached exits with 3") {
    const auto away = run_daybook(
        {"status"}, {{"DATABASE_URL", fmt::format("host=127.0.0.1 port={}", free_port())}});
    CHECK(away.exit_code == 3);
    CHECK(one_line(away.err));
}

TEST_CASE("a database that nobody migrated is refused until migrate was run") {
    const Database database(Database::Kind::bare);
    const Environment environment = {{"DATABASE_URL", database.conninfo()}};
    const auto before = run_daybook({"status"}, environment);
    CHECK(before.exit_code == 2);
    CHECK_THAT(before.err, Catch::Contains("run `daybook migrate` first"));
    const auto first = run_daybook({"migrate"}, environment);
    CHECK(first.exit_code == 0);
    CHECK_THAT(first.out, Catch::StartsWith("applied 0001_ledger.sql\n"));
    CHECK(run_daybook({"migrate"}, environment).out == "the schema is up to date\n");
    CHECK(run_daybook({"status", "--json"}, environment).exit_code == 0);
}

TEST_CASE("keys are made, listed and revoked; an event that is not there exits with 1") {
    const Database database;
    const Environment environment = {{"DATABASE_URL", database.conninfo()}};
    const auto created =
        run_daybook({"keys", "create", "--scope", "admin", "--label", "backend"}, environment);
    CHECK(created.exit_code == 0);
    CHECK(created.out.starts_with("dbk_"));
    CHECK(one_line(created.out));
    const auto list = run_daybook({"keys", "list"}, environment);
    CHECK_THAT(list.out, Catch::Contains("backend") && Catch::Contains("admin"));
    CHECK(list.out.find(trimmed(created.out)) == std::string::npos);
    CHECK(run_daybook({"keys", "revoke", "key_nobody"}, environment).exit_code == 1);
    CHECK(run_daybook({"keys", "create", "--scope", "nonsense"}, environment).exit_code == 2);
    CHECK(run_daybook({"events", "show", "evt_none"}, environment).exit_code == 1);
    CHECK(run_daybook({"replays", "drop", "none"}, environment).exit_code == 1);
    CHECK(run_daybook({"diff", "live", "none"}, environment).exit_code == 2);
    const auto whole = run_daybook({"keys", "revoke", trimmed(created.out)}, environment);
    CHECK(whole.exit_code == 2);
    CHECK(whole.err.find(trimmed(created.out)) == std::string::npos);
}

TEST_CASE("events are listed, filtered and shown as received") {
    const Database database;
    auto db = database.connect();
    db.run(
        "INSERT INTO ledger.events (log_id, position, event_id, source, type, livemode,"
        " occurred_at, recorded_at, payload, payload_sha256) SELECT 0, n, 'evt_' || n, 'webhook',"
        " CASE WHEN n = 2 THEN 'payout.paid' ELSE 'charge.succeeded' END, false, '2026-01-01',"
        " '2026-01-02', '{\"n\": 1.50}', sha256('{\"n\": 1.50}') FROM generate_series(1, 3) n");
    db.run("UPDATE ledger.heads SET position = 3 WHERE log_id = 0");
    const Environment environment = {{"DATABASE_URL", database.conninfo()}};

    const auto list = run_daybook({"events", "--json"}, environment).out;
    CHECK(list.find("evt_3") < list.find("evt_1"));
    const auto charges = run_daybook({"events", "list", "--type", "charge.*"}, environment).out;
    CHECK_THAT(charges, Catch::Contains("evt_1") && !Catch::Contains("evt_2"));
    const auto after = run_daybook({"events", "--after", "1", "--limit", "1"}, environment).out;
    CHECK_THAT(after, Catch::Contains("evt_2") && !Catch::Contains("evt_3"));
    CHECK_THAT(run_daybook({"events", "show", "2"}, environment).out,
               Catch::Contains("payout.paid") && Catch::Contains("\n  \"n\": 1.50\n"));
    CHECK_THAT(run_daybook({"events", "show", "evt_2", "--json"}, environment).out,
               Catch::Contains("\"payload\":{\"n\":1.50}}"));
}

TEST_CASE("an event is shown without its secrets, unless one asks for them") {
    const Database database;
    auto db = database.connect();
    db.run(
        "INSERT INTO ledger.events (log_id, position, event_id, source, type, livemode,"
        " occurred_at, recorded_at, payload, payload_sha256) SELECT 0, 1, 'evt_1', 'webhook', 'x',"
        " false, now(), now(), p, sha256(p) FROM (VALUES ('{\"secret\":\"whsec_1\"}'::bytea)) "
        "v(p)");
    const Environment environment = {{"DATABASE_URL", database.conninfo()}};
    CHECK_THAT(run_daybook({"events", "show", "evt_1"}, environment).out,
               Catch::Contains("[redacted]") && !Catch::Contains("whsec_1"));
    CHECK(run_daybook({"events", "show", "evt_1", "--raw"}, environment).out ==
          R"({"secret":"whsec_1"})");
}

TEST_CASE("the embedded service survives kill -9 and starts again on its data directory") {
    const TemporaryDirectory directory;
    const auto data = directory.path() + "/data";
    const Environment environment = {{"DAYBOOK_DATA_DIR", data}};
    std::string secret;
    {
        Serve serve(environment);
        secret = first_word(data + "/webhook_secret");
        CHECK(secret.starts_with("whsec_"));
        CHECK(secret.size() == 6 + 32);
        struct stat status{};
        REQUIRE(stat((data + "/webhook_secret").c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        CHECK(serve.output().find(secret) == std::string::npos);
        CHECK(HttpClient(serve.port())
                  .webhook("/webhooks/stripe", event_body("evt_a"), secret)
                  .status == 200);

        const auto second =
            run_daybook({"serve"}, {{"DAYBOOK_DATA_DIR", data}, {"DAYBOOK_LISTEN", "127.0.0.1:0"}});
        CHECK(second.exit_code == 2);
        CHECK_THAT(second.err, Catch::Contains("is in use by `daybook serve`"));
        // Another command uses the server of the running service.
        CHECK(run_daybook({"events", "show", "evt_a"}, environment).exit_code == 0);
        serve.kill_hard();
    }
    {
        Serve serve(environment);
        CHECK(serve.start_time() < std::chrono::seconds(5));  // with the old server's shutdown
        CHECK(first_word(data + "/webhook_secret") == secret);
        const auto again =
            HttpClient(serve.port()).webhook("/webhooks/stripe", event_body("evt_a"), secret);
        CHECK(again.status == 200);
        CHECK_THAT(again.body, Catch::Contains("\"duplicate\":true"));
        CHECK(serve.stop() == 0);
    }
    // Its server went with it, and a command without a service starts one for its own duration.
    CHECK(eventually([&] { return postgres_of(data) == 0; }));
    CHECK(run_daybook({"events", "show", "evt_a"}, environment).exit_code == 0);
    CHECK(postgres_of(data) == 0);
}

TEST_CASE("kill -9 of the service takes its Postgres down, and kill -9 of that brings it back") {
    const TemporaryDirectory directory;
    const auto data = directory.path() + "/data";
    const Environment environment = {{"DAYBOOK_DATA_DIR", data}};
    {
        Serve serve(environment);
        const auto secret = first_word(data + "/connect_webhook_secret");
        const auto killed = postgres_of(data);
        REQUIRE(killed > 1);
        kill(killed, SIGKILL);
        // A session that outlives its server may still commit; wait for the new server itself.
        CHECK(eventually([&] {
            const auto server = postgres_of(data);
            return server != 0 && server != killed;
        }));
        CHECK(eventually([&] {
            return HttpClient(serve.port())
                       .webhook("/webhooks/stripe/connect", event_body("evt_b"), secret)
                       .status == 200;
        }));
        INFO(serve.output());
        CHECK(eventually([&] { return run_daybook({"verify"}, environment).exit_code == 0; }));
        serve.kill_hard();
    }
    CHECK(eventually([&] { return postgres_of(data) == 0; }));
}

TEST_CASE("a data directory with a long path gets its socket elsewhere") {
    const TemporaryDirectory directory;
    const auto data = directory.path() + "/" + std::string(120, 'd');
    const Environment environment = {{"DAYBOOK_DATA_DIR", data}};
    CHECK(run_daybook({"migrate"}, environment).exit_code == 0);
}

TEST_CASE("no command but serve and migrate makes a ledger, and none in the place of a lost one") {
    const TemporaryDirectory directory;
    const auto data = directory.path() + "/data";
    const Environment environment = {{"DAYBOOK_DATA_DIR", data}};
    const auto nothing = run_daybook({"verify"}, environment);
    CHECK(nothing.exit_code == 3);
    CHECK_THAT(nothing.err, Catch::Contains("there is no Daybook in " + data));
    CHECK_FALSE(std::filesystem::exists(data));

    CHECK(Serve(environment).stop() == 0);
    CHECK(run_daybook({"verify", "orders", "orders"}, environment).exit_code == 0);
    CHECK(run_daybook({"verify"}, environment).exit_code == 0);
    std::filesystem::rename(data + "/pg", data + "/away");
    for (const auto* command : {"status", "serve", "migrate"}) {
        const auto lost = run_daybook({command}, environment);
        INFO(command << ": " << lost.err);
        CHECK(lost.exit_code == 3);
    }
    std::filesystem::rename(data + "/away", data + "/pg");
    CHECK(run_daybook({"verify"}, environment).exit_code == 0);
}

TEST_CASE("an existing database is served within a second") {
    const TemporaryDirectory directory;
    const Environment environment = {{"DAYBOOK_DATA_DIR", directory.path() + "/data"}};
    CHECK(Serve(environment).stop() == 0);
    Serve again(environment);
    CHECK(again.start_time() < std::chrono::seconds(1));
}

TEST_CASE("a data directory may have an apostrophe or a comma in its name") {
    const auto* name = GENERATE("o'brien", "a,b");
    const TemporaryDirectory directory;
    CHECK_NOTHROW(Serve({{"DAYBOOK_DATA_DIR", fmt::format("{}/{}", directory.path(), name)}},
                        std::chrono::seconds(60)));
}

TEST_CASE("events follow shows what is there without a pause") {
    const Database database;
    auto db = database.connect();
    db.run(
        "INSERT INTO ledger.events SELECT 0, n, 'evt_' || n, 'webhook', 'x.y', NULL, NULL, false,"
        " NULL, now(), now(), NULL, NULL, '{}', sha256('{}') FROM generate_series(1, 1000) n");
    db.run("UPDATE ledger.heads SET position = 1000");
    const auto command =
        fmt::format("DATABASE_URL=\"{}\" timeout -s INT 6 {} events follow --after 0 | wc -l",
                    database.conninfo(), DAYBOOK_BINARY);
    const std::unique_ptr<std::FILE, decltype(&pclose)> pipe(popen(command.c_str(), "r"), pclose);
    int lines = 0;
    REQUIRE(std::fscanf(pipe.get(), "%d", &lines) == 1);
    CHECK(lines == 1000);
}
