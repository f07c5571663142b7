#include <tools/daybook/data_directory.hpp>

#include <fmt/format.h>
#include <openssl/rand.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace daybook::tools {
namespace {

// Postgres runs as another user when we are root, and must pass this directory; what is secret in
// it has closed permissions of its own.
constexpr mode_t root_mode = 0711;
constexpr mode_t user_mode = 0700;

std::string random_alphanumerics(std::size_t count) {
    constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text;
    while (text.size() < count) {
        unsigned char byte = 0;
        if (RAND_bytes(&byte, 1) != 1) throw std::runtime_error("no randomness from OpenSSL");
        // 62 does not divide 256; the bytes past the last whole multiple would favour some letters.
        if (byte < 256 / alphabet.size() * alphabet.size())
            text += alphabet[byte % alphabet.size()];
    }
    return text;
}

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw std::filesystem::filesystem_error("cannot be used", path,
                                            std::error_code(errno, std::generic_category()));
}

void write_file(int file, std::string_view text, const std::filesystem::path& path) {
    if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        fsync(file) != 0)
        fail(path);
}

}  // namespace

DataDirectory::DataDirectory(const std::filesystem::path& path) {
    const mode_t mode = geteuid() == 0 ? root_mode : user_mode;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    if (mkdir(path.c_str(), mode) == 0 && chmod(path.c_str(), mode) != 0) fail(path);
    path_ = std::filesystem::canonical(path);
    const auto file = path_ / "lock";
    lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) fail(file);
}

DataDirectory::~DataDirectory() {
    close(lock_);
}

bool DataDirectory::try_lock(std::string_view command) {
    if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        fail(path_ / "lock");
    }
    const auto text = fmt::format("{} {}\n", getpid(), command);
    if (ftruncate(lock_, 0) != 0) fail(path_ / "lock");
    write_file(lock_, text, path_ / "lock");
    return true;
}

DataDirectory::Holder DataDirectory::holder() const {
    Holder holder;
    std::ifstream(path_ / "lock") >> holder.pid >> holder.command;
    return holder;
}

std::string DataDirectory::webhook_secret(std::string_view file) const {
    const auto path = path_ / file;
    std::string secret;
    if (std::ifstream(path) >> secret) return secret;
    // Written aside and renamed: a secret that was shown to somebody is never half there.
    secret = "whsec_" + random_alphanumerics(32);
    const auto fresh = path.string() + ".new";
    const int written = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (written < 0) fail(fresh);
    write_file(written, secret + "\n", fresh);
    close(written);
    std::filesystem::rename(fresh, path);
    return secret;
}

}  // namespace daybook::tools
