#include <ledger/sha256.hpp>

#include <ledger/invariant.hpp>

#include <openssl/evp.h>

#include <memory>

namespace daybook {
namespace {

struct Free {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

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

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string hash(32, '\0');
    invariant(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                        reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                        reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                        nullptr) != nullptr);
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
