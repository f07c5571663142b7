// `daybook replays`: lists the replays, and drops one.
#include <ledger/json_text.hpp>
#include <projections/replay.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/folds.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace daybook::tools {
namespace {

int run_list(bool json) {
    const auto config = read_config();
    const Database database(config, "replays");
    database.require_schema();
    TextTable table({"name", ">position", "as of", "created", "projections"});
    JsonArray array;
    for (const auto& replay : projections::list_replays(log_options(config, database))) {
        std::string names;
        JsonArray list;
        for (const auto& name : replay.projections) {
            names += (names.empty() ? "" : ", ") + name;
            list.text(name);
        }
        const bool all = replay.projections.size() == projections::all_projections().size();
        table.add({replay.name, std::to_string(replay.position), replay.as_of, replay.created_at,
                   all ? "all" : names});
        array.add(JsonObject()
                      .text("name", replay.name)
                      .number("position", replay.position)
                      .text("as_of", replay.as_of)
                      .text("created_at", replay.created_at)
                      .raw("projections", list.str())
                      .str());
    }
    if (json)
        fmt::print("{}\n", array.str());
    else
        fmt::print("{}", table.empty() ? "there are no replays\n" : table.str());
    return exit_ok;
}

int run_drop(const std::string& name) {
    const auto config = read_config();
    const Database database(config, "replays");
    database.require_schema();
    if (!projections::drop_replay(log_options(config, database), name)) {
        fmt::print(stderr, "daybook: there is no replay '{}'\n", name);
        return exit_no;
    }
    fmt::print("dropped replay {}\n", name);
    return exit_ok;
}

}  // namespace

void add_replays(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("replays", "List replays, or drop one");
    const auto json = std::make_shared<bool>(false);
    const auto name = std::make_shared<std::string>();
    command->add_flag("--json", *json, "One JSON array");
    command->footer(
        "Examples:  daybook replays\n"
        "           daybook replays drop october\n"
        "Exits 0, or 1 when there is no replay of that name.");
    command->add_subcommand("list", "List them, as without a further word")
        ->add_flag("--json", *json, "One JSON array");
    auto* drop = command->add_subcommand("drop", "Remove a replay and its tables");
    drop->add_option("name", *name, "The replay's name")->required();
    command->callback([=, &chosen] {
        chosen = [=] { return drop->parsed() ? run_drop(*name) : run_list(*json); };
    });
}

}  // namespace daybook::tools
