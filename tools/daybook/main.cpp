// The daybook binary: chooses the subcommand and turns what goes wrong into an exit code.
#include <tools/daybook/commands.hpp>
#include <tools/daybook/version.hpp>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    using namespace daybook::tools;
    CLI::App app("Daybook: an event-sourced payment ledger for marketplaces on Stripe Connect.");
    app.name("daybook");
    app.require_subcommand(1);
    app.set_version_flag("--version", "daybook " + std::string(version));
    app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
        const auto rest = failed->remaining();
        if (error.get_name() != "RequiredError" || rest.empty())
            return CLI::FailureMessage::simple(failed, error);
        return "There is no command '" + rest.front() + "'. See daybook --help.\n";
    });
    app.footer(
        "Start with:  daybook serve\n"
        "Each command explains itself: daybook events --help\n\n"
        "Configuration is by environment variables; .env.example lists them. Without DATABASE_URL\n"
        "daybook keeps a Postgres of its own in DAYBOOK_DATA_DIR (.daybook).\n\n"
        "Exit codes: 0 done; 1 the answer is no (a difference, a failed check, nothing of that\n"
        "name); 2 bad usage or configuration; 3 no database; 4 an error inside daybook.");
    Action chosen;
    add_serve(app, chosen);
    add_migrate(app, chosen);
    add_status(app, chosen);
    add_events(app, chosen);
    add_rebuild(app, chosen);
    add_replay(app, chosen);
    add_replays(app, chosen);
    add_diff(app, chosen);
    add_verify(app, chosen);
    add_keys(app, chosen);
    add_version(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    return guarded(chosen);
}
