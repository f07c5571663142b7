// The key in an Authorization header, as clients and as attackers send it.
#include <api/auth.hpp>

#include <catch2/catch.hpp>

using namespace daybook::api;

namespace {

std::string key_in(std::string authorization) {
    Request request;
    request.authorization = std::move(authorization);
    return key_of(request);
}

}  // namespace

TEST_CASE("a key comes as Bearer, or as the user of Basic") {
    CHECK(key_in("Bearer dbk_1") == "dbk_1");
    CHECK(key_in("bearer  dbk_1") == "dbk_1");
    CHECK(key_in("Basic ZGJrXzE6") == "dbk_1");
    CHECK(key_in("Basic ZGJrXzE6cGFzc3dvcmQ=") == "dbk_1");
    CHECK(key_in("Digest dbk_1").empty());
    CHECK(key_in("").empty());
}

TEST_CASE("base64 that stops in the middle of a group writes nowhere else") {
    for (std::size_t length = 0; length <= 512; ++length) {
        INFO(length);
        CHECK(key_in("Basic " + std::string(length, 'Z')).size() <= length);
    }
    CHECK(key_in("Basic " + std::string(513, 'Z')).empty());
}
