// Stripe-Signature: whether these bytes come from the holder of one of our webhook secrets.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace daybook::api {

enum class SignatureFailure {
    missing,    ///< no header, or a blank one
    malformed,  ///< no t, or a t that is not a number
    no_v1,      ///< no signature of the one scheme that counts
    mismatch,   ///< no v1 fits any secret
    stale       ///< rightly signed, but too long ago: perhaps replayed
};

constexpr std::int64_t signature_tolerance_seconds = 300;

/// Which secret (its index) signed `body`, or why none did.
///
/// As Stripe's SDKs do it: HMAC-SHA256 over `t.body` with the whole secret, `whsec_` included, as
/// the key; any v1 may match; other schemes are ignored; of several t the last counts; only the
/// past is bounded. Pure and thread-safe; takes the same time wherever two signatures differ.
std::expected<std::size_t, SignatureFailure> verify_signature(
    std::string_view header, std::string_view body, std::span<const std::string> secrets,
    std::int64_t now_seconds, std::int64_t tolerance_seconds = signature_tolerance_seconds);

/// The v1 signature of `body` at `timestamp`: 64 lower-case hexadecimal digits.
std::string sign(std::string_view secret, std::string_view timestamp, std::string_view body);

/// Eight hexadecimal digits by which people can tell secrets apart without seeing them.
std::string secret_fingerprint(std::string_view secret);

}  // namespace daybook::api
