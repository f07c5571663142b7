// `daybook verify`: the log is whole, and the tables are what it folds to.
#include <ledger/json_text.hpp>
#include <projections/verify.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/folds.hpp>
#include <tools/daybook/progress.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <vector>

namespace daybook::tools {
namespace {

struct Options {
    std::vector<std::string> names;
    std::string replay = "live";
    bool json = false;
};

void print_json(const projections::Verified& verified) {
    JsonArray list;
    for (const auto& each : verified.projections)
        list.add(JsonObject()
                     .text("name", each.name)
                     .number("position", each.position)
                     .number("version", each.version)
                     .boolean("same_rules", each.same_rules)
                     .boolean("readable", each.readable)
                     .number("set_aside", each.set_aside)
                     .text("stored", each.stored)
                     .text("tables", each.tables)
                     .text("refolded", each.refolded)
                     .boolean("ok", each.ok())
                     .str());
    const auto log = JsonObject()
                         .number("head", verified.log.head)
                         .number("events", verified.log.events)
                         .number("highest", verified.log.highest)
                         .number("altered", verified.log.altered)
                         .number("segments", verified.log.segments.segments)
                         .number("segments_altered", verified.log.segments.altered)
                         .boolean("ok", verified.log.ok())
                         .str();
    fmt::print("{}\n", JsonObject()
                           .boolean("ok", verified.ok())
                           .raw("log", log)
                           .raw("projections", list.str())
                           .str());
}

std::string verdict(const projections::VerifiedProjection& each) {
    if (!each.readable) return "not compared: older rules, other columns";
    if (!each.ok()) return "DIFFERS";
    return each.same_rules ? "equal" : "equal, by older rules";
}

void print_text(const projections::Verified& verified) {
    const auto& log = verified.log;
    fmt::print("log: {} events, head {}, highest position {}: {}\n", log.events, log.head,
               log.highest,
               log.head == log.events && log.events == log.highest ? "no gaps" : "GAPS");
    fmt::print("payloads: {}\n", log.altered == 0
                                     ? std::string("every SHA-256 is the recorded one")
                                     : grouped(log.altered) + " ALTERED since they were recorded");
    const auto& [segments, differ] = log.segments;
    fmt::print("segments: {}\n",
               segments == 0 ? std::string("none yet")
               : differ == 0 ? grouped(segments) + ", each holds what the log holds"
                             : fmt::format("{} of {} ALTERED: the owner may empty ledger.segments",
                                           grouped(differ), grouped(segments)));
    TextTable table(
        {"projection", ">position", ">version", "stored", "tables", "refolded", "verdict"});
    for (const auto& each : verified.projections)
        table.add({each.name, std::to_string(each.position), std::to_string(each.version),
                   each.stored.substr(0, 16), each.tables.substr(0, 16),
                   each.refolded.substr(0, 16), verdict(each)});
    fmt::print("{}", table.str());
    for (const auto& each : verified.projections)
        if (each.set_aside > 0)
            fmt::print("{} leaves out {} that it could not fold: see GET /exceptions\n", each.name,
                       each.set_aside == 1 ? "an event" : fmt::format("{} events", each.set_aside));
}

int run_verify(const Options& options) {
    const auto chosen = options.names.empty() ? std::vector<const projections::Projection*>()
                                              : projections_named(options.names);
    const auto config = read_config();
    const Database database(config, "verify");
    database.require_schema();
    projections::Verified verified;
    {
        ProgressBar progress;
        verified = projections::verify(log_options(config, database), chosen, options.replay,
                                       progress.callback());
    }
    if (options.json)
        print_json(verified);
    else
        print_text(verified);
    return verified.ok() ? exit_ok : exit_no;
}

}  // namespace

void add_verify(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("verify", "Prove the log whole and the tables right");
    const std::string about =
        "Checks that the log has no gap, that every payload still has the SHA-256 it was\n"
        "recorded with, and that the segments hold what the log holds; folds it anew in memory;\n"
        "and compares three digests of each projection: the one in its checkpoint, the one of the\n"
        "rows in its tables, and the one of the fold.\n"
        "Changes nothing, and the service may run on.";
    const auto options = std::make_shared<Options>();
    command->add_option("projection", options->names, "Only these (otherwise all)");
    command->add_option("--replay", options->replay,
                        "The tables of this replay instead of the live ones");
    command->add_flag("--json", options->json, "One JSON object");
    command->footer(about +
                    "\n\nExamples:  daybook verify && echo the books are right\n"
                    "           daybook verify --replay october\n"
                    "Exits 0 when all is right, 1 when something is not.");
    command->callback([options, &chosen] { chosen = [options] { return run_verify(*options); }; });
}

}  // namespace daybook::tools
