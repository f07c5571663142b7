// The configuration: environment variables, read once, checked, and refused by name.
#pragma once

#include <api/stripe/settings.hpp>
#include <ledger/logging.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
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

/// Where the Stripe simulator listens when nothing is said; stripe-mock's port, as tools expect.
inline const Listen default_simulator_listen{.host = "127.0.0.1", .port = 12111};

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
    bool has_stripe = false;                 ///< STRIPE_SECRET_KEY or STRIPE_API_BASE is set
    api::StripeSettings stripe;              ///< how to act on Stripe; see stripe_config.hpp
    std::optional<bool> simulator;           ///< DAYBOOK_SIMULATOR; none: nothing was said
    std::optional<Listen> simulator_listen;  ///< DAYBOOK_SIMULATOR_LISTEN

    [[nodiscard]] bool embedded() const { return database_url.empty(); }

    /// Whether `daybook serve` is to bring a simulated Stripe: where somebody tries Daybook out, or
    /// when it is asked for; never beside a database or a Stripe of somebody's own by itself.
    [[nodiscard]] bool simulates() const {
        return simulator.value_or(embedded() && !has_stripe && !livemode);
    }
};

/// `lookup` gives a variable's value, or null. An empty value counts as absent. Throws BadConfig.
Config read_config(const std::function<const char*(const char*)>& lookup);
Config read_config();  ///< from the process's environment

/// Throws BadConfig naming the first endpoint without a secret, for only the embedded default makes
/// its own; or STRIPE_SECRET_KEY, if it is said where Stripe is but not with which key.
void require_secrets(const Config& config);

}  // namespace daybook::tools
