// The store: packing changes nothing that can be seen, lists know their indexes, files keep all.
#include <test/sim.hpp>

#include <tools/stripe_sim/state.hpp>
#include <tools/stripe_sim/store.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

using namespace daybook::sim;
using daybook::test::Sim;

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

TEST_CASE("A saved world goes on as if it had not been away") {
    const auto file = std::filesystem::temp_directory_path() / "daybook_sim_state_test.zst";
    const auto pay =
        "amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&return_url=https://a.b";
    const auto rest_of_it = [&pay](Sim& sim) {
        sim.world.advance(3 * day);
        sim.post("/v1/payment_intents", pay, "k2");
        std::string all;
        for (std::size_t i = 0; i < sim.world.events.count(); ++i)
            append_compact(all, sim.world.events.get(i));
        return all;
    };
    Sim one;
    const auto paid = one.post("/v1/payment_intents", pay, "k");
    save_state(one.world, file);
    Sim other(file);
    CHECK(other.post("/v1/payment_intents", pay, "k").body == paid.body);
    static_cast<void>(one.post("/v1/payment_intents", pay, "k"));
    CHECK(rest_of_it(one) == rest_of_it(other));
    CHECK(other.world.imbalances().empty());
    CHECK(other.world.balances.of("", "usd").available ==
          one.world.balances.of("", "usd").available);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 5);
    CHECK_THROWS_AS(Sim(file), std::runtime_error);
    std::filesystem::remove(file);
}
