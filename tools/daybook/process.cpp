#include <tools/daybook/process.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace daybook::tools {
namespace {

struct Pipe {
    Pipe() {
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::system_error(errno, std::generic_category(), "pipe");
    }
    ~Pipe() {
        for (const int end : ends)
            close(end);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    std::array<int, 2> ends{-1, -1};
};

// Runs in the child of a threaded process: only calls that are safe after fork.
[[noreturn]] void become(char* const* arguments, char* const* environment, int input, int output,
                         bool dies_with_thread, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setsid();
    if (dies_with_thread && (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent))
        _exit(126);
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0 || chdir("/") != 0)
        _exit(126);
    // Sockets above all: a server that outlives the connections of its parent would keep them open.
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execve(arguments[0], arguments, environment);
    _exit(127);
}

}  // namespace

pid_t start_process(const Command& command) {
    std::vector<char*> arguments;
    for (const auto& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const char* path = std::getenv("PATH");
    std::string path_entry = std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin");
    std::string locale_entry = "LC_ALL=C";
    const std::array<char*, 3> environment{path_entry.data(), locale_entry.data(), nullptr};

    const int output =
        open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0)
        throw std::system_error(errno, std::generic_category(), command.output.string());
    // Written before anybody can have closed the other end; it is small enough for the buffer.
    Pipe pipe;
    if (!command.input.empty() &&
        write(pipe.ends[1], command.input.data(), command.input.size()) < 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0)
        become(arguments.data(), environment.data(), pipe.ends[0], output, command.dies_with_thread,
               parent);
    const int error = errno;
    close(output);
    if (child < 0) throw std::system_error(error, std::generic_category(), "fork");
    return child;
}

int wait_for_process(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_process(const Command& command) {
    return wait_for_process(start_process(command));
}

}  // namespace daybook::tools
