// Any JSON is JSON, however big its numbers; and what is none stays none.
#include <ledger/json_parse.hpp>

#include <catch2/catch.hpp>

using namespace daybook;

namespace {

/// The document as it was understood; "-" when it was not.
std::string understood(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parse_json(parser, json, root) != simdjson::SUCCESS) return "-";
    return simdjson::minify(root);
}

}  // namespace

TEST_CASE("numbers of any size do not make a document unreadable") {
    CHECK(understood(R"({"a":123456789012345678901234567890,"b":7})") == R"({"a":0,"b":7})");
    CHECK(understood("[-99999999999999999999, 1e400, 1, -2E+999]") == "[0,0,1,0]");
    CHECK(understood("100000000000000000000000000000000000000000") == "0");
    CHECK(understood("9223372036854775807") == "9223372036854775807");
}

TEST_CASE("digits inside a string are no number") {
    CHECK(understood(R"({"a":"1e999 \" 99999999999999999999","b":99999999999999999999})") ==
          R"({"a":"1e999 \" 99999999999999999999","b":0})");
}

TEST_CASE("what is no number is none for its size") {
    for (const auto* json :
         {"[99999999999999999999, 01]", "[0099999999999999999999]", "[1e]",
          "[99999999999999999999e]", "[99999999999999999999.]", "[--99999999999999999999]",
          "[9999999999999999999 9]", "[99999999999999999999x]", "[1e400", "\"99999999999999999999",
          "-", ""}) {
        INFO(json);
        CHECK(understood(json) == "-");
    }
    CHECK_FALSE(without_huge_numbers(R"({"a":[1,-2,3.5,"x"]})"));
}
