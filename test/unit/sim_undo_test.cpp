// Refused requests change nothing; declined payments stay.
#include <test/shop.hpp>
#include <tools/stripe_sim/store.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Shop;

namespace {

/// How many objects there are, of all kinds.
std::size_t objects(Shop& shop) {
    std::size_t count = 0;
    for (const auto& [account, type] : shop.sim.world.store.shelves())
        count += shop.sim.world.store.count(account, type);
    return count;
}

}  // namespace

TEST_CASE("A request that is refused in its middle leaves nothing behind") {
    Shop shop;
    const auto begun = shop.subscribe();
    const auto customer = "/v1/customers/" + shop.customer;
    const auto subscription = "/v1/subscriptions/" + std::string(begun.id());
    const auto held = std::string(shop.sim
                                      .post("/v1/payment_intents",
                                            "amount=1000&currency=usd&payment_method=pm_card_visa"
                                            "&confirm=true&capture_method=manual"
                                            "&return_url=https://a.b")
                                      .id());
    const std::string wrong = "&items[0][discounts][0][coupon]=none";
    const auto before = objects(shop);
    const auto events = shop.sim.world.events.count();
    const auto tasks = shop.sim.world.tasks.all().size();
    const auto customer_before = shop.sim.get(customer).body;
    const auto intent_before = shop.sim.get("/v1/payment_intents/" + held).body;

    CHECK(
        shop.sim
            .post(
                "/v1/customers",
                "name=A&payment_method=pm_card_visa&invoice_settings[default_payment_method]=none")
            .status == 404);
    CHECK(shop.sim.post("/v1/customers", "payment_method=pm_card_chargeDeclined").status == 402);
    CHECK(
        shop.sim.post(customer, "name=B&email=c@d.e&invoice_settings[default_payment_method]=none")
            .status == 404);
    CHECK(shop.subscribe(wrong).status == 404);
    CHECK(shop.sim.post(subscription, "description=x&discounts[0][coupon]=none").status == 404);
    CHECK(shop.sim.post(subscription, "metadata[a]=b&trial_end=1").status == 400);
    CHECK(shop.sim
              .post("/v1/payment_intents/" + held + "/capture",
                    "metadata[a]=b&application_fee_amount=10")
              .status == 400);

    CHECK(objects(shop) == before);
    CHECK(shop.sim.world.events.count() == events);
    CHECK(shop.sim.world.tasks.all().size() == tasks);
    CHECK(shop.sim.get(customer).body == customer_before);
    CHECK(shop.subscription(begun.id()) == begun.body);
    CHECK(shop.sim.get("/v1/payment_intents/" + held).body == intent_before);
    CHECK(array(shop.sim.get("/v1/customers", "email=c@d.e").body, "data").empty());
}

TEST_CASE("A declined attempt is kept") {
    Shop shop;
    const auto declined = shop.sim.post("/v1/payment_intents",
                                        "amount=1000&currency=usd&confirm=true"
                                        "&payment_method=pm_card_chargeDeclined"
                                        "&return_url=https://a.b");
    CHECK(declined.status == 402);
    const std::string id(text(declined.body, "error.payment_intent.id"));
    CHECK(has(shop.sim.get("/v1/payment_intents/" + id).body, "last_payment_error"));
    CHECK(shop.told("charge.failed"));
}

TEST_CASE("Additions, changes and erasures are undone in a list, too") {
    Store store(2);
    store.index("thing", "owner");
    const auto thing = [](const char* id, const char* owner) {
        return json::object{{"id", id}, {"created", 1}, {"owner", owner}};
    };
    const auto owned = [&store](const char* owner) {
        std::string ids;
        for (const auto* found : store.page("", "thing", {.equal = {{"owner", owner}}}).items)
            ids += std::string(text(*found, "id")) + " ";
        return ids;
    };
    for (const auto* id : {"a", "b", "c", "d"})
        store.put("", "thing", thing(id, "x"));
    store.rest();
    store.watch();
    (*store.edit("", "thing", "a"))["owner"] = "y";
    (*store.edit("", "thing", "b"))["owner"] = "y";
    store.erase("", "thing", "b");
    store.erase("", "thing", "c");
    store.put("", "thing", thing("e", "x"));
    store.put("", "thing", thing("c", "y"));
    CHECK(owned("x") == "e d ");
    store.undo();
    CHECK(owned("x") == "d c b a ");
    CHECK(owned("y").empty());
    store.rest();
    CHECK(owned("x") == "d c b a ");
}
