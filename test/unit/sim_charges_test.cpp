// Charges without an intent, deposits that prove an account, and what an amount consists of.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace daybook::sim;
using daybook::test::Sim;

TEST_CASE("A card is charged without an intent, at once or in two steps") {
    Sim sim;
    const auto seller = sim.seller();
    const std::string charging = "amount=10000&currency=usd";
    const auto paid = sim.post("/v1/charges", charging +
                                                  "&source=tok_visa&application_fee_amount=1000"
                                                  "&transfer_data[destination]=" +
                                                  seller);
    REQUIRE(paid.status == 200);
    CHECK(text(paid.body, "status") == "succeeded");
    CHECK(text(paid.body, "payment_method") == text(paid.body, "source.id"));
    CHECK_FALSE(has(paid.body, "payment_intent"));
    CHECK(sim.net() == 680);
    CHECK(sim.net(seller) == 9000);
    CHECK(sim.post("/v1/refunds", "refund_application_fee=true&reverse_transfer=true&charge=" +
                                      std::string(paid.id()))
              .status == 200);
    CHECK(sim.net(seller) == 0);

    const auto held = sim.post("/v1/charges", charging + "&source=tok_visa&capture=false");
    CHECK_FALSE(flag(held.body, "captured"));
    const auto path = "/v1/charges/" + std::string(held.id());
    CHECK(sim.post(path + "/capture", "amount=20000").code() == "amount_too_large");
    CHECK(integer(sim.post(path + "/capture", "amount=4000").body, "amount_captured") == 4000);
    CHECK(sim.post(path + "/capture").code() == "charge_already_captured");

    const auto left = sim.post("/v1/charges", charging + "&source=tok_visa&capture=false");
    sim.world.advance(8 * day);
    CHECK(flag(sim.get("/v1/charges/" + std::string(left.id())).body, "refunded"));
    CHECK(sim.events().back() == "charge.expired");
    const auto given_up = sim.post("/v1/charges", charging + "&source=tok_visa&capture=false");
    CHECK(sim.post("/v1/refunds", "charge=" + std::string(given_up.id())).status == 200);
    CHECK(sim.post("/v1/refunds", "charge=" + std::string(given_up.id())).status == 400);
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("A charge without an intent is of a source, and nobody is asked to authenticate") {
    Sim sim;
    const std::string charging = "amount=900&currency=usd&";
    CHECK(sim.post("/v1/charges", charging).code() == "parameter_missing");
    const auto declined = sim.post("/v1/charges", charging + "source=tok_chargeDeclined");
    CHECK(declined.status == 402);
    const auto failed = sim.get("/v1/charges/" + std::string(text(declined.body, "error.charge")));
    CHECK(text(failed.body, "status") == "failed");
    CHECK(sim.post("/v1/charges", charging + "source=tok_threeDSecure2Required").code() ==
          "authentication_required");

    const std::string customer(sim.post("/v1/customers", "name=Ann").id());
    CHECK(sim.post("/v1/charges", charging + "customer=" + customer).code() == "missing");
    const auto source = sim.post("/v1/customers/" + customer + "/sources", "source=tok_visa");
    const auto paid = sim.post("/v1/charges", charging + "customer=" + customer);
    CHECK(text(paid.body, "source.id") == source.id());
    CHECK(sim.post("/v1/charges", charging + "source=card_1&customer=" + customer).code() ==
          "missing");
    CHECK(sim.post("/v1/payment_intents",
                   charging + "confirm=true&return_url=https://a.b&customer=" + customer +
                       "&payment_method=" + std::string(source.id()))
              .status == 200);
}

TEST_CASE("A bank account is debited once its owner knows the deposits") {
    Sim sim;
    const auto asked = sim.post("/v1/payment_intents",
                                "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                                "&payment_method=pm_usBankAccount_success&payment_method_options["
                                "us_bank_account][verification_method]=microdeposits");
    CHECK(text(asked.body, "next_action.type") == "verify_with_microdeposits");
    const auto path = "/v1/payment_intents/" + std::string(asked.id()) + "/verify_microdeposits";
    CHECK(sim.post(path, "amounts[]=1&amounts[]=2").code() ==
          "payment_method_microdeposit_verification_amounts_mismatch");
    CHECK(text(sim.post(path, "amounts[]=32&amounts[]=45").body, "status") == "processing");
    CHECK(sim.post(path, "amounts[]=32&amounts[]=45").code() == "payment_intent_unexpected_state");

    const auto by_page =
        sim.post("/v1/payment_intents",
                 "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                 "&payment_method=pm_usBankAccount_success"
                 "&payment_method_options[us_bank_account][verification_method]=microdeposits");
    const std::string id(by_page.id());
    CHECK(text(by_page.body, "next_action.verify_with_microdeposits.hosted_verification_url")
              .ends_with("/_sim/microdeposits/" + id));
    CHECK(sim.post("/_sim/actions/" + id, "approved=true").status == 200);
    CHECK(text(sim.get("/v1/payment_intents/" + id).body, "status") == "processing");
}

TEST_CASE("What an amount consists of is listed beside the intent") {
    Sim sim;
    const auto made = sim.post(
        "/v1/payment_intents",
        "amount=1000&currency=usd&amount_details[line_items][0][product_name]=Mug"
        "&amount_details[line_items][0][quantity]=2&amount_details[line_items][0][unit_cost]=450"
        "&amount_details[line_items][1][product_name]=Lid&amount_details[line_items][1][quantity]=1"
        "&amount_details[line_items][1][unit_cost]=50&amount_details[tax][total_tax_amount]=50");
    REQUIRE(made.status == 200);
    CHECK(integer(made.body, "amount_details.tax.total_tax_amount") == 50);
    const auto path =
        "/v1/payment_intents/" + std::string(made.id()) + "/amount_details_line_items";
    const auto first = sim.get(path, "limit=1");
    CHECK(flag(first.body, "has_more"));
    const auto& mug = array(first.body, "data").at(0).as_object();
    CHECK(text(mug, "product_name") == "Mug");
    const auto rest = sim.get(path, "starting_after=" + std::string(text(mug, "id")));
    CHECK(text(array(rest.body, "data").at(0).as_object(), "product_name") == "Lid");
    CHECK_FALSE(flag(rest.body, "has_more"));
}
