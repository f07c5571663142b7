// The configuration: environment variables, read once, checked, and refused by name.
#pragma once

#include <ledger/logging.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace daybook::tools {

/// A variable has a value that cannot be used, or a needed one is missing. One line, naming it.
class BadConfig : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Listen {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    [[nodiscard]] std::string text() const;  ///< host:port, IPv6 in brackets
};

struct Config {
    std::string database_url;                            ///< DATABASE_URL; empty: embedded Postgres
    std::filesystem::path data_dir = ".daybook";         ///< DAYBOOK_DATA_DIR
    Listen listen;                                       ///< DAYBOOK_LISTEN
    std::string log_level = "info";                      ///< DAYBOOK_LOG_LEVEL
    logging::Format log_format = logging::Format::text;  ///< DAYBOOK_LOG_FORMAT
    std::vector<std::string> webhook_secrets;            ///< STRIPE_WEBHOOK_SECRET
    std::vector<std::string> connect_secrets;            ///< STRIPE_CONNECT_WEBHOOK_SECRET
    bool livemode = false;                               ///< STRIPE_LIVEMODE
    bool notify = true;                                  ///< DAYBOOK_PG_NOTIFY
    bool role = true;                                    ///< DAYBOOK_PG_ROLE

    [[nodiscard]] bool embedded() const { return database_url.empty(); }
};

/// `lookup` gives a variable's value, or null. An empty value counts as absent. Throws BadConfig.
Config read_config(const std::function<const char*(const char*)>& lookup);
Config read_config();  ///< from the process's environment

/// Throws BadConfig naming the first endpoint without a secret: only the embedded default makes
/// its own.
void require_secrets(const Config& config);

}  // namespace daybook::tools
