// The header's grammar, HMAC-SHA256, and a comparison that takes the same time always.
#include <api/signature.hpp>

#include <ledger/invariant.hpp>
#include <ledger/sha256.hpp>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
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

struct FreeMac {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

/// Looking the algorithm up costs more than a small HMAC, so each thread does it once.
EVP_MAC_CTX* hmac_context() {
    thread_local const std::unique_ptr<EVP_MAC_CTX, FreeMac> context = [] {
        EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        std::unique_ptr<EVP_MAC_CTX, FreeMac> made(EVP_MAC_CTX_new(hmac));
        EVP_MAC_free(hmac);
        std::array<char, 7> digest = {"SHA256"};
        const OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        invariant(made && EVP_MAC_CTX_set_params(made.get(), params) == 1);
        return made;
    }();
    return context.get();
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string sign(std::string_view secret, std::string_view timestamp, std::string_view body) {
    // OpenSSL reads a null key as "keep the previous one"; an empty view may be null.
    const std::string_view key = secret.empty() ? std::string_view("") : secret;
    std::array<unsigned char, 32> digest{};
    std::size_t length = 0;
    EVP_MAC_CTX* context = hmac_context();
    const bool made = EVP_MAC_init(context, bytes_of(key), key.size(), nullptr) == 1 &&
                      EVP_MAC_update(context, bytes_of(timestamp), timestamp.size()) == 1 &&
                      EVP_MAC_update(context, bytes_of("."), 1) == 1 &&
                      EVP_MAC_update(context, bytes_of(body), body.size()) == 1 &&
                      EVP_MAC_final(context, digest.data(), &length, digest.size()) == 1;
    invariant(made && length == digest.size());
    return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
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
