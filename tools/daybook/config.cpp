#include <tools/daybook/config.hpp>

#include <tools/daybook/stripe_config.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <ranges>
#include <string_view>

namespace daybook::tools {
namespace {

std::string value_of(const Lookup& lookup, const char* name) {
    const char* value = lookup(name);
    return value != nullptr ? value : "";
}

/// One of two words; the first means true.
bool one_of_two(const Lookup& lookup, const char* name, const char* yes, const char* no,
                bool otherwise) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return otherwise;
    if (value != yes && value != no)
        throw BadConfig(fmt::format("{} is '{}': it must be {} or {}", name, value, yes, no));
    return value == yes;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The value is secret, so the complaint names the variable and the place in the list, never it.
std::vector<std::string> secrets(const Lookup& lookup, const char* name) {
    const auto value = value_of(lookup, name);
    std::vector<std::string> list;
    if (value.empty()) return list;
    for (const auto part : std::views::split(value, ',')) {
        const auto secret = trimmed(std::string_view(part));
        if (!secret.starts_with("whsec_") || secret.size() == 6)
            throw BadConfig(fmt::format(
                "{}: secret {} of the comma-separated list does not start with whsec_ followed by "
                "the secret; copy it from the webhook endpoint's page at Stripe",
                name, list.size() + 1));
        list.emplace_back(secret);
    }
    return list;
}

Listen listen_address(const char* name, const std::string& value) {
    const auto colon = value.rfind(':');
    std::string host = value.substr(0, colon == std::string::npos ? 0 : colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto digits = colon == std::string::npos ? std::string() : value.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (host.empty() || digits.empty() || error != std::errc() ||
        end != digits.data() + digits.size())
        throw BadConfig(
            fmt::format("{} is '{}': it must be an address and a port, for example 127.0.0.1:8080",
                        name, value));
    return {host, port};
}

// "off" is an address that nobody listens on.
void read_simulator(const Lookup& lookup, Config& config) {
    config.has_stripe = !value_of(lookup, "STRIPE_SECRET_KEY").empty() ||
                        !value_of(lookup, "STRIPE_API_BASE").empty();
    if (!value_of(lookup, "DAYBOOK_SIMULATOR").empty())
        config.simulator = one_of_two(lookup, "DAYBOOK_SIMULATOR", "on", "off", false);
    const auto listen = value_of(lookup, "DAYBOOK_SIMULATOR_LISTEN");
    if (listen == "off")
        config.simulator = false;
    else if (!listen.empty())
        config.simulator_listen = listen_address("DAYBOOK_SIMULATOR_LISTEN", listen);
    if (config.simulator != true) return;
    if (config.has_stripe)
        throw BadConfig(
            "DAYBOOK_SIMULATOR is on: unset STRIPE_SECRET_KEY and STRIPE_API_BASE, or turn it off");
    if (config.livemode)
        throw BadConfig(
            "DAYBOOK_SIMULATOR is on: the simulator makes test events, so STRIPE_LIVEMODE must be "
            "false");
}

std::string log_level(const std::string& value) {
    constexpr std::array levels = {"trace", "debug", "info", "warn", "error", "off"};
    if (value.empty()) return "info";
    if (std::ranges::find(levels, value) == levels.end())
        throw BadConfig(fmt::format(
            "DAYBOOK_LOG_LEVEL is '{}': it must be trace, debug, info, warn, error or off", value));
    return value;
}

// It may hold a password, so the complaint does not repeat it.
std::string database_url(const std::string& value) {
    if (value.empty()) return value;
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parts(
        PQconninfoParse(value.c_str(), &error), &PQconninfoFree);
    PQfreemem(error);
    if (!parts)
        throw BadConfig(
            "DATABASE_URL cannot be read: it must look like postgres://user@host:5432/database or "
            "host=… dbname=…");
    return value;
}

}  // namespace

std::string Listen::text() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

Config read_config(const Lookup& lookup) {
    Config config;
    config.database_url = database_url(value_of(lookup, "DATABASE_URL"));
    if (const auto value = value_of(lookup, "DAYBOOK_DATA_DIR"); !value.empty())
        config.data_dir = value;
    if (const auto value = value_of(lookup, "DAYBOOK_LISTEN"); !value.empty())
        config.listen = listen_address("DAYBOOK_LISTEN", value);
    config.log_level = log_level(value_of(lookup, "DAYBOOK_LOG_LEVEL"));
    config.log_format = one_of_two(lookup, "DAYBOOK_LOG_FORMAT", "json", "text", false)
                            ? logging::Format::json
                            : logging::Format::text;
    config.webhook_secrets = secrets(lookup, "STRIPE_WEBHOOK_SECRET");
    config.connect_secrets = secrets(lookup, "STRIPE_CONNECT_WEBHOOK_SECRET");
    config.livemode = one_of_two(lookup, "STRIPE_LIVEMODE", "true", "false", false);
    config.notify = one_of_two(lookup, "DAYBOOK_PG_NOTIFY", "on", "off", true);
    config.role = one_of_two(lookup, "DAYBOOK_PG_ROLE", "on", "off", true);
    read_simulator(lookup, config);
    config.stripe = read_stripe(lookup, config.livemode, config.simulates());
    return config;
}

Config read_config() {
    return read_config([](const char* name) -> const char* { return std::getenv(name); });
}

void require_secrets(const Config& config) {
    const auto missing = [](const char* name, const char* endpoint) {
        throw BadConfig(fmt::format(
            "{} is not set: with a DATABASE_URL, POST {} needs the signing secret (whsec_…) of "
            "your webhook endpoint at Stripe",
            name, endpoint));
    };
    if (config.has_stripe && !config.stripe.configured())
        throw BadConfig(
            "STRIPE_SECRET_KEY is not set: STRIPE_API_BASE says where Stripe is, and acting on it "
            "takes a key");
    if (config.embedded() || config.simulates()) return;
    if (config.webhook_secrets.empty()) missing("STRIPE_WEBHOOK_SECRET", "/webhooks/stripe");
    if (config.connect_secrets.empty())
        missing("STRIPE_CONNECT_WEBHOOK_SECRET", "/webhooks/stripe/connect");
}

}  // namespace daybook::tools
