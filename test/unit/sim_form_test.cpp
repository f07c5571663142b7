// Form encoding in every spelling that Stripe's clients use.
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/form.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;

namespace {

std::string tree(std::string_view encoded) {
    std::string out;
    append_compact(out, parse_form(encoded));
    return out;
}

}  // namespace

TEST_CASE("A form is a tree of texts") {
    CHECK(tree("") == "{}");
    CHECK(tree("a=1&b=&c") == R"({"a":"1","b":"","c":""})");
    CHECK(tree("a[b][c]=v&a[b][d]=w") == R"({"a":{"b":{"c":"v","d":"w"}}})");
    CHECK(tree("a=1&a=2") == R"({"a":"2"})");
    CHECK(tree("&&a=1&") == R"({"a":"1"})");
    CHECK(tree("a=x=y") == R"({"a":"x=y"})");
}

TEST_CASE("Arrays come with brackets or with numbers") {
    CHECK(tree("x[]=1&x[]=2") == R"({"x":["1","2"]})");
    CHECK(tree("x[0]=1&x[1]=2") == R"({"x":{"0":"1","1":"2"}})");
    CHECK(tree("i[0][price]=p&i[0][quantity]=2") == R"({"i":{"0":{"price":"p","quantity":"2"}}})");
    CHECK(tree("i[][price]=p&i[][quantity]=2&i[][price]=q") ==
          R"({"i":[{"price":"p","quantity":"2"},{"price":"q"}]})");
}

TEST_CASE("Blanks and brackets may be escaped in either way") {
    CHECK(tree("a%5Bb%5D=x+y") == R"({"a":{"b":"x y"}})");
    CHECK(tree("a[b]=x%20y%2Bz") == R"({"a":{"b":"x y+z"}})");
    CHECK(tree("n=caf%C3%A9") == "{\"n\":\"caf\xc3\xa9\"}");
}

TEST_CASE("What is no form is refused with 400") {
    std::string deep = "a";
    for (int i = 0; i < 20; ++i)
        deep += "[b]";
    std::string many;
    for (int i = 0; i < 6000; ++i)
        many += "a" + std::to_string(i) + "=1&";
    for (const std::string encoded :
         {"=1", "a[=1", "a[b=1", "a[b]c=1", "[a]=1", "a=%", "a=%zz", "a=%ff", "a=%00", "a=1&a[b]=2",
          "a[b]=1&a=2", "a[]=1&a[b]=2", deep.c_str(), many.c_str()}) {
        INFO(encoded.substr(0, 40));
        try {
            parse_form(encoded);
            FAIL("accepted");
        } catch (const StripeError& error) {
            CHECK(error.status() == 400);
            CHECK_FALSE(error.executed());
        }
    }
}
