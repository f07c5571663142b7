// Dropping root: Postgres refuses to run as root, so it runs as a user who may do little.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace daybook::tools {

struct UnprivilegedUser {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

/// Whom to become: `postgres` when there is one, else `nobody`. Nothing when we are not root.
std::optional<UnprivilegedUser> unprivileged_user();

/// The command prefix (setpriv of util-linux) that runs a program as this user, told SIGINT when
/// its parent dies. `directory` is what the program must be able to enter: when it lies below a
/// directory that is closed to the user, such as /root, the program keeps the one capability that
/// passes it. Throws EmbeddedPostgresError when this system grants none.
std::vector<std::string> as_user(const UnprivilegedUser& user,
                                 const std::filesystem::path& directory);

/// The first absolute path of `program` along PATH and the usual places; empty when none.
std::filesystem::path find_program(const std::string& program);

}  // namespace daybook::tools
