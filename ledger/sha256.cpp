#include <ledger/sha256.hpp>

#include <ledger/invariant.hpp>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>

namespace daybook {
namespace {

struct Free {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

/// Looking the algorithm up costs more than a small HMAC, so each thread does it once.
EVP_MAC_CTX* hmac_context() {
    thread_local const std::unique_ptr<EVP_MAC_CTX, Free> context = [] {
        EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        std::unique_ptr<EVP_MAC_CTX, Free> made(EVP_MAC_CTX_new(hmac));
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

}  // namespace

std::string sha256(std::string_view bytes) {
    // Looking the algorithm up costs more than hashing a row does, so that is done once.
    static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    std::string hash(32, '\0');
    invariant(EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(hash.data()),
                                 nullptr) == 1);
    return hash;
}

std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> pieces) {
    // OpenSSL reads a null key as "keep the previous one"; an empty view may be null.
    const std::string_view given = key.empty() ? std::string_view("") : key;
    EVP_MAC_CTX* context = hmac_context();
    bool made = EVP_MAC_init(context, bytes_of(given), given.size(), nullptr) == 1;
    for (const auto piece : pieces)
        made = made && EVP_MAC_update(context, bytes_of(piece), piece.size()) == 1;
    std::string hash(32, '\0');
    std::size_t length = 0;
    made = made && EVP_MAC_final(context, reinterpret_cast<unsigned char*>(hash.data()), &length,
                                 hash.size()) == 1;
    invariant(made && length == hash.size());
    return hash;
}

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

}  // namespace daybook
