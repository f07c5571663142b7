// The data directory of the embedded default: who uses it, and the webhook secrets it keeps.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace daybook::tools {

/// The files of the secrets that Daybook made itself, for each of its two endpoints.
inline constexpr std::string_view secret_file = "webhook_secret";
inline constexpr std::string_view connect_secret_file = "connect_webhook_secret";

/// Another process has it; the text says which, in one line.
class DataDirectoryBusy : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Made on construction when it is not there. Not thread-safe.
class DataDirectory {
public:
    explicit DataDirectory(const std::filesystem::path& path);
    ~DataDirectory();
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Takes the lock for `command` unless another process holds it. It is the kernel's (flock),
    /// so it ends with this process, however that ends.
    bool try_lock(std::string_view command);

    struct Holder {
        int pid = 0;
        std::string command;
    };
    /// Who took the lock last.
    [[nodiscard]] Holder holder() const;

    /// The secret kept in this file (mode 0600), made on first use: whsec_ and 32 alphanumerics.
    [[nodiscard]] std::string webhook_secret(std::string_view file) const;

private:
    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace daybook::tools
