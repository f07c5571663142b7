// Each variable with what it may be; a complaint about a key or a proxy never repeats it.
#include <tools/daybook/stripe_config.hpp>

#include <api/stripe/endpoint.hpp>
#include <ledger/fee.hpp>
#include <tools/daybook/config.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace daybook::tools {
namespace {

using api::StripeSettings;
using api::stripe::Endpoint;

constexpr std::size_t key_bytes_max = 255;
constexpr std::size_t display_name_bytes_max = 200;
constexpr std::size_t url_bytes_max = 2048;
constexpr std::string_view usual_tiers =
    "starter:0:15,standard:10000:10,premium:50000:5,enterprise:250000:2.5";

std::string value_of(const Lookup& lookup, const char* name) {
    const char* value = lookup(name);
    return value != nullptr ? value : "";
}

bool is_key_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

/// A key whose prefix says whose it is and of which mode.
std::string key(const Lookup& lookup, const char* name, std::string_view kinds, bool livemode) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return value;
    const auto kind = std::string_view(value).substr(0, 3);
    const bool known = kind.size() == 3 && kinds.find(kind) != std::string_view::npos;
    const auto rest = known ? std::string_view(value).substr(3) : std::string_view();
    const bool live = rest.starts_with("live_");
    if ((!live && !rest.starts_with("test_")) || rest.size() == 5 || !is_key_text(value) ||
        value.size() > key_bytes_max)
        throw BadConfig(
            fmt::format("{}: it must be {}live_… or {}test_… as Stripe's dashboard shows it", name,
                        kinds.substr(0, 3), kinds.substr(0, 3)));
    if (live != livemode)
        throw BadConfig(fmt::format("{}: it is a {} key, but STRIPE_LIVEMODE is {}", name,
                                    live ? "live" : "test", livemode ? "true" : "false"));
    return value;
}

std::int64_t whole_number(const Lookup& lookup, const char* name, std::int64_t min,
                          std::int64_t max, std::int64_t otherwise) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return otherwise;
    std::int64_t number = 0;
    const auto* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stop != end || number < min || number > max)
        throw BadConfig(fmt::format("{} is '{}': it must be a whole number from {} to {}", name,
                                    value, min, max));
    return number;
}

std::int64_t basis_points(const Lookup& lookup, const char* name) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return 0;
    const auto points = basis_points_of(value);
    if (!points)
        throw BadConfig(fmt::format(
            "{} is '{}': it must be a percentage from 0 to 100 with at most two decimals", name,
            value));
    return *points;
}

std::vector<FeeTier> fee_tiers(const Lookup& lookup, const char* name) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return {};
    auto tiers = value == "on" ? parse_fee_tiers(usual_tiers) : parse_fee_tiers(value);
    if (!tiers)
        throw BadConfig(fmt::format(
            "{} is '{}': it must be on, or name:revenue:percent, separated by commas, from revenue "
            "0 upwards, such as {}",
            name, value, usual_tiers));
    return *std::move(tiers);
}

bool is_true(const Lookup& lookup, const char* name, bool otherwise) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return otherwise;
    if (value != "true" && value != "false")
        throw BadConfig(fmt::format("{} is '{}': it must be true or false", name, value));
    return value == "true";
}

