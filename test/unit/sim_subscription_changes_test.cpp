// Subscriptions that change: prices, periods, discounts, sellers, ends.
#include <test/shop.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Shop;
using daybook::test::Sim;

namespace {

constexpr Seconds month = 31 * day;

}  // namespace

TEST_CASE("Half a period later, half of each price is credited and charged") {
    Shop shop;
    const auto begun = shop.subscribe();
    const auto& item = array(begun.body, "items.data").at(0).as_object();
    const auto half =
        (integer(item, "current_period_end") - integer(item, "current_period_start")) / 2;
    shop.sim.world.advance(half);
    const auto dear = shop.new_price(4000);
    const auto change = "items[0][id]=" + std::string(text(item, "id")) +
                        "&items[0][price]=" + dear + "&items[0][quantity]=2";
    const auto preview = shop.sim.post(
        "/v1/invoices/create_preview",
        "subscription=" + std::string(begun.id()) +
            "&subscription_details[proration_behavior]=always_invoice"
            "&subscription_details[items][0][id]=" +
            std::string(text(item, "id")) + "&subscription_details[items][0][price]=" + dear +
            "&subscription_details[items][0][quantity]=2");
    REQUIRE(preview.status == 200);
    CHECK(integer(preview.body, "total") == 4000 - 750);
    SECTION("at once") {
        const auto changed = shop.sim.post("/v1/subscriptions/" + std::string(begun.id()),
                                           change + "&proration_behavior=always_invoice");
        REQUIRE(changed.status == 200);
        const auto invoice = shop.latest(begun.id());
        CHECK(text(invoice, "billing_reason") == "subscription_update");
        CHECK(integer(invoice, "total") == 4000 - 750);
        CHECK(text(invoice, "status") == "paid");
    }
    SECTION("with the next invoice") {
        shop.sim.post("/v1/subscriptions/" + std::string(begun.id()), change);
        CHECK(array(shop.sim.get("/v1/invoiceitems", "pending=true").body, "data").size() == 2);
        shop.sim.world.advance(half + 2 * hour);
        CHECK(integer(shop.latest(begun.id()), "total") == 8000 + 4000 - 750);
        CHECK(array(shop.latest(begun.id()), "lines.data").size() == 3);
    }
    SECTION("not at all") {
        shop.sim.post("/v1/subscriptions/" + std::string(begun.id()),
                      change + "&proration_behavior=none");
        shop.sim.world.advance(half + 2 * hour);
        CHECK(integer(shop.latest(begun.id()), "total") == 8000);
    }
}

TEST_CASE("Another interval begins a new period at once") {
    Shop shop;
    const auto begun = shop.subscribe();
    const auto& item = array(begun.body, "items.data").at(0).as_object();
    shop.sim.world.advance(day);
    const auto changed = shop.sim.post("/v1/subscriptions/" + std::string(begun.id()),
                                       "items[0][id]=" + std::string(text(item, "id")) +
                                           "&items[0][price]=" + shop.new_price(12000, "year"));
    REQUIRE(changed.status == 200);
    const auto& after = array(changed.body, "items.data").at(0).as_object();
    CHECK(integer(after, "current_period_start") == shop.sim.world.clock.now());
    CHECK(integer(after, "current_period_end") == shop.sim.world.clock.now() + 365 * day);
    CHECK(integer(shop.latest(begun.id()), "total") < 12000);
    CHECK(integer(shop.latest(begun.id()), "total") >= 12000 - 1500);
}

TEST_CASE("From free to paid a new period begins, and is paid at once") {
    Shop shop;
    const auto dear = shop.price;
    shop.price = shop.new_price(0);
    const auto begun = shop.subscribe();
    const std::string item(text(array(begun.body, "items.data").at(0).as_object(), "id"));
    shop.sim.world.advance(10 * day);
    const auto change = "items[0][id]=" + item + "&items[0][price]=";
    const auto path = "/v1/subscriptions/" + std::string(begun.id());
    const auto changed = shop.sim.post(path, change + dear);
    REQUIRE(changed.status == 200);
    CHECK(integer(changed.body, "billing_cycle_anchor") == shop.sim.world.clock.now());
    CHECK(integer(shop.latest(begun.id()), "amount_paid") == 1500);
    shop.sim.world.advance(day);
    const auto dearer = shop.sim.post(path, change + shop.new_price(3000));
    CHECK(dearer.body.at("billing_cycle_anchor") == changed.body.at("billing_cycle_anchor"));
}

