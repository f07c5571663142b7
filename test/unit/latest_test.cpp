// The newest version of an object, for every order in which its versions arrive.
#include <projections/latest.hpp>
#include <projections/pack.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace daybook::projections;  // NOLINT(google-build-using-namespace)

namespace {

struct Light {
    std::string color;
    std::int64_t lamps = 1;
    bool broken = false;
    [[nodiscard]] auto tracked() const { return std::tie(color, lamps); }
    [[nodiscard]] std::int64_t finality() const { return broken ? 1 : 0; }
    bool operator==(const Light&) const = default;
    BOOST_DESCRIBE_CLASS(Light, (), (color, lamps, broken), (), ())
};

struct Change {
    std::int64_t at;
    std::string event;
    Light light;
    std::optional<Light> before = {};
    std::int64_t until = 0;

    void tell(Latest<Light>& latest) const { latest.see(at, event, light, before, until); }
};

/// The color that wins, the same for every order of the changes.
std::string winner(std::vector<Change> changes) {
    std::string color;
    std::string packed_first;
    std::ranges::sort(changes, {}, &Change::event);
    do {
        Latest<Light> latest;
        for (const auto& change : changes)
            latest.see(change.at, change.event, change.light, change.before);
        latest.see(changes[0].at, changes[0].event, changes[0].light, changes[0].before);
        if (packed_first.empty()) packed_first = packed(latest);
        CHECK(packed(latest) == packed_first);
        color = latest.newest()->value.color;
    } while (std::next_permutation(changes.begin(), changes.end(),
                                   [](const auto& a, const auto& b) { return a.event < b.event; }));
    return color;
}

}  // namespace

TEST_CASE("the later second wins") {
    CHECK(winner({{2, "evt_a", {"green"}}, {1, "evt_b", {"red"}}}) == "green");
}

TEST_CASE("what is final wins over what is later") {
    CHECK(winner({{1, "evt_a", {"dark", 1, true}}, {2, "evt_b", {"red"}}}) == "dark");
}

TEST_CASE("within a second the change that no other change builds upon wins") {
    CHECK(winner({{1, "evt_c", {"red"}},
                  {1, "evt_a", {"yellow"}, Light{"green"}},
                  {1, "evt_b", {"green"}, Light{"red"}}}) == "yellow");
    CHECK(winner({{1, "evt_z", {"red", 1}, Light{"red", 3}},
                  {1, "evt_a", {"green", 1}, Light{"red", 1}}}) == "green");
}

TEST_CASE("a walk through the same color twice ends where it must") {
    CHECK(winner({{1, "evt_c", {"red"}},
                  {1, "evt_b", {"green"}, Light{"red"}},
                  {1, "evt_a", {"red"}, Light{"green"}}}) == "red");
    CHECK(winner({{1, "evt_z", {"red"}},
                  {2, "evt_b", {"green"}, Light{"red"}},
                  {2, "evt_a", {"red"}, Light{"green"}}}) == "red");
    CHECK(winner({{1, "evt_0", {"green"}},
                  {2, "evt_a", {"green"}, Light{"red"}},
                  {2, "evt_b", {"red"}, Light{"green"}}}) == "green");
}

TEST_CASE("nothing but the event id is left to tell twins apart") {
    CHECK(winner({{1, "evt_a", {"red"}}, {1, "evt_b", {"green"}}}) == "green");
}

TEST_CASE("merging halves comes to the same as seeing all") {
    constexpr std::uint64_t rounds = 200;
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
        std::mt19937_64 random(seed);
        const auto pick = [&](std::uint64_t below) {
            return static_cast<std::int64_t>(random() % below);
        };
        const std::string colors[] = {"red", "yellow", "green"};
        const auto light = [&] { return Light{colors[pick(3)], pick(2), pick(10) == 0}; };
        std::vector<Change> changes;
        for (std::int64_t index = 0; index < 12; ++index) {
            changes.push_back({pick(4), "evt_" + std::to_string(pick(1000)), light(), {}});
            if (pick(2) == 0) changes.back().before = light();
            if (pick(4) == 0) changes.back().until = changes.back().at + pick(2) + 1;
        }
        std::ranges::sort(changes, {}, &Change::event);
        const auto twins = std::ranges::unique(changes, {}, &Change::event);
        changes.erase(twins.begin(), twins.end());

        Latest<Light> all;
        Latest<Light> left;
        Latest<Light> right;
        for (const auto& change : changes)
            change.tell(all);
        std::shuffle(changes.begin(), changes.end(), random);
        for (const auto& change : changes) {
            const auto side = pick(3);
            if (side != 0) change.tell(left);
            if (side != 1) change.tell(right);
            if (pick(3) == 0) left = unpacked<Latest<Light>>(packed(left));  // as between batches
        }
        left.merge(std::move(right));
        INFO("seed " << seed);
        REQUIRE(packed(left) == packed(all));
        REQUIRE(left.newest()->event == all.newest()->event);
    }
}

TEST_CASE("the newest is one maximum by finality, second, rank and event id") {
    Newest<Light> newest;
    newest.see(5, "evt_b", {"red"});
    newest.see(5, "evt_a", {"green"});
    newest.see(4, "evt_z", {"blue"});
    CHECK(newest.value.color == "red");
    newest.see(1, "evt_0", {"dark", 1, true});
    CHECK(newest.value.color == "dark");
    CHECK(unpacked<Newest<Light>>(packed(newest)) == newest);
}

TEST_CASE("an object with very many versions in one second costs no more than with a few") {
    Latest<Light> up;
    Latest<Light> down;
    for (int i = 0; i < 500; ++i) {
        up.see(1, "evt_" + std::to_string(1000 + i), {"red"}, std::nullopt);
        down.see(1, "evt_" + std::to_string(1499 - i), {"red"}, std::nullopt);
    }
    CHECK(up.versions.size() == 16);
    CHECK(up == down);
}
