#include <ledger/migrate.hpp>
#include <ledger/sha256.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace daybook {
namespace {

// Any number will do as long as it never changes and nobody else in the database uses it.
constexpr std::int64_t advisory_lock = 0x6461'7962'6f6f'6b01;

std::string checksum(std::string_view sql) {
    return hex(sha256(sql));
}

bool has_history(pg::Connection& db) {
    return db.run("SELECT to_regclass('ledger.migrations') IS NOT NULL").boolean(0, 0);
}

std::vector<AppliedMigration> history(pg::Connection& db) {
    const auto rows = db.run(
        "SELECT file, sha256, to_char(applied_at AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        " FROM ledger.migrations ORDER BY file COLLATE \"C\"");
    std::vector<AppliedMigration> applied;
    for (int row = 0; row < rows.rows(); ++row)
        applied.push_back({std::string(rows.text(row, 0)), std::string(rows.text(row, 1)),
                           std::string(rows.text(row, 2))});
    return applied;
}

void refuse_strangers(std::span<const AppliedMigration> applied,
                      std::span<const schema::Migration> known) {
    for (std::size_t i = 0; i < applied.size(); ++i) {
        const auto& [file, sum, applied_at] = applied[i];
        const auto same = std::ranges::find(known, file, &schema::Migration::file);
        if (same == known.end())
            throw MigrationRefused(fmt::format(
                "the database is newer than this daybook: it has {}, applied {}; use the newer "
                "binary",
                file, applied_at));
        if (checksum(same->sql) != sum)
            throw MigrationRefused(fmt::format(
                "{} was edited after it was applied on {}; migrations are forward only: restore "
                "it and write a new one",
                file, applied_at));
        if (same != known.begin() + static_cast<std::ptrdiff_t>(i))
            throw MigrationRefused(fmt::format(
                "{} is applied, but {} before it is not; this database was not made by daybook",
                file, known[i].file));
    }
}

// The table of migrations is made by the runner: nothing can record itself before it exists. The
// lock is taken before anything is looked at, and a READ COMMITTED statement after it sees what
// the node that held it before us committed.
void lock_and_prepare(pg::Connection& owner) {
    owner.run("SET LOCAL statement_timeout = 0");
    owner.run(fmt::format("SELECT pg_advisory_xact_lock({})", advisory_lock));
    if (has_history(owner)) return;
    owner.script(
        "CREATE SCHEMA IF NOT EXISTS ledger;"
        "CREATE TABLE ledger.migrations ("
        "    file       text        PRIMARY KEY,"
        "    sha256     text        NOT NULL,"
        "    applied_at timestamptz NOT NULL DEFAULT now()"
        ");"
        "COMMENT ON TABLE ledger.migrations IS"
        "    'The schema files applied to this database, with their checksums.';");
}

}  // namespace

std::vector<std::string> migrate(pg::Connection& owner, std::span<const schema::Migration> known) {
    std::vector<std::string> now;
    for (;;) {
        pg::Transaction transaction(owner);
        lock_and_prepare(owner);
        const auto applied = history(owner);
        refuse_strangers(applied, known);
        if (applied.size() == known.size()) return now;
        const auto& next = known[applied.size()];
        owner.script(std::string(next.sql));
        owner.run("INSERT INTO ledger.migrations (file, sha256) VALUES ($1, $2)",
                  pg::Params().text(next.file).text(checksum(next.sql)));
        transaction.commit();
        now.emplace_back(next.file);
    }
}

std::vector<AppliedMigration> applied_migrations(pg::Connection& db) {
    if (!has_history(db)) return {};
    return history(db);
}

std::string service_conninfo(std::string_view conninfo) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parts(
        PQconninfoParse(std::string(conninfo).c_str(), &error), &PQconninfoFree);
    if (!parts) {
        std::string why = error != nullptr ? error : "out of memory";
        PQfreemem(error);
        while (why.ends_with('\n'))
            why.pop_back();
        throw std::invalid_argument(why);
    }
    std::string result;
    std::string options;
    for (const auto* part = parts.get(); part->keyword != nullptr; ++part) {
        if (part->val == nullptr) continue;
        if (std::string_view(part->keyword) == "options") {
            options = fmt::format("{} ", part->val);
            continue;
        }
        result += fmt::format("{}='", part->keyword);
        for (const char* c = part->val; *c != '\0'; ++c) {
            if (*c == '\'' || *c == '\\') result += '\\';
            result += *c;
        }
        result += "' ";
    }
    for (std::size_t at = 0; (at = options.find_first_of("'\\", at)) != std::string::npos; at += 2)
        options.insert(at, 1, '\\');
    return fmt::format("{}options='{}-c role=daybook_service'", result, options);
}

}  // namespace daybook
