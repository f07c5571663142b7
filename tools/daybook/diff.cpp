// `daybook diff`: what differs between the live tables and a replay, or between two replays.
#include <ledger/json_text.hpp>
#include <projections/diff.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/folds.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>
#include <CLI/CLI.hpp>

#include <algorithm>

namespace daybook::tools {
namespace {

struct Options {
    std::string a;
    std::string b;
    std::vector<std::string> names;
    bool json = false;
};

std::string verdict(const projections::ProjectionDifference& difference) {
    if (!difference.readable_a || !difference.readable_b) return "other columns";
    if (!difference.compared) return "only in one";
    return difference.digest_a == difference.digest_b ? "equal" : "differs";
}

std::string row_json(const projections::RowDifference& row) {
    JsonArray events;
    for (const auto position : row.events)
        events.add(std::to_string(position));
    return JsonObject()
        .text("table", row.table)
        .text("key", row.key)
        .raw("before", row.before.empty() ? "null" : row.before)
        .raw("after", row.after.empty() ? "null" : row.after)
        .raw("events", events.str())
        .str();
}

/// A row that is on one side only, without the columns that say nothing.
std::string whole_row(std::string_view side, const std::string& row) {
    simdjson::dom::parser parser;
    const simdjson::dom::object columns = parser.parse(row);
    auto lines = fmt::format("  only in {}\n", side);
    for (const auto field : columns)
        if (!field.value.is_null())
            lines += fmt::format("    {}: {}\n", field.key, simdjson::minify(field.value));
    return lines;
}

/// `status: paid -> refunded`, a line for every column that differs; the whole row when it is in
/// one of the two only.
std::string changes(const projections::RowDifference& row, const Options& options) {
    if (row.before.empty()) return whole_row(options.b, row.after);
    if (row.after.empty()) return whole_row(options.a, row.before);
    simdjson::dom::parser parser_a;
    simdjson::dom::parser parser_b;
    const simdjson::dom::object before = parser_a.parse(row.before);
    const simdjson::dom::object after = parser_b.parse(row.after);
    std::string lines;
    for (const auto field : before) {
        const auto was = simdjson::minify(field.value);
        const auto is = simdjson::minify(after.at_key(field.key).value());
        if (was != is) lines += fmt::format("  {}: {} -> {}\n", field.key, was, is);
    }
    return lines;
}

std::string row_text(const projections::RowDifference& row, const Options& options) {
    return fmt::format("{} {}\n{}  events: {}\n", row.table, row.key, changes(row, options),
                       fmt::join(row.events, ", "));
}

void print_summary(const std::vector<projections::ProjectionDifference>& differences,
                   const Options& options) {
    TextTable table({"projection", ">" + options.a, ">version", ">" + options.b, ">version",
                     "digest of " + options.a, "digest of " + options.b, "verdict"});
    for (const auto& each : differences) {
        if (options.json) {
            fmt::print("{}\n", JsonObject()
                                   .text("projection", each.projection)
                                   .number("position_a", each.position_a)
                                   .number("position_b", each.position_b)
                                   .number("version_a", each.version_a)
                                   .number("version_b", each.version_b)
                                   .text_or_null("digest_a", each.digest_a)
                                   .text_or_null("digest_b", each.digest_b)
                                   .boolean("altered_a", each.altered_a)
                                   .boolean("altered_b", each.altered_b)
                                   .boolean("equal", verdict(each) == "equal")
                                   .boolean("compared", each.compared)
                                   .str());
            continue;
        }
        table.add({each.projection, std::to_string(each.position_a), std::to_string(each.version_a),
                   std::to_string(each.position_b), std::to_string(each.version_b),
                   each.digest_a.substr(0, 16), each.digest_b.substr(0, 16), verdict(each)});
    }
    if (!options.json) fmt::print("{}", table.str());
}

/// What the tables alone do not tell.
void print_remarks(const std::vector<projections::ProjectionDifference>& differences,
                   const Options& options) {
    for (const auto& each : differences) {
        for (const auto& [altered, side] :
             {std::pair(each.altered_a, options.a), std::pair(each.altered_b, options.b)})
            if (altered)
                fmt::print("{} of {} was ALTERED: its rows are not what was folded\n",
                           each.projection, side);
        if (each.version_a > 0 && each.version_b > 0 && each.version_a != each.version_b)
            fmt::print("{}: the rules changed from version {} to {}\n", each.projection,
                       std::min(each.version_a, each.version_b),
                       std::max(each.version_a, each.version_b));
    }
}

int run_diff(const Options& options) {
    const auto chosen = projections_named(options.names);
    const auto config = read_config();
    const Database database(config, "diff");
    database.require_schema();
    std::int64_t rows = 0;
    const auto differences = projections::diff(
        log_options(config, database), options.a, options.b, chosen,
        [&](const projections::RowDifference& row) {
            ++rows;
            fmt::print("{}\n", options.json ? row_json(row) : row_text(row, options));
        });
    print_summary(differences, options);
    const bool equal = std::ranges::all_of(differences, [](const auto& each) {
        return (verdict(each) == "equal" || verdict(each) == "only in one") && !each.altered_a &&
               !each.altered_b;
    });
    if (!options.json) {
        fmt::print("{} rows differ\n", grouped(rows));
        print_remarks(differences, options);
    }
    return equal ? exit_ok : exit_no;
}

}  // namespace

void add_diff(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("diff", "Compare the live tables and replays, row by row");
    const std::string about =
        "Compares digests first; where they differ it prints every row that does, the columns "
        "from\n"
        "the first side's value to the second's, and the positions of the events that touched it. "
        "Either side may be `live`. A projection "
        "that\n"
        "only one side holds is shown and counts as no difference.";
    const auto options = std::make_shared<Options>();
    command->add_option("a", options->a, "`live`, or the name of a replay")->required();
    command->add_option("b", options->b, "`live`, or the name of a replay")->required();
    command
        ->add_option("--projections", options->names,
                     "Only these, separated by commas (otherwise all)")
        ->delimiter(',');
    command->add_flag("--json", options->json,
                      "One JSON object per line: the rows, then the projections");
    command->footer(about +
                    "\n\nExamples:  daybook diff october live\n"
                    "           daybook diff september october --projections orders,payouts\n"
                    "Exits 0 when nothing differs, 1 when something does or was altered by hand, 2 "
                    "when a\nside is not there.");
    command->callback([options, &chosen] { chosen = [options] { return run_diff(*options); }; });
}

}  // namespace daybook::tools
