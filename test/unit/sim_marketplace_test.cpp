// The made-up marketplace: the same from the same seed, whole, and its money adds up.
#include <test/sim.hpp>

#include <tools/stripe_sim/marketplace/event_file.hpp>
#include <tools/stripe_sim/marketplace/marketplace.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

constexpr Plan small{.sellers = 6, .buyers = 40, .orders = 300, .days = 45, .seed = 7};

std::vector<std::string> history(const Plan& plan) {
    Sim sim;
    live(sim.world, plan);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < sim.world.events.count(); ++i)
        texts.emplace_back(sim.world.events.text(i));
    return texts;
}

/// By the shop's name of the order, the types of the platform's events whose object carries it.
std::map<std::string, std::set<std::string>> events_by_order(World& world) {
    std::map<std::string, std::set<std::string>> found;
    for (std::size_t i = 0; i < world.events.count(); ++i) {
        const auto event = world.events.get(i);
        const auto& metadata = object(event, "data.object.metadata");
        const auto order = text(metadata, metadata.contains("orderId") ? "orderId" : "order_id");
        if (!order.empty() && !has(event, "account"))
            found[std::string(order)].emplace(text(event, "type"));
    }
    return found;
}

}  // namespace

TEST_CASE("The same seed makes the same marketplace, another seed another") {
    const auto once = history(small);
    CHECK(once.size() > 2'000);
    CHECK(history(small) == once);
    auto other = small;
    other.seed = 8;
    CHECK(history(other) != once);
}

TEST_CASE("A marketplace's money adds up, and nothing that it asks for is wrong") {
    Sim sim;
    auto plan = small;
    plan.orders = 600;
    const auto tally = live(sim.world, plan);
    CHECK(sim.world.imbalances().empty());
    CHECK(sim.world.clock.now() == Sim::start + plan.days * day);
    for (const auto& [what, count] : tally) {
        INFO(what << " " << count);
        CHECK((!what.starts_with("refused: ") || what == "refused: card_declined"));
    }
    const auto happened = [&tally](std::string_view what) {
        const auto found = tally.find(what);
        return found == tally.end() ? 0 : found->second;
    };
    CHECK(happened("orders: by payment intent") + happened("orders: by checkout session") +
              happened("orders: by subscription") ==
          plan.orders);
    CHECK(happened("orders: paid") > plan.orders * 8 / 10);
    CHECK(happened("refunds: full") > 0);
    CHECK(happened("refunds: partial") > 0);
    CHECK(happened("3D Secure: passed") > 0);
}

TEST_CASE("Every order of a marketplace shows in its events, bound to buyer and product") {
    Sim sim;
    auto named = small;
    named.rates.anonymous = 0;
    live(sim.world, named);
    auto found = events_by_order(sim.world);
    // An order by a checkout session that nobody has submitted yet is in no event.
    std::size_t open = 0;
    sim.world.store.each("", "checkout.session", [&open](const json::object& session) {
        if (text(session, "status") == "open" && !has(session, "payment_intent")) ++open;
    });
    CHECK(found.size() + open == static_cast<std::size_t>(small.orders));
    std::map<std::string, int> beginnings;
    for (const auto& [order, types] : found) {
        const bool begun = types.contains("payment_intent.created") ||
                           types.contains("checkout.session.completed") ||
                           types.contains("checkout.session.expired") ||
                           types.contains("customer.subscription.created");
        INFO(order);
        CHECK(begun);
        if (types.contains("payment_intent.succeeded")) CHECK(types.contains("charge.succeeded"));
        for (const auto& type : types)
            ++beginnings[type];
    }
    CHECK(beginnings["payment_intent.succeeded"] > small.orders / 2);
    CHECK(beginnings["payment_intent.payment_failed"] > 0);
    CHECK(beginnings["charge.refunded"] > 0);
    const auto intents = sim.world.store.page("", "payment_intent", {.limit = 1});
    const auto& metadata = object(*intents.items.at(0), "metadata");
    CHECK(text(metadata, "order_id").starts_with("order_"));
    CHECK(text(metadata, "user_id").starts_with("user_"));
    CHECK(text(metadata, "product_id").starts_with("product_"));
}

TEST_CASE("Sellers of a marketplace are paid out, but not those whose bank account is closed") {
    Sim sim;
    live(sim.world, small);
    std::set<std::string_view> types;
    for (std::size_t i = 0; i < sim.world.events.count(); ++i)
        types.insert(sim.world.events.head(i).type);
    for (const auto* type : {"payout.created", "payout.paid", "payout.failed", "transfer.created",
                             "application_fee.created", "invoice.paid", "account.updated"}) {
        INFO(type);
        CHECK(types.contains(type));
    }
}

TEST_CASE("A marketplace's events go to a file, each saying which endpoint gets it") {
    const auto path =
        std::filesystem::temp_directory_path() / fmt::format("marketplace-{}.jsonl", getpid());
    Sim sim;
    const auto file = write_events(sim.world, path.string());
    live(sim.world, {.sellers = 2, .buyers = 5, .orders = 20, .days = 3});
    file->finish();
    std::ifstream lines(path);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line); ++number) {
        const auto entry = json::parse(line).as_object();
        REQUIRE(text(entry, "event.id") == sim.world.events.head(number).id);
        CHECK(flag(entry, "connect") == has(entry, "event.account"));
    }
    CHECK(number == sim.world.events.count());
    std::filesystem::remove(path);
}

TEST_CASE("POST /_sim/marketplace says what happened, and refuses what nobody can live") {
    Sim sim;
    const auto lived = sim.post("/_sim/marketplace", "sellers=2&buyers=5&orders=10&days=2&seed=3");
    REQUIRE(lived.status == 200);
    CHECK(integer(lived.body, "now") == Sim::start + 2 * day);
    CHECK(integer(lived.body, "events") == static_cast<std::int64_t>(sim.world.events.count()));
    CHECK(integer(object(lived.body, "happened"), "sellers: active") == 2);
    for (const auto* plan : {"sellers=0", "buyers=0", "orders=-1", "days=0", "orders=many"})
        CHECK(sim.post("/_sim/marketplace", plan).status == 400);
}
