// The store: packing changes nothing that can be seen, and lists know their indexes.
#include <tools/stripe_sim/store.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace daybook::sim;

namespace {

json::object item(int i) {
    return {{"id", "x_" + std::to_string(i)},
            {"created", 100 + i},
            {"owner", "o_" + std::to_string(i % 3)},
            {"note", "the same words in every document"}};
}

}  // namespace

TEST_CASE("Documents come back from the pack as they went in") {
    Store store(4);
    store.index("thing", "owner");
    for (int i = 0; i < 100; ++i) {
        store.put("", "thing", item(i));
        store.rest();
    }
    for (int i = 0; i < 100; ++i) {
        const auto* found = store.find("", "thing", "x_" + std::to_string(i));
        REQUIRE(found != nullptr);
        CHECK(*found == item(i));
        store.rest();
    }
    (*store.edit("", "thing", "x_7"))["note"] = "changed";
    for (int i = 20; i < 40; ++i)
        store.find("", "thing", "x_" + std::to_string(i));
    store.rest();
    CHECK(text(*store.find("", "thing", "x_7"), "note") == "changed");
    CHECK(store.find("acct_1", "thing", "x_7") == nullptr);
    CHECK(store.find("", "other", "x_7") == nullptr);
}

TEST_CASE("An indexed list follows changes and erasures") {
    Store store(2);
    store.index("thing", "owner");
    for (int i = 0; i < 9; ++i)
        store.put("", "thing", item(i));
    store.rest();
    const auto ids = [&store](std::string_view owner) {
        std::string all;
        for (const auto* found :
             store.page("", "thing", {.equal = {{"owner", std::string(owner)}}}).items)
            all += std::string(text(*found, "id")) + " ";
        return all;
    };
    CHECK(ids("o_1") == "x_7 x_4 x_1 ");
    (*store.edit("", "thing", "x_4"))["owner"] = "o_2";
    CHECK(ids("o_1") == "x_7 x_1 ");
    CHECK(ids("o_2") == "x_8 x_5 x_4 x_2 ");
    store.rest();
    CHECK(store.erase("", "thing", "x_8"));
    CHECK_FALSE(store.erase("", "thing", "x_8"));
    CHECK(ids("o_2") == "x_5 x_4 x_2 ");
    CHECK(store.count("", "thing") == 8);
    CHECK(store.page("", "thing", {.limit = 3}).has_more);
    CHECK(ids("nobody").empty());
}
