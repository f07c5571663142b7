// Subscriptions through their lives: begun, renewed, failing, recovering.
#include <test/shop.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Shop;
using daybook::test::Sim;

namespace {

constexpr Seconds month = 31 * day;
using Types = std::vector<std::string>;

}  // namespace

TEST_CASE("A subscription paid at once is active, and its invoice paid") {
    Shop shop;
    shop.news();
    const auto subscription = shop.subscribe();
    REQUIRE(subscription.status == 200);
    CHECK(text(subscription.body, "status") == "active");
    CHECK(shop.news() == Types{"customer.subscription.created", "invoice.created",
                               "invoice.finalized", "payment_intent.created", "charge.succeeded",
                               "payment_intent.succeeded", "invoice.updated", "invoice.paid",
                               "invoice.payment_succeeded", "customer.subscription.updated",
                               "invoice_payment.paid"});
    const auto invoice = shop.latest(subscription.id());
    CHECK(text(invoice, "status") == "paid");
    CHECK(text(invoice, "billing_reason") == "subscription_create");
    CHECK(integer(invoice, "amount_paid") == 1500);
    CHECK(text(invoice, "number").ends_with("-0001"));
    CHECK(text(invoice, "parent.subscription_details.subscription") == subscription.id());
    const auto& payment = array(invoice, "payments.data").at(0).as_object();
    CHECK(text(payment, "status") == "paid");
    CHECK(text(payment, "payment.payment_intent").starts_with("pi_"));
    CHECK(shop.sim.world.imbalances().empty());
}

TEST_CASE("The first payment may be left to the buyer") {
    Shop shop("");
    const auto begun = shop.subscribe(
        "&payment_behavior=default_incomplete"
        "&payment_settings[save_default_payment_method]=on_subscription"
        "&expand[]=latest_invoice.confirmation_secret&expand[]=pending_setup_intent");
    REQUIRE(begun.status == 200);
    CHECK(text(begun.body, "status") == "incomplete");
    const std::string secret(text(begun.body, "latest_invoice.confirmation_secret.client_secret"));
    const auto intent = secret.substr(0, secret.find("_secret"));
    CHECK(shop.sim
              .post("/v1/payment_intents/" + intent + "/confirm",
                    "payment_method=pm_card_visa&return_url=https://a.b")
              .status == 200);
    const auto subscription = shop.subscription(begun.id());
    CHECK(text(subscription, "status") == "active");
    CHECK(text(subscription, "default_payment_method").starts_with("pm_"));
    const auto ties = shop.sim.get(
        "/v1/invoice_payments", "payment[type]=payment_intent&payment[payment_intent]=" + intent);
    CHECK(array(ties.body, "data").size() == 1);
}

TEST_CASE("What cannot be paid is incomplete, or refused") {
    Shop shop("pm_card_chargeCustomerFail");
    CHECK(text(shop.subscribe().body, "status") == "incomplete");
    const auto refused = shop.subscribe("&payment_behavior=error_if_incomplete");
    CHECK(refused.status == 402);
    CHECK(refused.code() == "card_declined");
    CHECK(shop.subscribe("&payment_behavior=pending_if_incomplete").status == 400);
    Shop poor("");
    CHECK(poor.subscribe().code() == "resource_missing");
    CHECK(array(poor.sim.get("/v1/subscriptions").body, "data").empty());
}

TEST_CASE("An incomplete subscription expires after 23 hours") {
    Shop shop("");
    const auto begun = shop.subscribe("&payment_behavior=default_incomplete");
    shop.sim.world.advance(23 * hour - 1);
    CHECK(shop.status(begun.id()) == "incomplete");
    shop.news();
    shop.sim.world.advance(1);
    CHECK(shop.status(begun.id()) == "incomplete_expired");
    CHECK(shop.news() ==
          Types{"customer.subscription.updated", "invoice.voided", "payment_intent.canceled"});
    shop.sim.world.advance(2 * month);
    CHECK(shop.news().empty());
}

