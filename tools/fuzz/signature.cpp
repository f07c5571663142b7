// Fuzzes the Stripe-Signature header: nothing is accepted that an HMAC made anew does not confirm.
// The code itself and not its library, so that the fuzzer sees its branches.
#include <api/signature.cpp>
#include <ledger/invariant.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace daybook;

const std::array<std::string, 2> secrets = {"whsec_fuzz_new", "whsec_fuzz_old"};
constexpr std::int64_t now = 1'790'000'000;

/// Another implementation than the one under test: OpenSSL's one-shot over the joined message.
std::string hmac_of(const std::string& secret, std::string_view timestamp, std::string_view body) {
    const auto message = std::string(timestamp) + "." + std::string(body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
         &length);
    std::string text;
    for (unsigned int i = 0; i < length; ++i)
        for (const int digit : {digest[i] >> 4, digest[i] & 15})
            text += "0123456789abcdef"[digit];
    return text;
}

/// The value of the last t item, found in the plainest way.
std::string last_timestamp(std::string_view header) {
    std::string last;
    std::size_t start = 0;
    while (start <= header.size()) {
        auto end = header.find(',', start);
        if (end == std::string_view::npos) end = header.size();
        const auto item = header.substr(start, end - start);
        if (item.substr(0, 2) == "t=") last = item.substr(2);
        start = end + 1;
    }
    return last;
}

void check(std::string_view header, std::string_view body) {
    const auto verdict = api::verify_signature(header, body, secrets, now);
    if (!verdict) return;
    const auto timestamp = last_timestamp(header);
    const auto expected = "v1=" + hmac_of(secrets.at(*verdict), timestamp, body);
    invariant(header.find(expected) != std::string_view::npos);
    invariant(now - std::stoll(timestamp) <= api::signature_tolerance_seconds);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto cut = input.find('\n');
    const auto header = input.substr(0, cut);
    const auto body = cut == std::string_view::npos ? std::string_view() : input.substr(cut + 1);
    check(header, body);

    // A right signature must be accepted amid any other items, unless they bring another t.
    const auto good = "t=1790000000,v1=" + hmac_of(secrets[1], "1790000000", body);
    const auto mixed = std::string(header) + "," + good;
    const auto verdict = api::verify_signature(mixed, body, secrets, now);
    invariant(verdict.has_value());
    check(mixed, body);
    return 0;
}
