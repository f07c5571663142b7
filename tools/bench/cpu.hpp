// What a bench and its Postgres have used of the processors.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace daybook::bench {

/// What this process and the embedded Postgres have used of the processors, in seconds.
struct Cpu {
    double service = 0;
    double postgres = 0;  ///< 0 for a Postgres that somebody else started
};

/// A process with all that it has waited for, from /proc/<pid>/stat; {pid of the parent, seconds}.
inline std::pair<pid_t, double> process_cpu(const std::filesystem::path& process) {
    std::ifstream file(process / "stat");
    std::string text;
    std::getline(file, text, '\0');
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return {};  // it has just ended
    std::istringstream fields(text.substr(name_end + 1));
    std::string state;
    pid_t parent = 0;
    fields >> state >> parent;
    for (int skipped = 0; skipped < 9; ++skipped)
        fields >> state;
    double ticks = 0;
    for (double part = 0, parts = 0; parts < 4 && fields >> part; ++parts)
        ticks += part;
    return {parent, ticks / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

/// `server` is the embedded Postgres's process, 0 when there is none of ours.
inline Cpu cpu_used(pid_t server) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    Cpu cpu{seconds(usage.ru_utime) + seconds(usage.ru_stime), 0};
    if (server == 0) return cpu;
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        const auto pid = std::atoi(process.path().filename().c_str());
        if (pid == 0) continue;
        const auto [parent, used] = process_cpu(process.path());
        if (pid == server || parent == server) cpu.postgres += used;
    }
    return cpu;
}

}  // namespace daybook::bench
