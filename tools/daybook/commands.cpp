#include <ledger/migrate.hpp>
#include <ledger/pg/connection.hpp>
#include <projections/rebuild.hpp>
#include <tools/daybook/commands.hpp>
#include <tools/daybook/config.hpp>
#include <tools/daybook/data_directory.hpp>
#include <tools/daybook/embedded_postgres.hpp>
#include <tools/daybook/progress.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace daybook::tools {
namespace {

int complain(Exit code, std::string text) {
    // One line, whatever libpq or the system wrote: it may end up in a log.
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    fmt::print(stderr, "daybook: {}\n", text);
    return code;
}

}  // namespace

int guarded(const Action& action) {
    try {
        const int code = action();
        // A key that nobody could read is not made a second time.
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
            return complain(exit_internal, "stdout takes no more: the output is not complete");
        return code;
    } catch (const Interrupted& interrupted) {
        return complain(exit_interrupted, interrupted.what());
    } catch (const BadConfig& bad) {
        return complain(exit_usage, bad.what());
    } catch (const DataDirectoryBusy& busy) {
        return complain(exit_usage, busy.what());
    } catch (const MigrationRefused& refused) {
        return complain(exit_usage, refused.what());
    } catch (const std::invalid_argument& bad) {
        return complain(exit_usage, bad.what());
    } catch (const projections::RebuildRunning& running) {
        return complain(exit_no, running.what());
    } catch (const std::filesystem::filesystem_error& error) {
        return complain(exit_usage, fmt::format("DAYBOOK_DATA_DIR: {}", error.what()));
    } catch (const EmbeddedPostgresError& error) {
        return complain(exit_unavailable, error.what());
    } catch (const pg::Error& error) {
        return complain(error.connection_lost() ? exit_unavailable : exit_internal,
                        fmt::format("database: {}", error.what()));
    } catch (const std::exception& error) {
        return complain(exit_internal, error.what());
    }
}

}  // namespace daybook::tools
