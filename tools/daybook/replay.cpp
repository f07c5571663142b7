// `daybook replay`: the projections as of a point in the past, as tables of their own.
#include <projections/replay.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/folds.hpp>
#include <tools/daybook/progress.hpp>

#include <fmt/chrono.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <ctime>

namespace daybook::tools {
namespace {

struct Options {
    std::string as_of;
    std::string into;
    std::vector<std::string> names;
    bool json = false;
};

/// `@1732104000`, as date(1) writes Unix seconds, in RFC 3339; anything else as it is. A bare
/// number is a position.
std::string without_unix_seconds(const std::string& as_of) {
    if (!as_of.starts_with('@')) return as_of;
    std::time_t seconds = 0;
    constexpr std::time_t last = 253'402'300'799;  // of the year 9999
    const auto* end = as_of.data() + as_of.size();
    const auto [read, error] = std::from_chars(as_of.data() + 1, end, seconds);
    if (error != std::errc() || read != end || seconds < 0 || seconds > last)
        throw std::invalid_argument(
            fmt::format("--as-of {}: @ must be followed by Unix seconds", as_of));
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

int run_replay(const Options& options) {
    const auto chosen = projections_named(options.names);
    const auto as_of = without_unix_seconds(options.as_of);
    if (!projections::is_replay_name(options.into))
        throw std::invalid_argument(fmt::format(
            "--into {}: a name has 1 to 40 of a-z, 0-9 and _, and is not 'live'", options.into));
    const auto config = read_config();
    const Database database(config, "replay");
    database.require_schema();
    std::vector<projections::Folded> folded;
    {
        ProgressBar progress;
        folded = projections::replay(log_options(config, database), as_of, options.into, chosen,
                                     progress.callback());
    }
    print_folded(folded, options.json);
    if (!folded.empty() && folded.front().position == 0)
        fmt::print(stderr, "daybook: nothing had been recorded by then, so the tables are empty\n");
    if (!options.json)
        fmt::print(
            "in schema {}; read it with ?replay={}, compare it with `daybook diff {} live`\n",
            projections::schema_of(options.into), options.into, options.into);
    return exit_ok;
}

}  // namespace

void add_replay(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("replay", "Compute projections as of a point in the past");
    const std::string about =
        "Folds the log up to a position or a time into tables of their own (schema\n"
        "replay_<name>), beside the live ones and without touching them. A time means: what had\n"
        "been recorded by then.";
    const auto options = std::make_shared<Options>();
    command
        ->add_option("--as-of", options->as_of,
                     "A position (1200), a time (2026-11-19T23:59:59Z), a day (2026-11-19, to its "
                     "end in UTC) or Unix seconds (@1795132799)")
        ->required();
    command->add_option("--into", options->into, "The replay's name: a-z, 0-9 and _")->required();
    command
        ->add_option("--projections", options->names,
                     "Only these, separated by commas (otherwise all)")
        ->delimiter(',');
    command->add_flag("--json", options->json, "The results as one JSON array");
    command->footer(about +
                    "\n\nExample:  daybook replay --as-of 2026-10-31 --into october\n"
                    "Exits 0 when it is there, 2 when the name is taken or the point is none.");
    command->callback([options, &chosen] { chosen = [options] { return run_replay(*options); }; });
}

}  // namespace daybook::tools
