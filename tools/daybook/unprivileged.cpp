#include <tools/daybook/embedded_postgres.hpp>
#include <tools/daybook/process.hpp>
#include <tools/daybook/unprivileged.hpp>

#include <fmt/format.h>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ranges>
#include <string_view>

namespace daybook::tools {
namespace {

bool may_enter(const UnprivilegedUser& user, const std::filesystem::path& directory) {
    struct stat status{};
    if (stat(directory.c_str(), &status) != 0) return false;
    if (status.st_uid == user.uid) return (status.st_mode & S_IXUSR) != 0;
    if (status.st_gid == user.gid) return (status.st_mode & S_IXGRP) != 0;
    return (status.st_mode & S_IXOTH) != 0;
}

/// The first directory on the way that is closed to the user; empty when the way is open.
std::filesystem::path closed_directory(const UnprivilegedUser& user,
                                       const std::filesystem::path& directory) {
    std::filesystem::path way;
    for (const auto& part : directory) {
        way /= part;
        if (!may_enter(user, way)) return way;
    }
    return {};
}

}  // namespace

std::filesystem::path find_program(const std::string& program) {
    const char* path = std::getenv("PATH");
    const std::string places =
        fmt::format("{}:/usr/local/bin:/usr/bin:/bin", path != nullptr ? path : "");
    for (const auto place : std::views::split(places, ':')) {
        const auto candidate = std::filesystem::path(std::string_view(place)) / program;
        if (candidate.is_absolute() && access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

std::optional<UnprivilegedUser> unprivileged_user() {
    if (geteuid() != 0) return std::nullopt;
    for (const char* name : {"postgres", "nobody"})
        if (const passwd* entry = getpwnam(name))
            return UnprivilegedUser{name, entry->pw_uid, entry->pw_gid};
    throw EmbeddedPostgresError(
        "Postgres does not run as root, and there is neither a user postgres nor nobody to become: "
        "run daybook as another user, or set DATABASE_URL");
}

std::vector<std::string> as_user(const UnprivilegedUser& user,
                                 const std::filesystem::path& directory) {
    const auto setpriv = find_program("setpriv");
    if (setpriv.empty())
        throw EmbeddedPostgresError(
            "Postgres does not run as root, and setpriv (util-linux) is not here to drop it: run "
            "daybook as another user, or set DATABASE_URL");
    const std::vector<std::string> drop = {setpriv.string(), fmt::format("--reuid={}", user.uid),
                                           fmt::format("--regid={}", user.gid), "--init-groups",
                                           "--pdeathsig=INT"};
    const auto closed = closed_directory(user, directory);
    if (closed.empty()) return drop;
    // Reading past closed directories is all it needs; containers often withhold that capability
    // and grant the wider one. Tried with stat(2), because access(2) ignores both.
    for (const char* capability : {"+dac_read_search", "+dac_override"}) {
        auto prefix = drop;
        prefix.push_back(fmt::format("--inh-caps={}", capability));
        prefix.push_back(fmt::format("--ambient-caps={}", capability));
        auto probe = prefix;
        probe.insert(probe.end(), {"/usr/bin/test", "-d", directory.string()});
        if (run_process({.arguments = probe, .output = "/dev/null", .input = {}}) == 0)
            return prefix;
    }
    throw EmbeddedPostgresError(
        fmt::format("Postgres does not run as root, and user {} cannot pass {} to reach {}: set "
                    "DAYBOOK_DATA_DIR to a directory elsewhere, or set DATABASE_URL",
                    user.name, closed.string(), directory.string()));
}

}  // namespace daybook::tools
