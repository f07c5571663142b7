// `daybook status`: where the log and everything computed from it stand.
#include <ledger/json_text.hpp>
#include <ledger/log.hpp>
#include <ledger/pg/connection.hpp>
#include <ledger/segments.hpp>
#include <ledger/sha256.hpp>
#include <projections/projection.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/database.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace daybook::tools {
namespace {

struct ProjectionRow {
    std::string name;
    std::int64_t version = 0;
    std::int64_t position = 0;
    std::int64_t lag = 0;
    std::int64_t set_aside = 0;
    std::string state;
    std::string digest;
};

struct Status {
    std::string database;
    std::int64_t head = 0;
    std::int64_t sealed = 0;
    std::vector<ProjectionRow> projections;
    pg::Result exceptions;  ///< the newest few: projection, position, event id, error
    pg::Result replays;     ///< name, position, as of
};

std::string state_of(const ProjectionRow& row, bool leased) {
    const auto* known = projections::find_projection(row.name);
    if (known == nullptr) return "unknown";
    if (known->version != row.version) return "outdated";
    if (!leased) return "stopped";
    return row.set_aside > 0 ? "degraded" : "live";
}

std::string where(const Config& config, const Database& database) {
    if (!config.embedded()) {
        auto db = database.connect();
        return fmt::format("database {} of the Postgres that DATABASE_URL names", PQdb(db.raw()));
    }
    const auto* directory = database.data_directory();
    if (database.server() != nullptr)
        return fmt::format("embedded Postgres in {} (no service is running)",
                           directory->path().string());
    const auto [pid, command] = directory->holder();
    return fmt::format("embedded Postgres in {} (of `daybook {}`, process {})",
                       directory->path().string(), command, pid);
}

Status read_status(pg::Connection& db) {
    Status status;
    // One snapshot, so that lag and position belong together.
    pg::Transaction snapshot(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    status.head = head_position(db, 0);
    status.sealed = sealed_upto(db, 0);
    const auto rows = db.run(
        "SELECT name, version, position, encode(digest, 'hex'), coalesce(lease_until > now(), "
        "false),"
        " (SELECT count(*) FROM ledger.exceptions e WHERE e.log_id = p.log_id"
        "  AND e.schema_name = p.schema_name AND e.projection = p.name)"
        " FROM ledger.projections p WHERE log_id = 0 AND schema_name = 'app' ORDER BY name");
    for (int row = 0; row < rows.rows(); ++row) {
        ProjectionRow projection{.name = std::string(rows.text(row, 0)),
                                 .version = rows.number(row, 1),
                                 .position = rows.number(row, 2),
                                 .lag = status.head - rows.number(row, 2),
                                 .set_aside = rows.number(row, 5),
                                 .state = {},
                                 .digest = std::string(rows.text(row, 3))};
        projection.state = state_of(projection, rows.boolean(row, 4));
        status.projections.push_back(std::move(projection));
    }
    status.exceptions = db.run(
        "SELECT projection, position, event_id, error FROM ledger.exceptions"
        " WHERE log_id = 0 AND schema_name = 'app' ORDER BY noted_at DESC LIMIT 10");
    status.replays =
        db.run("SELECT name, position, as_of FROM ledger.replays WHERE log_id = 0 ORDER BY name");
    snapshot.commit();
    return status;
}

void print_json(const Status& status) {
    JsonArray projections;
    for (const auto& row : status.projections)
        projections.add(JsonObject()
                            .text("name", row.name)
                            .number("version", row.version)
                            .number("position", row.position)
                            .number("lag", row.lag)
                            .text("digest", row.digest)
                            .text("state", row.state)
                            .number("set_aside", row.set_aside)
                            .str());
    JsonArray exceptions;
    for (int row = 0; row < status.exceptions.rows(); ++row)
        exceptions.add(JsonObject()
                           .text("projection", status.exceptions.text(row, 0))
                           .number("position", status.exceptions.number(row, 1))
                           .text("event_id", status.exceptions.text(row, 2))
                           .text("error", status.exceptions.text(row, 3))
                           .str());
    JsonArray replays;
    for (int row = 0; row < status.replays.rows(); ++row)
        replays.add(JsonObject()
                        .text("name", status.replays.text(row, 0))
                        .number("position", status.replays.number(row, 1))
                        .text("as_of", status.replays.text(row, 2))
                        .str());
    fmt::print("{}\n", JsonObject()
                           .text("database", status.database)
                           .number("head", status.head)
                           .number("sealed", status.sealed)
                           .raw("projections", projections.str())
                           .raw("exceptions", exceptions.str())
                           .raw("replays", replays.str())
                           .str());
}

void print_text(const Status& status) {
    fmt::print("{}\nlog: {} events, {} of them in segments\n\n", status.database,
               grouped(status.head), grouped(status.sealed));
    TextTable projections(
        {"projection", ">version", ">position", ">lag", "state", ">set aside", "digest"});
    for (const auto& row : status.projections)
        projections.add({row.name, std::to_string(row.version), std::to_string(row.position),
                         grouped(row.lag), row.state, grouped(row.set_aside),
                         row.digest.substr(0, 16)});
    fmt::print("{}", projections.empty() ? "no projector has run yet\n" : projections.str());
    for (int row = 0; row < status.exceptions.rows(); ++row)
        fmt::print("{}{} could not fold {} at position {}: {}\n", row == 0 ? "\n" : "",
                   status.exceptions.text(row, 0), status.exceptions.text(row, 2),
                   status.exceptions.text(row, 1), status.exceptions.text(row, 3));
    std::int64_t more = -status.exceptions.rows();
    for (const auto& row : status.projections)
        more += row.set_aside;
    if (more > 0) fmt::print("and {} more: see GET /exceptions\n", more);
    for (int row = 0; row < status.replays.rows(); ++row)
        fmt::print("{}replay {} at position {} (as of {})\n", row == 0 ? "\n" : "",
                   status.replays.text(row, 0), status.replays.text(row, 1),
                   status.replays.text(row, 2));
}

int run_status(bool json) {
    const auto config = read_config();
    const Database database(config, "status");
    database.require_schema();
    auto db = database.connect();
    auto status = read_status(db);
    status.database = where(config, database);
    if (json)
        print_json(status);
    else
        print_text(status);
    return exit_ok;
}

}  // namespace

void add_status(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("status", "Where the log and the projections stand");
    const std::string about =
        "Prints how long the log is and how much of it is packed into segments, and for each\n"
        "projection its position, its lag in events, its state and its digest; then events set\n"
        "aside, and replays. A state is live (a running service folds it), degraded (live, but\n"
        "events were set aside), stopped (no service holds it), or outdated (made by other rules\n"
        "than this binary's; a service rebuilds it).";
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "One JSON object");
    command->footer(about +
                    "\n\nExample:  daybook status --json | jq '.projections[].lag'\n"
                    "Exits 0; for a check that can say no, see `daybook verify`.");
    command->callback([json, &chosen] { chosen = [json] { return run_status(*json); }; });
}

}  // namespace daybook::tools
