// `daybook events`: the log for people: list it, look at one event, follow it as it grows.
#include <ledger/log.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/database.hpp>
#include <tools/daybook/event_rows.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <ctime>

namespace daybook::tools {
namespace {

struct Options {
    EventFilter filter;
    std::string which;
    bool json = false;
    bool raw = false;
};

int run_list(const Options& options) {
    const Database database(read_config(), "events");
    database.require_schema();
    auto db = database.connect();
    print_events(select_events(db, options.filter), options.json);
    return exit_ok;
}

int run_show(const Options& options) {
    const Database database(read_config(), "events");
    database.require_schema();
    auto db = database.connect();
    const auto found = select_event(db, options.which);
    if (found.rows() == 0) {
        fmt::print(stderr, "daybook: there is no event {}\n", options.which);
        return exit_no;
    }
    if (options.raw)
        print_payload(found);
    else
        print_event(found, options.json);
    return exit_ok;
}

/// True when SIGINT or SIGTERM came within the time.
bool interrupted_within(const sigset_t& signals, std::chrono::milliseconds time) {
    const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
    return sigtimedwait(&signals, nullptr, &limit) > 0;
}

// Polls, because a NOTIFY would not pass a pooler and a quarter of a second is soon enough to read.
int run_follow(const Options& options) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    const Database database(read_config(), "events");
    database.require_schema();
    auto db = database.connect();
    auto filter = options.filter;
    filter.oldest_first = true;
    if (filter.after < 0) filter.after = head_position(db, 0);
    for (auto pause = std::chrono::milliseconds(0); !interrupted_within(signals, pause);) {
        // Asked first: what is appended while we look is looked at next time.
        const auto seen = head_position(db, 0);
        const auto found = select_events(db, filter);
        follow_events(found, options.json);
        if (found.rows() > 0) filter.after = found.number(found.rows() - 1, 0);
        if (found.rows() < filter.limit) filter.after = std::max(filter.after, seen);
        pause = std::chrono::milliseconds(found.rows() == filter.limit ? 0 : 250);
    }
    return exit_ok;
}

void add_filters(CLI::App& command, Options& options) {
    command.add_option("--type", options.filter.type,
                       "Only this type; a * at the end means any that start so: charge.*");
    command.add_option("--account", options.filter.account, "Only this connected account (acct_…)");
    command
        .add_option("--after", options.filter.after,
                    "Only positions above this one, the oldest first")
        ->check(CLI::NonNegativeNumber);
    command.add_flag("--json", options.json, "One JSON object per line");
}

}  // namespace

void add_events(CLI::App& app, Action& chosen) {
    auto* command = app.add_subcommand("events", "Read the log: list, show one, follow");
    const std::string about = "Reads the log. Without a further word it lists the newest events.";
    const auto options = std::make_shared<Options>();
    add_filters(*command, *options);
    command->add_option("--limit", options->filter.limit, "At most so many")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    command->footer(about +
                    "\n\nExamples:  daybook events --type 'charge.*' --limit 50\n"
                    "           daybook events show evt_1Q2w3E\n"
                    "           daybook events show 1200\n"
                    "           daybook events follow --json | jq .type\n"
                    "Secrets in payloads are shown as [redacted], unless one asks for --raw.\n"
                    "Exits 0, or 1 when the event to show is not there.");

    auto* list = command->add_subcommand("list", "List events, the newest first");
    add_filters(*list, *options);
    list->add_option("--limit", options->filter.limit, "At most so many")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    auto* show = command->add_subcommand("show", "One event with its payload");
    show->add_option("event", options->which, "Its id (evt_…) or its position")->required();
    show->add_flag("--json", options->json, "One JSON object, with the payload in it");
    show->add_flag("--raw", options->raw,
                   "The payload alone, byte for byte as its SHA-256 is of, secrets included");
    auto* follow = command->add_subcommand("follow", "Print events as they come, until Ctrl-C");
    add_filters(*follow, *options);

    command->callback([=, &chosen] {
        options->filter.oldest_first = options->filter.after >= 0;
        chosen = [=] {
            if (show->parsed()) return run_show(*options);
            if (follow->parsed()) return run_follow(*options);
            return run_list(*options);
        };
    });
}

}  // namespace daybook::tools
