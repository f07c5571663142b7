// Who subscribes to a product is entitled to its features, for as long as the subscription lasts.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace daybook::sim;
using daybook::test::Sim;

TEST_CASE("A subscription entitles to the features of its product until it ends") {
    Sim sim;
    const auto feature = sim.post("/v1/entitlements/features", "lookup_key=maps&name=Maps");
    CHECK(sim.post("/v1/entitlements/features", "lookup_key=maps&name=Other").code() ==
          "resource_already_exists");
    const std::string product(sim.post("/v1/products", "name=Atlas").id());
    const auto of_product = "/v1/products/" + product + "/features";
    const auto attached = sim.post(of_product, "entitlement_feature=" + std::string(feature.id()));
    CHECK(text(attached.body, "entitlement_feature.lookup_key") == "maps");
    CHECK(sim.post(of_product, "entitlement_feature=" + std::string(feature.id())).status == 400);

    const std::string price(sim.post("/v1/prices", "currency=usd&unit_amount=500&product=" +
                                                       product + "&recurring[interval]=month")
                                .id());
    const std::string customer(sim.post("/v1/customers",
                                        "payment_method=pm_card_visa&invoice_settings"
                                        "[default_payment_method]=pm_card_visa")
                                   .id());
    const auto subscription =
        sim.post("/v1/subscriptions", "customer=" + customer + "&items[0][price]=" + price);
    REQUIRE(text(subscription.body, "status") == "active");
    const auto active = [&] {
        return sim.get("/v1/entitlements/active_entitlements", "customer=" + customer);
    };
    const auto held = active();
    REQUIRE(array(held.body, "data").size() == 1);
    const auto& one = array(held.body, "data").at(0).as_object();
    CHECK(text(one, "feature") == feature.id());
    CHECK(sim.get("/v1/entitlements/active_entitlements/" + std::string(text(one, "id"))).status ==
          200);
    sim.post("/v1/entitlements/features/" + std::string(feature.id()), "name=All maps");
    const auto renamed = sim.get(of_product + "/" + std::string(attached.id()));
    CHECK(text(renamed.body, "entitlement_feature.name") == "All maps");

    sim.del("/v1/subscriptions/" + std::string(subscription.id()));
    CHECK(array(active().body, "data").empty());
    const auto events = sim.events();
    CHECK(std::ranges::count(events, "entitlements.active_entitlement_summary.updated") == 2);
    CHECK(sim.del(of_product + "/" + std::string(attached.id())).status == 200);
    CHECK(array(sim.get(of_product).body, "data").empty());
}
