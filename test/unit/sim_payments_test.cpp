// Payments move money as Stripe does, to the unit, on both sides.
#include <test/sim.hpp>

#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/payments.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

std::string paying(std::string_view more) {
    return "amount=10000&currency=usd&confirm=true&return_url=https://a.b&payment_method=" +
           std::string(more);
}

std::string to_seller(const std::string& seller, std::string_view more) {
    return paying("pm_card_visa") + "&transfer_data[destination]=" + seller + std::string(more);
}

}  // namespace

TEST_CASE("A destination charge with a fee leaves 680 and 9000") {
    for (const std::string method : {"automatic", "automatic_async"}) {
        INFO(method);
        Sim sim;
        const auto seller = sim.seller();
        const auto intent = sim.post("/v1/payment_intents", to_seller(seller,
                                                                      "&application_fee_amount=1000"
                                                                      "&capture_method=" +
                                                                          method));
        REQUIRE(text(intent.body, "status") == "succeeded");
        const bool late = method == "automatic_async";
        CHECK(sim.net() == (late ? 0 : 680));
        sim.world.advance(5);
        CHECK(sim.net() == 680);
        CHECK(sim.net(seller) == 9000);
        CHECK(sim.world.balances.of("", "usd").pending == 680);
        sim.world.advance(3 * day);
        CHECK(sim.world.balances.of("", "usd").available == 680);
        CHECK(sim.world.balances.of(seller, "usd").available == 9000);
        CHECK(sim.world.imbalances().empty());
        CHECK(sim.events(seller) == std::vector<std::string>{"balance.available"});
        const auto charge =
            sim.get("/v1/charges/" + std::string(text(intent.body, "latest_charge")),
                    "expand[]=transfer.destination_payment&expand[]=application_fee");
        CHECK(integer(charge.body, "application_fee.amount") == 1000);
        CHECK(text(charge.body, "transfer.destination_payment.application_fee") ==
              text(charge.body, "application_fee.id"));
        CHECK(text(charge.body, "application_fee.originating_transaction") == charge.id());
    }
}

TEST_CASE("The platform may keep its share by transferring less") {
    Sim sim;
    const auto seller = sim.seller();
    sim.post("/v1/payment_intents",
             to_seller(seller, "&transfer_data[amount]=9000&capture_method=automatic"));
    CHECK(sim.net() == 680);
    CHECK(sim.net(seller) == 9000);
    CHECK(sim.post("/v1/payment_intents",
                   to_seller(seller, "&transfer_data[amount]=9000&application_fee_amount=1"))
              .status == 400);
}

