// Child processes: start one, run one to its end, without a shell.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace daybook::tools {

struct Command {
    std::vector<std::string> arguments;  ///< the first is an absolute path
    std::filesystem::path output;        ///< stdout and stderr are appended to it
    std::string input;                   ///< what it reads, a few KiB at most
    bool dies_with_thread = false;       ///< SIGINT when the calling thread ends, also by SIGKILL
};

/// Starts it in a session of its own, so that a Ctrl-C meant for us does not reach it, in `/`,
/// with PATH and LC_ALL=C as its only environment. Throws std::system_error.
pid_t start_process(const Command& command);

/// Runs it to its end: the exit code, or 128 + the signal that ended it.
int run_process(const Command& command);

/// Waits for a child of ours; the exit code as above.
int wait_for_process(pid_t pid);

}  // namespace daybook::tools