TEST_CASE("What changes during a trial costs nothing before its end") {
    Shop shop;
    const auto begun = shop.subscribe("&trial_period_days=14");
    const auto path = "/v1/subscriptions/" + std::string(begun.id());
    const auto end = integer(begun.body, "trial_end");
    const std::string item(text(array(begun.body, "items.data").at(0).as_object(), "id"));
    shop.sim.world.advance(day);
    const auto changed = shop.sim.post(
        path, "items[0][id]=" + item + "&items[0][price]=" + shop.new_price(9000, "year") +
                  "&items[1][price]=" + shop.new_price(700) + "&proration_behavior=always_invoice");
    CHECK(text(changed.body, "status") == "trialing");
    CHECK(integer(changed.body, "billing_cycle_anchor") == end);
    for (const auto& each : array(changed.body, "items.data"))
        CHECK(integer(each.as_object(), "current_period_end") == end);
    shop.sim.world.advance(12 * day);
    CHECK(shop.status(begun.id()) == "trialing");
    CHECK(shop.sim.net() == 0);
    shop.sim.world.advance(2 * day);
    CHECK(shop.status(begun.id()) == "active");
    CHECK(integer(shop.latest(begun.id()), "amount_paid") == 9700);
    const auto later =
        shop.sim.post("/v1/subscriptions", "trial_period_days=2&customer=" + shop.customer +
                                               "&items[0][price]=" + shop.price);
    const auto longer = shop.sim.post("/v1/subscriptions/" + std::string(later.id()),
                                      "items[0][price]=" + shop.new_price(300) + "&trial_end=" +
                                          std::to_string(shop.sim.world.clock.now() + 9 * day));
    for (const auto& each : array(longer.body, "items.data"))
        CHECK(integer(each.as_object(), "current_period_end") == integer(longer.body, "trial_end"));
}

TEST_CASE("A change names each item once, and leaves one") {
    Shop shop;
    const auto begun = shop.subscribe();
    const auto path = "/v1/subscriptions/" + std::string(begun.id());
    const std::string item(text(array(begun.body, "items.data").at(0).as_object(), "id"));
    const auto twice = shop.sim.post(path, "items[0][id]=" + item + "&items[0][deleted]=true" +
                                               "&items[1][id]=" + item + "&items[1][deleted]=true" +
                                               "&items[2][price]=" + shop.new_price(100));
    CHECK(twice.status == 400);
    CHECK(twice.param() == "items[1][id]");
    const auto none = shop.sim.post(path, "items[0][id]=" + item + "&items[0][deleted]=true");
    CHECK(none.status == 400);
    CHECK(none.message().starts_with("A subscription must have at least one active plan."));
    shop.sim.world.advance(month);
    CHECK(shop.status(begun.id()) == "active");
}

TEST_CASE("A change may wait for its payment") {
    Shop shop;
    const auto begun = shop.subscribe();
    const auto& item = array(begun.body, "items.data").at(0).as_object();
    shop.use_card("pm_card_chargeCustomerFail");
    const auto change = "items[0][id]=" + std::string(text(item, "id")) +
                        "&items[0][price]=" + shop.new_price(9000) +
                        "&proration_behavior=always_invoice"
                        "&payment_behavior=pending_if_incomplete";
    const auto waiting = shop.sim.post("/v1/subscriptions/" + std::string(begun.id()), change);
    REQUIRE(waiting.status == 200);
    CHECK(text(waiting.body, "status") == "active");
    CHECK(has(waiting.body, "pending_update"));
    const auto amount = [&] {
        const auto items = shop.subscription(begun.id());
        return integer(array(items, "items.data").at(0).as_object(), "price.unit_amount");
    };
    CHECK(amount() == 1500);
    const auto invoice = std::string(text(waiting.body, "latest_invoice"));
    SECTION("and comes with it") {
        shop.sim.post("/v1/invoices/" + invoice + "/pay", "payment_method=pm_card_visa");
        CHECK(amount() == 9000);
        CHECK(shop.told("customer.subscription.pending_update_applied"));
    }
    SECTION("or is dropped after 23 hours") {
        shop.sim.world.advance(23 * hour);
        CHECK(amount() == 1500);
        CHECK(text(shop.invoice(invoice), "status") == "void");
        CHECK(shop.told("customer.subscription.pending_update_expired"));
        CHECK_FALSE(has(shop.subscription(begun.id()), "pending_update"));
    }
}

TEST_CASE("An invoice that a pause gave up is paid once") {
    Shop shop;
    const auto id =
        std::string(shop.subscribe("&collection_method=send_invoice&days_until_due=5").id());
    shop.sim.post("/v1/subscriptions/" + id, "pause_collection[behavior]=mark_uncollectible");
    shop.sim.world.advance(month);
    const auto pay = "/v1/invoices/" + std::string(text(shop.latest(id), "id")) + "/pay";
    CHECK(text(shop.latest(id), "status") == "uncollectible");
    const auto before = shop.sim.net();
    CHECK(text(shop.sim.post(pay).body, "status") == "paid");
    CHECK(shop.sim.post(pay).status == 400);
    shop.sim.world.advance(day);
    CHECK(shop.sim.net() == before + 1500 - 74);
}

