// The subcommands of daybook, one file each, and what they share.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace daybook::tools {

/// What the process ends with; documented in docs/operations.md.
enum Exit : int {
    exit_ok = 0,
    exit_no = 1,           ///< the check failed, something differs, nothing of that name is there
    exit_usage = 2,        ///< bad arguments or configuration
    exit_unavailable = 3,  ///< the database cannot be reached or started
    exit_internal = 4,
    exit_interrupted = 130  ///< as a shell says it: 128 and SIGINT
};

/// What the chosen subcommand does; its result is the exit code.
using Action = std::function<int()>;

// Each adds its subcommand to `app`; parsing one sets `chosen`.
void add_serve(CLI::App& app, Action& chosen);
void add_migrate(CLI::App& app, Action& chosen);
void add_status(CLI::App& app, Action& chosen);
void add_events(CLI::App& app, Action& chosen);
void add_rebuild(CLI::App& app, Action& chosen);
void add_replay(CLI::App& app, Action& chosen);
void add_replays(CLI::App& app, Action& chosen);
void add_diff(CLI::App& app, Action& chosen);
void add_verify(CLI::App& app, Action& chosen);
void add_keys(CLI::App& app, Action& chosen);
void add_version(CLI::App& app, Action& chosen);

/// Runs `action` and turns what it throws into one line on stderr and an exit code.
int guarded(const Action& action);

}  // namespace daybook::tools
