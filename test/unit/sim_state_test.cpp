// Saved states: what goes on from one is what would have gone on anyway.
#include <test/sim.hpp>

#include <tools/stripe_sim/state.hpp>

#include <catch2/catch.hpp>

#include <unistd.h>

#include <fstream>
#include <iterator>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

/// A path of this test's own; the file is removed at the end.
struct Scratch {
    Scratch() : path(std::filesystem::temp_directory_path() / name()) {}
    ~Scratch() { std::filesystem::remove(path); }
    static std::string name() {
        static int count = 0;
        return "daybook-sim-" + std::to_string(getpid()) + "-" + std::to_string(++count);
    }
    std::filesystem::path path;
};

std::string bytes_of(Sim& sim) {
    const Scratch file;
    save_state(sim.world, file.path);
    std::ifstream in(file.path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string pay(Sim& sim, const std::string& seller, std::string_view key) {
    const auto made = sim.post("/v1/payment_intents",
                               "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                               "&payment_method=pm_card_visa&application_fee_amount=1000"
                               "&transfer_data[destination]=" +
                                   seller,
                               key);
    REQUIRE(made.status == 200);
    return std::string(made.id());
}

/// Leaves things in every part of the world: tasks, keys, pending money, queues, rules.
std::string first_half(Sim& sim) {
    const auto seller = sim.seller();
    sim.post("/v1/webhook_endpoints", "url=http://x.y/&enabled_events[]=*");
    sim.post("/_sim/faults", R"([{"kind":"reorder","window":3},{"kind":"rate_limit","rate":0.1}])");
    for (int i = 0; i < 5; ++i)
        sim.post("/v1/customers", "name=" + std::to_string(i));
    sim.post("/_sim/faults", R"({"kind":"delay","event":"charge.*","delay":90000})");
    sim.del("/_sim/faults/flt_2");
    const auto target = sim.world.deliveries.targets().front()->id;
    if (const auto taken = sim.world.deliveries.take(target))
        sim.world.deliveries.finish(target, *taken, false);
    pay(sim, seller, "key-1");
    sim.world.advance(day);
    pay(sim, seller, "key-2");
    return seller;
}

void second_half(Sim& sim, const std::string& seller) {
    pay(sim, seller, "key-2");
    sim.world.advance(hour);
    pay(sim, seller, "key-3");
    sim.world.advance(4 * day);
    pay(sim, seller, "key-1");
}

}  // namespace

TEST_CASE("A run that was saved and loaded in the middle ends as the same run in one piece") {
    Sim whole;
    second_half(whole, first_half(whole));

    Sim before;
    const auto seller = first_half(before);
    const Scratch file;
    save_state(before.world, file.path);
    Sim after(file.path);
    CHECK(bytes_of(after) == bytes_of(before));
    second_half(after, seller);

    CHECK(after.events() == whole.events());
    CHECK(after.net() == whole.net());
    CHECK(after.world.imbalances().empty());
    CHECK(bytes_of(after) == bytes_of(whole));
}

TEST_CASE("A damaged state file is refused by name") {
    Sim sim;
    first_half(sim);
    const Scratch file;
    save_state(sim.world, file.path);
    const auto size = std::filesystem::file_size(file.path);
    std::filesystem::resize_file(file.path, size - 10);
    CHECK_THROWS_AS(Sim(file.path), BadState);
    std::ofstream(file.path) << "nothing of the kind";
    CHECK_THROWS_WITH(Sim(file.path), Catch::Contains(file.path.string()));
    CHECK_THROWS_AS(Sim(file.path.string() + ".absent"), BadState);
}
