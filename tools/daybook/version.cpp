// `daybook version`: what this binary is, and the versions of its rules.
#include <ledger/json_text.hpp>
#include <projections/projection.hpp>
#include <schema/migrations.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/version.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace daybook::tools {
namespace {

int run_version(bool json) {
    const auto schema = schema::migrations().back().file;
    if (json) {
        JsonObject rules;
        for (const auto* projection : projections::all_projections())
            rules.number(projection->name, projection->version);
        fmt::print("{}\n", JsonObject()
                               .text("version", version)
                               .text("schema", schema)
                               .raw("projections", rules.str())
                               .str());
        return exit_ok;
    }
    fmt::print("daybook {}\nschema {}\n", version, schema);
    for (const auto* projection : projections::all_projections())
        fmt::print("projection {} version {}\n", projection->name, projection->version);
    return exit_ok;
}

}  // namespace

void add_version(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("version", "Print the versions of binary, schema and rules");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "One JSON object");
    command->callback([json, &chosen] { chosen = [json] { return run_version(*json); }; });
}

}  // namespace daybook::tools
