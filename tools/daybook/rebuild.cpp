// `daybook rebuild`: folds the log anew beside the live tables, and swaps.
#include <tools/daybook/commands.hpp>
#include <tools/daybook/folds.hpp>
#include <tools/daybook/progress.hpp>

#include <CLI/CLI.hpp>

namespace daybook::tools {
namespace {

struct Options {
    std::vector<std::string> names;
    bool all = false;
    bool json = false;
};

int run_rebuild(const Options& options) {
    const auto chosen = projections_named(options.names);
    const auto config = read_config();
    const Database database(config, "rebuild");
    database.require_schema();
    std::vector<projections::Folded> folded;
    {
        ProgressBar progress;
        folded = projections::rebuild(log_options(config, database), chosen, progress.callback());
    }
    print_folded(folded, options.json);
    return exit_ok;
}

}  // namespace

void add_rebuild(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("rebuild", "Compute projections anew from the log");
    const std::string about =
        "Folds the log from position 1 into fresh tables beside the live ones, catches up, and\n"
        "swaps. Readers keep reading the old tables until then, and the service may run on.\n"
        "Orders and entitlements are made of the same facts: who names one rebuilds both.";
    const auto options = std::make_shared<Options>();
    command->add_option("projection", options->names, "The projections to rebuild");
    command->add_flag("--all", options->all, "Every projection, from one scan of the log");
    command->add_flag("--json", options->json, "The results as one JSON array");
    command->footer(about +
                    "\n\nExamples:  daybook rebuild orders entitlements\n"
                    "           daybook rebuild --all\n"
                    "Exits 0 when swapped, 1 when another process rebuilds the same projection.");
    command->callback([options, &chosen] {
        if (options->all == !options->names.empty())
            throw CLI::ValidationError("rebuild", "name projections or say --all, one of both");
        chosen = [options] { return run_rebuild(*options); };
    });
}

}  // namespace daybook::tools
