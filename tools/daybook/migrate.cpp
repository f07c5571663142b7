// `daybook migrate`: brings the database's schema up to date.
#include <tools/daybook/commands.hpp>
#include <tools/daybook/database.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace daybook::tools {
namespace {

int run_migrate() {
    const Database database(read_config(), "migrate");
    const auto applied = database.migrate();
    for (const auto& file : applied)
        fmt::print("applied {}\n", file);
    if (applied.empty()) fmt::print("the schema is up to date\n");
    return exit_ok;
}

}  // namespace

void add_migrate(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("migrate", "Bring the database's schema up to date");
    const std::string about =
        "Applies the migrations that the database does not have yet, as the owner that\n"
        "DATABASE_URL names. `serve` does the same when it starts; run this on its own when the\n"
        "service's login may not change the schema. Running it again changes nothing.";
    command->footer(about +
                    "\n\nExample:  DATABASE_URL=postgres://owner@db/shop daybook migrate\n"
                    "Exits 0 when the schema is up to date, 2 when a migration was edited or the\n"
                    "database is newer than this binary, 3 when the database cannot be reached.");
    command->callback([&chosen] { chosen = run_migrate; });
}

}  // namespace daybook::tools