TEST_CASE("A subscription ends at once, or with its period") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    SECTION("with its period") {
        const auto told = shop.sim.post("/v1/subscriptions/" + id, "cancel_at_period_end=true");
        CHECK(text(told.body, "status") == "active");
        CHECK(has(told.body, "cancel_at"));
        CHECK(has(told.body, "canceled_at"));
        shop.sim.world.advance(month);
        CHECK(shop.status(id) == "canceled");
    }
    SECTION("unless it changes its mind") {
        shop.sim.post("/v1/subscriptions/" + id, "cancel_at_period_end=true");
        shop.sim.post("/v1/subscriptions/" + id, "cancel_at_period_end=false");
        shop.sim.world.advance(month);
        CHECK(shop.status(id) == "active");
    }
    SECTION("at once, with credit for what was not used") {
        shop.sim.world.advance(day);
        CHECK(text(shop.sim.del("/v1/subscriptions/" + id).body, "status") == "canceled");
        CHECK(shop.sim.del("/v1/subscriptions/" + id).status == 404);
        CHECK(array(shop.sim.get("/v1/subscriptions").body, "data").empty());
        CHECK(array(shop.sim.get("/v1/subscriptions", "status=all").body, "data").size() == 1);
    }
}

TEST_CASE("Coupons last as long as they say") {
    const auto totals = [](const std::string& coupon) {
        Shop shop;
        const auto code = std::string(shop.sim.post("/v1/coupons", coupon).id());
        const auto id = std::string(shop.subscribe("&discounts[0][coupon]=" + code).id());
        shop.sim.world.advance(4 * month);
        std::vector<std::int64_t> all;
        const auto invoices = shop.sim.get("/v1/invoices", "limit=100&subscription=" + id).body;
        for (const auto& invoice : array(invoices, "data"))
            all.insert(all.begin(), integer(invoice.as_object(), "total"));
        all.resize(4);
        return all;
    };
    using Totals = std::vector<std::int64_t>;
    CHECK(totals("percent_off=12.5&duration=once") == Totals{1312, 1500, 1500, 1500});
    CHECK(totals("percent_off=10&duration=repeating&duration_in_months=2") ==
          Totals{1350, 1350, 1500, 1500});
    CHECK(totals("amount_off=500&currency=usd&duration=forever") == Totals{1000, 1000, 1000, 1000});
    CHECK(totals("percent_off=100&duration=forever") == Totals{0, 0, 0, 0});
}

TEST_CASE("Sellers get their part of each invoice") {
    Shop shop;
    const auto seller = shop.sim.seller();
    const auto begun = shop.subscribe("&transfer_data[destination]=" + seller +
                                      "&transfer_data[amount_percent]=80");
    REQUIRE(begun.status == 200);
    shop.sim.world.advance(5);
    CHECK(shop.sim.net(seller) == 1200);
    CHECK(shop.subscribe("&application_fee_percent=10").code() == "application_fees_not_allowed");
    CHECK(shop.sim.world.imbalances().empty());
}

TEST_CASE("A direct subscription pays the platform its percentage") {
    Shop shop;
    const auto seller = shop.sim.seller();
    shop.sim.act_as(seller);
    shop.customer = shop.new_customer("pm_card_visa");
    shop.price = shop.new_price(10000);
    const auto begun = shop.subscribe("&application_fee_percent=10");
    REQUIRE(begun.status == 200);
    CHECK(text(begun.body, "status") == "active");
    shop.sim.world.advance(5);
    CHECK(shop.sim.net(seller) == 10000 - 320 - 1000);
    CHECK(shop.sim.net() == 1000);
}

TEST_CASE("A schedule goes through its phases and lets go") {
    Shop shop;
    const auto schedule = shop.sim.post(
        "/v1/subscription_schedules",
        "customer=" + shop.customer + "&start_date=now&phases[0][items][0][price]=" + shop.price +
            "&phases[0][duration][interval]=month&phases[1][items][0][price]=" + shop.price +
            "&phases[1][items][0][quantity]=2&phases[1][duration][interval]=month");
    REQUIRE(schedule.status == 200);
    const auto id = std::string(text(schedule.body, "subscription"));
    shop.sim.world.advance(2 * hour);
    CHECK(integer(shop.latest(id), "amount_paid") == 1500);
    shop.sim.world.advance(month);
    CHECK(integer(shop.latest(id), "amount_paid") == 3000);
    shop.sim.world.advance(month);
    const auto ended =
        shop.sim.get("/v1/subscription_schedules/" + std::string(schedule.id())).body;
    CHECK(text(ended, "status") == "released");
    CHECK(text(ended, "released_subscription") == id);
    CHECK_FALSE(has(shop.subscription(id), "schedule"));
}
