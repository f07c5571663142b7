// The header's grammar, and a comparison that takes the same time always.
#include <api/signature.hpp>

#include <ledger/sha256.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace daybook::api {
namespace {

struct Items {
    std::string_view timestamp;
    bool timestamp_given = false;
    std::vector<std::string_view> v1;
};

Items items_of(std::string_view header) {
    Items items;
    while (!header.empty()) {
        const auto comma = header.find(',');
        const auto item = header.substr(0, comma);
        header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
        if (item.starts_with("t=")) {
            items.timestamp = item.substr(2);
            items.timestamp_given = true;
        } else if (item.starts_with("v1=")) {
            items.v1.push_back(item.substr(3));
        }
    }
    return items;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string sign(std::string_view secret, std::string_view timestamp, std::string_view body) {
    return hex(hmac_sha256(secret, {timestamp, ".", body}));
}

std::expected<std::size_t, SignatureFailure> verify_signature(std::string_view header,
                                                              std::string_view body,
                                                              std::span<const std::string> secrets,
                                                              std::int64_t now_seconds,
                                                              std::int64_t tolerance_seconds) {
    if (header.find_first_not_of(" \t") == std::string_view::npos)
        return std::unexpected(SignatureFailure::missing);
    const Items items = items_of(header);
    std::int64_t timestamp = 0;
    const char* end = items.timestamp.data() + items.timestamp.size();
    if (!items.timestamp_given || !all_digits(items.timestamp) ||
        std::from_chars(items.timestamp.data(), end, timestamp).ec != std::errc())
        return std::unexpected(SignatureFailure::malformed);
    if (items.v1.empty()) return std::unexpected(SignatureFailure::no_v1);

    for (std::size_t index = 0; index < secrets.size(); ++index) {
        const std::string expected = sign(secrets[index], items.timestamp, body);
        const auto fits = [&expected](std::string_view given) {
            return given.size() == expected.size() &&
                   CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
        };
        if (!std::ranges::any_of(items.v1, fits)) continue;
        if (now_seconds - timestamp > tolerance_seconds)
            return std::unexpected(SignatureFailure::stale);
        return index;
    }
    return std::unexpected(SignatureFailure::mismatch);
}

std::string secret_fingerprint(std::string_view secret) {
    return hex(sha256(secret)).substr(0, 8);
}

}  // namespace daybook::api
