// The processes of a Postgres cluster as the system shows them: its server, and what outlived it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>

namespace daybook::tools {

/// The server that runs on this cluster, whoever started it; 0 when there is none.
pid_t running_server(const std::filesystem::path& cluster);

/// Waits until this server works here no more; false when it still does after `patience`. One that
/// has ended and was not yet reaped by its parent counts as gone.
bool gone(pid_t pid, const std::filesystem::path& cluster, std::chrono::milliseconds patience);

/// Tells every Postgres process that works in this cluster to quit at once (SIGQUIT): those of a
/// server that was killed keep its shared memory until they notice. What they committed stays.
void end_survivors(const std::filesystem::path& cluster);

}  // namespace daybook::tools