TEST_CASE("A renewal moves the period first, and is paid an hour later") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    const auto end =
        integer(array(shop.subscription(id), "items.data").at(0).as_object(), "current_period_end");
    shop.sim.world.advance(end - shop.sim.world.clock.now() - 1);
    CHECK(shop.told("invoice.upcoming"));
    shop.news();
    shop.sim.world.advance(1);
    CHECK(shop.news() == Types{"customer.subscription.updated", "invoice.created"});
    CHECK(text(shop.latest(id), "status") == "draft");
    CHECK(integer(shop.latest(id), "period_end") == end);
    shop.sim.world.advance(hour);
    CHECK(shop.news() == Types{"invoice.finalized", "payment_intent.created", "invoice.updated",
                               "charge.succeeded", "payment_intent.succeeded", "invoice.updated",
                               "invoice.paid", "invoice.payment_succeeded",
                               "invoice_payment.paid"});
    CHECK(text(shop.latest(id), "billing_reason") == "subscription_cycle");
    shop.sim.world.advance(10 * month);
    CHECK(array(shop.sim.get("/v1/invoices", "limit=100&subscription=" + id).body, "data").size() ==
          12);
    CHECK(shop.sim.world.imbalances().empty());
}

TEST_CASE("A failed renewal is tried again and recovers with another card") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    shop.use_card("pm_card_chargeCustomerFail");
    shop.sim.world.advance(month);
    CHECK(shop.status(id) == "past_due");
    CHECK(integer(shop.latest(id), "attempt_count") == 1);
    CHECK(has(shop.latest(id), "next_payment_attempt"));
    shop.sim.world.advance(3 * day + hour);
    CHECK(integer(shop.latest(id), "attempt_count") == 2);
    shop.use_card("pm_card_visa");
    shop.sim.world.advance(5 * day);
    CHECK(shop.status(id) == "active");
    CHECK(text(shop.latest(id), "status") == "paid");
    CHECK(integer(shop.latest(id), "attempt_count") == 3);
}

TEST_CASE("A renewal that is never paid ends the subscription") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    shop.use_card("pm_card_chargeCustomerFail");
    shop.sim.world.advance(month + 20 * day);
    const auto subscription = shop.subscription(id);
    CHECK(text(subscription, "status") == "canceled");
    CHECK(text(subscription, "cancellation_details.reason") == "payment_failed");
    CHECK(text(shop.latest(id), "status") == "open");
    CHECK(integer(shop.latest(id), "attempt_count") == 4);
    CHECK(std::ranges::count(shop.sim.events(), std::string("invoice.payment_failed")) == 4);
    CHECK(shop.told("customer.subscription.deleted"));
}

TEST_CASE("Paying the open invoice by hand recovers, too") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    shop.use_card("pm_card_chargeCustomerFail");
    shop.sim.world.advance(month);
    const auto invoice = std::string(text(shop.subscription(id), "latest_invoice"));
    CHECK(shop.sim.post("/v1/invoices/" + invoice + "/pay").status == 402);
    CHECK(shop.sim.post("/v1/invoices/" + invoice + "/pay", "payment_method=pm_card_visa").status ==
          200);
    CHECK(shop.status(id) == "active");
}

TEST_CASE("A trial is free, warns, and ends in a first payment") {
    Shop shop;
    const auto begun = shop.subscribe("&trial_period_days=7");
    CHECK(text(begun.body, "status") == "trialing");
    CHECK(integer(shop.latest(begun.id()), "total") == 0);
    CHECK(text(shop.latest(begun.id()), "status") == "paid");
    shop.sim.world.advance(4 * day - 1);
    CHECK_FALSE(shop.told("customer.subscription.trial_will_end"));
    shop.sim.world.advance(1);
    CHECK(shop.told("customer.subscription.trial_will_end"));
    shop.sim.world.advance(3 * day + hour);
    CHECK(shop.status(begun.id()) == "active");
    CHECK(integer(shop.latest(begun.id()), "amount_paid") == 1500);
}

