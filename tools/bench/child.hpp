// A program that a bench starts, and what it uses.
#pragma once

#include <tools/bench/cpu.hpp>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace daybook::bench {

class Child {
public:
    struct Use {
        double cpu_seconds = 0;
        double memory_mib = 0;  ///< at most, resident
    };

    /// Starts a program, the first of `command`; its standard output comes here.
    explicit Child(const std::vector<std::string>& command) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        std::vector<char*> arguments;
        for (const auto& argument : command)
            arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        const int error =
            posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        output_ = fdopen(ends[0], "r");
        if (error != 0) throw std::runtime_error("cannot start " + command.front());
    }
    ~Child() {
        std::fclose(output_);
        if (pid_ == 0) return;
        kill(pid_, SIGTERM);
        waitpid(pid_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// The next line of its output; "" at the end.
    std::string line() {
        std::string text;
        for (int c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_))
            text += static_cast<char>(c);
        return text;
    }

    /// Lets it end by itself. Throws when it failed.
    Use wait() {
        rusage usage{};
        int status = 0;
        wait4(pid_, &status, 0, &usage);
        pid_ = 0;
        if (status != 0) throw std::runtime_error("the program failed");
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        };
        return {seconds(usage.ru_utime) + seconds(usage.ru_stime),
                static_cast<double>(usage.ru_maxrss) / 1024};
    }

    [[nodiscard]] double cpu_seconds() const {
        return process_cpu(fmt::format("/proc/{}", pid_)).second;
    }

    /// Resident now.
    [[nodiscard]] double memory_mib() const {
        std::ifstream file(fmt::format("/proc/{}/statm", pid_));
        double total = 0;
        double resident = 0;
        file >> total >> resident;
        return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
    }

private:
    pid_t pid_ = 0;
    std::FILE* output_ = nullptr;
};

/// Of "... on http://127.0.0.1:12111 as ...".
inline std::uint16_t port_in(const std::string& line) {
    constexpr std::string_view lead = "http://127.0.0.1:";
    const auto found = line.find(lead);
    if (found == std::string::npos) throw std::runtime_error("no address in: " + line);
    return static_cast<std::uint16_t>(std::stoi(line.substr(found + lead.size())));
}

}  // namespace daybook::bench
