#include <tools/daybook/postgres_processes.hpp>

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

namespace daybook::tools {
namespace {

constexpr auto poll_interval = std::chrono::milliseconds(10);

/// A number may have been given to a stranger since; Postgres works in its data directory.
bool works_in(pid_t pid, const std::filesystem::path& cluster) {
    std::string name;
    std::ifstream(fmt::format("/proc/{}/comm", pid)) >> name;
    if (name != "postgres") return false;
    std::error_code hidden;
    const auto directory = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", pid), hidden);
    return !hidden && directory == cluster;
}

}  // namespace

pid_t running_server(const std::filesystem::path& cluster) {
    pid_t pid = 0;
    if (!(std::ifstream(cluster / "postmaster.pid") >> pid) || pid <= 1) return 0;
    return works_in(pid, cluster) ? pid : 0;
}

bool gone(pid_t pid, const std::filesystem::path& cluster, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (works_in(pid, cluster)) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(poll_interval);
    }
    return true;
}

void end_survivors(const std::filesystem::path& cluster) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", none)) {
        const auto name = entry.path().filename().string();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error == std::errc() && end == name.data() + name.size() && works_in(pid, cluster))
            kill(pid, SIGQUIT);
    }
}

}  // namespace daybook::tools