/// An address for people's browsers. Stripe takes only https in live mode.
std::string url(const Lookup& lookup, const char* name, bool livemode) {
    const auto value = value_of(lookup, name);
    if (value.empty()) return value;
    const auto scheme = value.starts_with("https://") ? 8U : value.starts_with("http://") ? 7U : 0U;
    const bool clean =
        std::ranges::none_of(value, [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7f'; });
    if (scheme == 0 || value.size() == scheme || !clean || value.size() > url_bytes_max)
        throw BadConfig(fmt::format(
            "{} is '{}': it must be an address that begins with https:// or http://", name, value));
    if (livemode && scheme == 7)
        throw BadConfig(fmt::format(
            "{} is '{}': in live mode Stripe takes only addresses that begin with https://", name,
            value));
    return value;
}

std::string api_version(const Lookup& lookup, const char* name, std::string otherwise) {
    auto value = value_of(lookup, name);
    if (value.empty()) return otherwise;
    constexpr std::string_view shape = "0000-00-00";
    bool good = value.size() >= shape.size();
    for (std::size_t i = 0; good && i < shape.size(); ++i)
        good = shape[i] == '-' ? value[i] == '-' : value[i] >= '0' && value[i] <= '9';
    const auto rest = good ? std::string_view(value).substr(shape.size()) : std::string_view();
    good = good &&
           (rest.empty() ||
            (rest.size() > 1 && rest.starts_with('.') &&
             std::ranges::all_of(rest.substr(1), [](char c) { return c >= 'a' && c <= 'z'; })));
    if (!good)
        throw BadConfig(
            fmt::format("{} is '{}': it must be a version of Stripe's API, for example {}", name,
                        value, otherwise));
    return value;
}

std::string display_name(const Lookup& lookup, const char* name) {
    auto value = value_of(lookup, name);
    const bool clean =
        std::ranges::none_of(value, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; });
    if (!clean || value.size() > display_name_bytes_max)
        throw BadConfig(
            fmt::format("{}: it must be one line of at most {} bytes, for it is shown to buyers",
                        name, display_name_bytes_max));
    return value;
}

Endpoint base(const Lookup& lookup, StripeSettings& settings) {
    if (auto value = value_of(lookup, "STRIPE_API_BASE"); !value.empty())
        settings.base = std::move(value);
    try {
        return api::stripe::parse_base(settings.base);
    } catch (const std::invalid_argument& bad) {
        throw BadConfig(fmt::format("STRIPE_API_BASE {}", bad.what()));
    }
}

/// What curl and others obey, in either case; the capital one counts when both are there.
std::pair<const char*, std::string> first_of(const Lookup& lookup,
                                             std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (auto value = value_of(lookup, name); !value.empty()) return {name, std::move(value)};
    return {*names.begin(), {}};
}

std::string proxy(const Lookup& lookup, const Endpoint& to) {
    const auto [name, value] = to.tls ? first_of(lookup, {"HTTPS_PROXY", "https_proxy"})
                                      : first_of(lookup, {"HTTP_PROXY", "http_proxy"});
    if (value.empty()) return {};
    if (api::stripe::bypasses_proxy(to, first_of(lookup, {"NO_PROXY", "no_proxy"}).second))
        return {};
    try {
        api::stripe::parse_proxy(value);
    } catch (const std::invalid_argument& bad) {
        throw BadConfig(fmt::format("{} {}", name, bad.what()));
    }
    return value;
}

/// Under Stripe's limits of 100 a second in live mode and 25 in a sandbox, with a quarter for
/// bursts. What is not Stripe has no such limit.
std::int64_t usual_rate(const Endpoint& to, bool livemode) {
    if (to.host != "stripe.com" && !to.host.ends_with(".stripe.com")) return 0;
    return livemode ? 80 : 20;
}

}  // namespace

api::StripeSettings read_stripe(const Lookup& lookup, bool livemode, bool simulates) {
    StripeSettings settings;
    settings.secret_key = key(lookup, "STRIPE_SECRET_KEY", "sk_ rk_", livemode);
    settings.publishable_key = key(lookup, "STRIPE_PUBLISHABLE_KEY", "pk_", livemode);
    const auto to = base(lookup, settings);
    if (livemode && settings.configured() && !to.tls)
        throw BadConfig("STRIPE_API_BASE must begin with https:// when STRIPE_LIVEMODE is true");
    if (!simulates) settings.proxy = proxy(lookup, to);
    settings.api_version = api_version(lookup, "STRIPE_API_VERSION", settings.api_version);
    settings.in_flight_max =
        static_cast<std::size_t>(whole_number(lookup, "DAYBOOK_STRIPE_IN_FLIGHT", 1, 1000, 25));
    const auto rate = simulates ? 0 : usual_rate(to, livemode);
    settings.rate =
        static_cast<unsigned>(whole_number(lookup, "DAYBOOK_STRIPE_RATE", 0, 100'000, rate));
    settings.display_name = display_name(lookup, "STRIPE_MERCHANT_DISPLAY_NAME");
    settings.connect_refresh_url = url(lookup, "STRIPE_CONNECT_REFRESH_URL", livemode);
    settings.connect_return_url = url(lookup, "STRIPE_CONNECT_RETURN_URL", livemode);
    settings.success_url = url(lookup, "STRIPE_SUCCESS_URL", livemode);
    settings.cancel_url = url(lookup, "STRIPE_CANCEL_URL", livemode);
    settings.fee_basis_points = basis_points(lookup, "STRIPE_PLATFORM_FEE_PERCENT");
    settings.fee_fixed = whole_number(lookup, "STRIPE_APPLICATION_FEE_FIXED", 0, 99'999'999, 0);
    settings.fee_tiers = fee_tiers(lookup, "DAYBOOK_FEE_TIERS");
    settings.refund_reverses_transfer = is_true(lookup, "DAYBOOK_REFUND_REVERSE_TRANSFER", true);
    settings.refund_returns_fee = is_true(lookup, "DAYBOOK_REFUND_APPLICATION_FEE", true);
    return settings;
}

}  // namespace daybook::tools