TEST_CASE("A trial without payment method ends as it was told to") {
    const auto ended = [](const std::string& behavior) {
        Shop shop("");
        const auto begun = shop.subscribe(
            "&trial_period_days=7&trial_settings[end_behavior][missing_payment_method]=" +
            behavior);
        shop.sim.world.advance(8 * day);
        return shop.status(begun.id());
    };
    CHECK(ended("pause") == "paused");
    CHECK(ended("cancel") == "canceled");
    CHECK(ended("create_invoice") == "past_due");
    Shop shop("");
    const auto begun = shop.subscribe(
        "&trial_period_days=7&payment_behavior=default_incomplete&expand[]=pending_setup_intent");
    const auto setup = std::string(text(begun.body, "pending_setup_intent.id"));
    REQUIRE(setup.starts_with("seti_"));
    shop.sim.post("/v1/setup_intents/" + setup + "/confirm",
                  "payment_method=pm_card_visa&return_url=https://a.b");
    shop.sim.world.advance(8 * day);
    CHECK(shop.status(begun.id()) == "active");
}

TEST_CASE("Collection may pause") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    const auto paused = [&](const std::string& behavior) {
        shop.sim.post("/v1/subscriptions/" + id, "pause_collection[behavior]=" + behavior);
        shop.sim.world.advance(month + 2 * hour);
        return std::string(text(shop.latest(id), "status"));
    };
    CHECK(paused("void") == "void");
    CHECK(paused("mark_uncollectible") == "uncollectible");
    CHECK(paused("keep_as_draft") == "draft");
    CHECK(shop.status(id) == "active");
}

TEST_CASE("A subscription pauses and resumes") {
    Shop shop;
    const auto id = std::string(shop.subscribe().id());
    const auto paused = shop.sim.post("/v1/subscriptions/" + id + "/pause");
    CHECK(text(paused.body, "status") == "paused");
    CHECK(text(paused.body, "status_details.paused.subscription.type") == "pause_requested");
    shop.sim.world.advance(3 * month);
    CHECK(array(shop.sim.get("/v1/invoices").body, "data").size() == 1);
    const auto resumed = shop.sim.post("/v1/subscriptions/" + id + "/resume");
    CHECK(text(resumed.body, "status") == "active");
    CHECK_FALSE(resumed.body.contains("status_details"));
    CHECK(text(shop.latest(id), "status") == "paid");
}

TEST_CASE("A test clock is a time of its own") {
    Shop shop("");
    const auto own =
        std::string(shop.sim.post("/v1/test_helpers/test_clocks", "frozen_time=1577836800").id());
    shop.customer =
        shop.sim
            .post("/v1/customers", "test_clock=" + own +
                                       "&payment_method=pm_card_visa"
                                       "&invoice_settings[default_payment_method]=pm_card_visa")
            .id();
    const auto begun = shop.subscribe();
    CHECK(integer(begun.body, "created") == 1577836800);
    shop.sim.world.advance(2 * month);
    CHECK(array(shop.sim.get("/v1/invoices").body, "data").size() == 1);
    const auto moving =
        shop.sim.post("/v1/test_helpers/test_clocks/" + own + "/advance", "frozen_time=1580605200");
    CHECK(text(moving.body, "status") == "advancing");
    CHECK(text(shop.sim.get("/v1/test_helpers/test_clocks/" + own).body, "status") == "ready");
    CHECK(array(shop.sim.get("/v1/invoices").body, "data").size() == 2);
    CHECK(text(shop.latest(begun.id()), "status") == "paid");
    CHECK(integer(shop.latest(begun.id()), "created") == 1580515200);
    CHECK(shop.sim.del("/v1/test_helpers/test_clocks/" + own).status == 200);
    CHECK(flag(shop.sim.get("/v1/customers/" + shop.customer).body, "deleted"));
}
