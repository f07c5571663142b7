// Any test key of a plausible length is good; the simulator has one platform.
#include <tools/stripe_sim/keys.hpp>

#include <tools/stripe_sim/error.hpp>

#include <fmt/format.h>
#include <boost/beast/core/detail/base64.hpp>

namespace daybook::sim {
namespace {

namespace base64 = boost::beast::detail::base64;

constexpr std::size_t key_bytes_min = 12;

StripeError unauthorized(std::string_view message) {
    return StripeError(401, "invalid_request_error", message).unexecuted();
}

/// The user of "user:password" in base64.
std::string basic_user(std::string_view encoded) {
    if (encoded.size() > 1024) return {};
    // decoded_size() counts whole groups of four, decode() writes what a last part of one holds.
    std::string plain(base64::decoded_size(encoded.size() + 3), '\0');
    const auto [written, read] = base64::decode(plain.data(), encoded.data(), encoded.size());
    plain.resize(written);
    return plain.substr(0, plain.find(':'));
}

std::string presented(std::string_view authorization) {
    const auto space = authorization.find(' ');
    const auto scheme = authorization.substr(0, space);
    if (space == std::string_view::npos) return {};
    const auto rest = authorization.substr(space + 1);
    if (scheme == "Bearer" || scheme == "bearer") return std::string(rest);
    if (scheme == "Basic" || scheme == "basic") return basic_user(rest);
    return {};
}

}  // namespace

std::string masked(std::string_view key) {
    if (key.size() <= 12) return std::string(key.size(), '*');
    return fmt::format("{}{}{}", key.substr(0, 8), std::string(key.size() - 12, '*'),
                       key.substr(key.size() - 4));
}

Key key_of(std::string_view authorization, bool publishable_allowed) {
    const auto key = presented(authorization);
    if (key.empty())
        throw unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
    const bool is_publishable = key.starts_with("pk_test_");
    const bool known = is_publishable || key.starts_with("sk_test_") || key.starts_with("rk_test_");
    if (!known || key.size() < key_bytes_min)
        throw unauthorized(fmt::format("Invalid API Key provided: {}", masked(key)));
    if (is_publishable && !publishable_allowed)
        throw unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key.")
            .code("secret_key_required");
    return {is_publishable};
}

}  // namespace daybook::sim
