// Documents as text: whatever is in them comes back, and Stripe's layout is kept.
#include <ledger/json_text.hpp>
#include <tools/stripe_sim/json.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace daybook;
using namespace daybook::sim;

namespace {

/// Characters that need an escape and others, at every place and length.
std::string any_text(std::mt19937_64& random) {
    constexpr std::string_view characters = "\"\\\n\r\t\x01\x1f\x7f aZ09/{}[]:,";
    std::string text;
    for (auto length = random() % 40; length > 0; --length)
        if (random() % 8 == 0)
            text += "é";
        else if (random() % 3 == 0)
            text += characters[random() % characters.size()];
        else
            text += 'x';
    return text;
}

json::value any_value(std::mt19937_64& random, int depth) {
    switch (random() % (depth > 0 ? 8 : 6)) {
        case 0: return nullptr;
        case 1: return random() % 2 == 0;
        case 2: return static_cast<std::int64_t>(random());
        case 3: return 0.25 + static_cast<double>(random() % 1000);
        case 4:
        case 5: return json::value(json::string(any_text(random)));
        case 6: {
            json::array array;
            for (auto size = random() % 4; size > 0; --size)
                array.push_back(any_value(random, depth - 1));
            return array;
        }
        default: break;
    }
    json::object object;
    for (auto size = random() % 5; size > 0; --size)
        object[any_text(random)] = any_value(random, depth - 1);
    return object;
}

}  // namespace

TEST_CASE("What is written as JSON is read back as it was") {
    std::mt19937_64 random(1);
    std::string several;
    for (int round = 0; round < 2'000; ++round) {
        const json::object document{{"value", any_value(random, 4)}};
        CHECK(json::parse(compact(document)) == document);
        CHECK(json::parse(pretty(document)) == document);
        const auto before = several.size();
        append_compact(several, document);
        CHECK(several.substr(before) == compact(document));
        const auto text = any_text(random);
        std::string written;
        append_json_string(written, text);
        CHECK(json::parse(written).as_string() == text);
    }
}

TEST_CASE("JSON is laid out as Stripe lays it out") {
    const json::object document{{"id", "x_1"},
                                {"none", json::object()},
                                {"list", {1, {{"a", nullptr}}}},
                                {"empty", json::array()}};
    CHECK(pretty(document) ==
          "{\n  \"id\": \"x_1\",\n  \"none\": {},\n  \"list\": [\n    1,\n    {\n"
          "      \"a\": null\n    }\n  ],\n  \"empty\": []\n}");
    CHECK(compact(document) == R"({"id":"x_1","none":{},"list":[1,{"a":null}],"empty":[]})");
}

TEST_CASE("What changed is told with what it was, member by member") {
    const json::object before{{"a", 1}, {"b", {{"c", 1}, {"d", 2}}}, {"e", {1, 2}}, {"gone", 1}};
    const json::object after{{"new", 1}, {"a", 1}, {"b", {{"c", 1}, {"d", 3}}}, {"e", {1}}};
    CHECK(changed(before, after) ==
          json::object{{"b", {{"d", 2}}}, {"e", {1, 2}}, {"gone", 1}, {"new", nullptr}});
    CHECK(changed(before, before).empty());
}
