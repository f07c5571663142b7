// The Stripe-Signature header: our verdicts are those of Stripe's own SDK, vector by vector.
#include <api/signature.hpp>

#include <simdjson.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <vector>

using namespace daybook::api;

namespace {

const std::string secret = "whsec_daybook_test_secret_1";
const std::string body = R"({"id":"evt_1","type":"charge.succeeded"})";
constexpr std::int64_t now = 1'790'000'000;

std::string_view word(SignatureFailure failure) {
    switch (failure) {
        case SignatureFailure::missing: return "missing";
        case SignatureFailure::malformed: return "malformed";
        case SignatureFailure::no_v1: return "no_v1";
        case SignatureFailure::mismatch: return "mismatch";
        case SignatureFailure::stale: return "stale";
    }
    return "";
}

struct Vector {
    std::string name, header, body, failure;
    std::vector<std::string> secrets;
    std::int64_t now = 0;
    std::int64_t sdk_accepts = -1;
};

std::vector<Vector> vectors() {
    const auto file = std::filesystem::path(__FILE__).parent_path() / "vectors/signatures.json";
    simdjson::dom::parser parser;
    std::vector<Vector> all;
    for (const auto row : parser.load(file.string()).get_array()) {
        Vector vector;
        vector.name = row["name"].get_string().value();
        vector.header = row["header"].get_string().value();
        vector.body = row["body"].get_string().value();
        if (!row["failure"].is_null()) vector.failure = row["failure"].get_string().value();
        for (const auto key : row["secrets"].get_array())
            vector.secrets.emplace_back(key.get_string().value());
        vector.now = row["now"].get_int64().value();
        vector.sdk_accepts = row["sdk_accepts"].get_int64().value();
        all.push_back(std::move(vector));
    }
    return all;
}

std::string signed_header(const std::string& timestamp) {
    return "t=" + timestamp + ",v1=" + sign(secret, timestamp, body);
}

auto verify(std::string_view header) {
    return verify_signature(header, body, std::span(&secret, 1), now);
}

}  // namespace

TEST_CASE("Every vector of the official SDK gets the SDK's verdict and the right reason") {
    const auto all = vectors();
    REQUIRE(all.size() >= 25);
    for (const auto& vector : all) {
        INFO(vector.name);
        const auto verdict =
            verify_signature(vector.header, vector.body, vector.secrets, vector.now);
        REQUIRE(verdict.has_value() == (vector.sdk_accepts >= 0));
        if (verdict)
            CHECK(static_cast<std::int64_t>(*verdict) == vector.sdk_accepts);
        else
            CHECK(word(verdict.error()) == vector.failure);
    }
}

TEST_CASE("Any changed bit of a signed body is noticed") {
    const auto header = signed_header("1790000000");
    for (std::size_t bit = 0; bit < 8 * body.size(); ++bit) {
        auto tampered = body;
        tampered[bit / 8] = static_cast<char>(tampered[bit / 8] ^ (1 << (bit % 8)));
        CHECK(verify_signature(header, tampered, std::span(&secret, 1), now).error() ==
              SignatureFailure::mismatch);
    }
}

TEST_CASE("A timestamp counts as it was received, and only digits are one") {
    CHECK(verify(signed_header("1790000000")).has_value());
    CHECK(verify(signed_header("01790000000")).has_value());
    for (const auto* timestamp : {"", " 1790000000", "1790000000 ", "+1790000000", "-5", "1.79e9",
                                  "0x6ab1", "99999999999999999999999"}) {
        INFO(timestamp);
        CHECK(verify(signed_header(timestamp)).error() == SignatureFailure::malformed);
    }
}

TEST_CASE("Of several timestamps the last counts") {
    const auto signature = "v1=" + sign(secret, "1790000000", body);
    CHECK(verify("t=5,t=1790000000," + signature).has_value());
    CHECK(verify("t=1790000000,t=5," + signature).error() == SignatureFailure::mismatch);
}

TEST_CASE("A header without anything in it is missing") {
    CHECK(verify("").error() == SignatureFailure::missing);
    CHECK(verify(" \t ").error() == SignatureFailure::missing);
}

TEST_CASE("Upper-case digits are no signature of Stripe's") {
    auto header = signed_header("1790000000");
    const auto start = header.find("v1=") + 3;
    for (auto at = start; at < header.size(); ++at)
        header[at] = static_cast<char>(std::toupper(header[at]));
    CHECK(verify(header).error() == SignatureFailure::mismatch);
}

TEST_CASE("Without secrets nothing is accepted") {
    CHECK(verify_signature(signed_header("1790000000"), body, {}, now).error() ==
          SignatureFailure::mismatch);
}

TEST_CASE("A fingerprint tells secrets apart and does not show them") {
    CHECK(secret_fingerprint(secret).size() == 8);
    CHECK(secret_fingerprint(secret) != secret_fingerprint(secret + "x"));
    CHECK(secret.find(secret_fingerprint(secret)) == std::string::npos);
}