TEST_CASE("A direct charge pays the platform's fee from the account") {
    Sim sim;
    const auto seller = sim.seller();
    sim.act_as(seller);
    sim.post("/v1/payment_intents",
             paying("pm_card_visa") + "&application_fee_amount=1000&capture_method=automatic");
    CHECK(sim.net(seller) == 10000 - 320 - 1000);
    CHECK(sim.net() == 1000);
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("Late settlement is told by charge.updated") {
    Sim sim;
    sim.post("/v1/payment_intents", paying("pm_card_visa"));
    CHECK(sim.events() == std::vector<std::string>{"payment_intent.created", "charge.succeeded",
                                                   "payment_intent.succeeded"});
    sim.world.advance(1);
    CHECK(sim.events().back() == "charge.updated");
    const auto event = sim.world.events.get(sim.world.events.count() - 1);
    CHECK(object(event, "data.previous_attributes") ==
          json::object{{"balance_transaction", nullptr}});
    CHECK(at(event, "request.id") == nullptr);
}

TEST_CASE("A declined attempt leaves a failed charge and an intent that waits") {
    Sim sim;
    const auto answer =
        sim.post("/v1/payment_intents", paying("pm_card_visa_chargeDeclinedInsufficientFunds"));
    CHECK(answer.status == 402);
    CHECK(answer.code() == "card_declined");
    CHECK(text(answer.body, "error.decline_code") == "insufficient_funds");
    CHECK(text(answer.body, "error.payment_intent.status") == "requires_payment_method");
    CHECK(sim.events() == std::vector<std::string>{"payment_intent.created", "charge.failed",
                                                   "payment_intent.payment_failed"});
    const auto id = std::string(text(answer.body, "error.payment_intent.id"));
    const auto again = sim.post("/v1/payment_intents/" + id + "/confirm",
                                "payment_method=pm_card_visa&return_url=https://a.b");
    CHECK(text(again.body, "status") == "succeeded");
    CHECK(at(again.body, "last_payment_error") == nullptr);
    CHECK(array(sim.get("/v1/charges", "payment_intent=" + id).body, "data").size() == 2);
    sim.world.advance(day);
    CHECK(sim.net() == 9680);
}

TEST_CASE("An authorisation is captured in part, or released") {
    Sim sim;
    const auto held = sim.post("/v1/payment_intents", paying("pm_card_visa&capture_method=manual"));
    CHECK(text(held.body, "status") == "requires_capture");
    CHECK(sim.net() == 0);
    const auto path = "/v1/payment_intents/" + std::string(held.id());
    CHECK(sim.post(path + "/capture", "amount_to_capture=10001").code() == "amount_too_large");
    const auto captured = sim.post(path + "/capture", "amount_to_capture=4000");
    CHECK(integer(captured.body, "amount_received") == 4000);
    CHECK(sim.net() == 4000 - 146);
    CHECK(sim.post(path + "/cancel").code() == "payment_intent_unexpected_state");

    const auto other =
        sim.post("/v1/payment_intents", paying("pm_card_visa&capture_method=manual"));
    const auto canceled = sim.post("/v1/payment_intents/" + std::string(other.id()) + "/cancel");
    CHECK(text(canceled.body, "status") == "canceled");
    sim.post("/v1/payment_intents", paying("pm_card_visa&capture_method=manual"));
    sim.world.advance(8 * day);
    CHECK(sim.events().back() == "payment_intent.canceled");
    CHECK(sim.net() == 4000 - 146);
}

TEST_CASE("A part that is captured bears no more than itself") {
    Sim sim;
    const auto seller = sim.seller();
    const auto authorised = [&](const std::string& terms) {
        return std::string(sim.post("/v1/payment_intents",
                                    "amount=10000&currency=usd&payment_method=pm_card_visa"
                                    "&confirm=true&capture_method=manual&return_url=https://a.b"
                                    "&transfer_data[destination]=" +
                                        seller + terms)
                               .id());
    };
    const auto capture = [&sim](const std::string& intent, std::string_view more = "") {
        return sim.post("/v1/payment_intents/" + intent + "/capture",
                        "amount_to_capture=1000" + std::string(more));
    };
    SECTION("of the fee") {
        CHECK(capture(authorised("&application_fee_amount=2000")).status == 200);
        CHECK(sim.net(seller) == 0);
        CHECK(sim.net() == 1000 - 59);
    }
    SECTION("of the transfer") {
        CHECK(capture(authorised("&transfer_data[amount]=8000")).status == 200);
        CHECK(capture(authorised(""), "&transfer_data[amount]=8000").status == 200);
        CHECK(sim.net(seller) == 2000);
    }
    SECTION("also without an intent") {
        const auto held = sim.post("/v1/charges",
                                   "amount=10000&currency=usd&source=tok_visa&capture=false"
                                   "&application_fee_amount=2000&transfer_data[destination]=" +
                                       seller);
        CHECK(
            sim.post("/v1/charges/" + std::string(held.id()) + "/capture", "amount=1000").status ==
            200);
        CHECK(sim.net(seller) == 0);
    }
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("A charge is transferred once, and what of it was captured") {
    Sim sim;
    const std::string to = "currency=usd&destination=" + sim.seller() + "&source_transaction=";
    const auto charge = [&sim](const std::string& terms) {
        return std::string(
            sim.post("/v1/charges", "amount=10000&currency=usd&source=tok_visa" + terms).id());
    };
    const auto whole = charge("");
    CHECK(integer(sim.post("/v1/transfers", to + whole).body, "amount") == 10000);
    CHECK(sim.post("/v1/transfers", to + whole).code() == "balance_insufficient");
    const auto part = charge("&capture=false");
    CHECK(sim.post("/v1/transfers", to + part).param() == "source_transaction");
    sim.post("/v1/charges/" + part + "/capture", "amount=4000");
    CHECK(sim.post("/v1/transfers", to + part + "&amount=4001").code() == "balance_insufficient");
    CHECK(integer(sim.post("/v1/transfers", to + part).body, "amount") == 4000);
}

TEST_CASE("Only who may take cards is charged for") {
    Sim sim;
    const auto seller = sim.seller();
    auto& account = *sim.world.store.edit("", "account", seller);
    account["capabilities"] = {{"transfers", "active"}};
    CHECK(sim.post("/v1/payment_intents", to_seller(seller, "")).status == 200);
    CHECK(sim.post("/v1/payment_intents", to_seller(seller, "&on_behalf_of=" + seller)).param() ==
          "on_behalf_of");
    sim.act_as(seller);
    CHECK(sim.post("/v1/payment_intents", paying("pm_card_visa")).status == 400);
}

TEST_CASE("A challenge is passed or failed") {
    for (const bool approved : {true, false}) {
        Sim sim;
        const auto asked = sim.post("/v1/payment_intents", paying("pm_card_threeDSecure2Required"));
        REQUIRE(text(asked.body, "status") == "requires_action");
        CHECK(text(asked.body, "next_action.type") == "redirect_to_url");
        const Scope platform(sim.world, "");
        auto& intent = platform.edit("payment_intent", asked.id());
        finish_action(platform, intent, approved);
        CHECK(text(intent, "status") == (approved ? "succeeded" : "requires_payment_method"));
        if (!approved)
            CHECK(text(intent, "last_payment_error.code") ==
                  "payment_intent_authentication_failure");
    }
    Sim sim;
    CHECK(sim.post("/v1/payment_intents", paying("pm_card_authenticationRequired&off_session=true"))
              .code() == "authentication_required");
}

TEST_CASE("A bank debit is known later") {
    Sim sim;
    const auto begun = sim.post("/v1/payment_intents", paying("pm_usBankAccount_success"));
    CHECK(text(begun.body, "status") == "processing");
    sim.world.advance(minute);
    CHECK(sim.events().back() == "charge.updated");
    CHECK(sim.net() > 0);
    sim.post("/v1/payment_intents", paying("pm_usBankAccount_noAccount"));
    sim.world.advance(minute);
    CHECK(sim.events().back() == "payment_intent.payment_failed");
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("Proportional shares are rounded to the nearest unit") {
    CHECK(share(109, 50, 153) == 36);
    CHECK(share(9000, 2500, 10000) == 2250);
    CHECK(share(1, 1, 2) == 1);
    CHECK(share(-1, 1, 2) == -1);
    CHECK(share(999'999'999'999, 999'999'999'999, 999'999'999'999) == 999'999'999'999);
    CHECK(processing_fee(10000, "usd", false) == 320);
    CHECK(processing_fee(10000, "usd", true) == 470);
    CHECK(processing_fee(1000, "jpy", false) == 29);
}

TEST_CASE("The same seed and requests make the same ids, events and balances") {
    const auto run = [] {
        Sim sim;
        const auto seller = sim.seller();
        for (int i = 0; i < 20; ++i)
            sim.post("/v1/payment_intents", to_seller(seller, "&application_fee_amount=100"));
        sim.world.advance(3 * day);
        std::string all;
        for (std::size_t i = 0; i < sim.world.events.count(); ++i)
            all += sim.world.events.text(i);
        return all;
    };
    CHECK(run() == run());
}
