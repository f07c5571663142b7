// Runs the daybook binary as a child: commands to their end, and a service to kill or stop.
#include <test/integration/cluster.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace daybook::test {
namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

pid_t launch_binary(const std::vector<std::string>& arguments, Environment environment,
                    const std::string& out, const std::string& err) {
    for (const char* kept : {"PATH", "HOME"})
        if (const char* value = std::getenv(kept)) environment.emplace(kept, value);
    // Who is to die at a named point is the build that has such points.
    const char* binary =
        environment.contains("DAYBOOK_CRASH_AT") ? DAYBOOK_CRASHING_BINARY : DAYBOOK_BINARY;
    std::vector<std::string> words = {binary};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> settings;
    for (const auto& [name, value] : environment)
        settings.push_back(fmt::format("{}={}", name, value));
    const auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> list;
        for (auto& text : texts)
            list.push_back(text.data());
        list.push_back(nullptr);
        return list;
    };
    const auto argv = pointers(words);
    const auto envp = pointers(settings);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child > 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
    execve(binary, argv.data(), envp.data());
    _exit(127);
}

int exit_code(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Finished run_daybook(const std::vector<std::string>& arguments, const Environment& environment) {
    const TemporaryDirectory directory;
    const auto out = directory.path() + "/out";
    const auto err = directory.path() + "/err";
    int status = 0;
    waitpid(launch_binary(arguments, environment, out, err), &status, 0);
    return {exit_code(status), contents(out), contents(err)};
}

std::uint16_t free_port() {
    // Below the ephemeral range, where a reconnecting client could connect to itself.
    static std::atomic<int> next = 15'000 + getpid() % 10'000;
    for (int tries = 0; tries < 1000; ++tries) {
        const auto port = static_cast<std::uint16_t>(10'000 + next++ % 22'000);
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool free =
            bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(socket);
        if (free) return port;
    }
    throw std::runtime_error("no free port");
}

Serve::Serve(Environment environment, std::chrono::seconds patience) {
    if (const auto listen = environment.find("DAYBOOK_LISTEN"); listen != environment.end()) {
        const auto digits = listen->second.substr(listen->second.rfind(':') + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), port_);
    } else {
        port_ = free_port();
        environment["DAYBOOK_LISTEN"] = fmt::format("127.0.0.1:{}", port_);
    }
    launch(environment);
    wait_ready(patience);
}

Serve::~Serve() {
    kill_hard();
}

void Serve::launch(const Environment& environment) {
    const auto output = directory_.path() + "/output";
    pid_ = launch_binary({"serve"}, environment, output, output);
}

void Serve::wait_ready(std::chrono::seconds patience) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    while (output().find("daybook is ready") == std::string::npos) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = 0;
            throw std::runtime_error(
                fmt::format("daybook serve ended with {}:\n{}", exit_code(status), output()));
        }
        if (Clock::now() - begin > patience)
            throw std::runtime_error("daybook serve did not become ready:\n" + output());
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    start_time_ = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

std::string Serve::output() const {
    return contents(directory_.path() + "/output");
}

void Serve::kill_hard() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

int Serve::stop() {
    if (pid_ == 0) return -1;
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return exit_code(status);
}

}  // namespace daybook::test
