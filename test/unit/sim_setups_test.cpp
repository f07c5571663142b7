// Payment methods find their customers, and setup intents make them ready.
#include <test/sim.hpp>

#include <tools/stripe_sim/setups.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

using Lines = std::vector<std::string>;

std::string customer(Sim& sim) {
    return std::string(sim.post("/v1/customers", "email=a@b.c").id());
}

Sim::Answer set_up(Sim& sim, std::string_view customer, std::string_view method) {
    return sim.post("/v1/setup_intents",
                    "confirm=true&return_url=https://a.b&customer=" + std::string(customer) +
                        "&payment_method=" + std::string(method));
}

std::size_t methods_of(Sim& sim, const std::string& customer) {
    return array(sim.get("/v1/customers/" + customer + "/payment_methods").body, "data").size();
}

Lines after(const Lines& all, std::size_t count) {
    return {all.begin() + static_cast<std::ptrdiff_t>(count), all.end()};
}

}  // namespace

TEST_CASE("A payment method is attached, changed and detached") {
    Sim sim;
    const auto owner = customer(sim);
    const auto method = sim.post("/v1/payment_methods/pm_card_visa/attach", "customer=" + owner);
    const auto path = "/v1/payment_methods/" + std::string(method.id());
    CHECK(text(method.body, "customer") == owner);
    CHECK(methods_of(sim, owner) == 1);
    CHECK(sim.post(path + "/attach", "customer=" + customer(sim)).status == 400);
    const auto changed = sim.post(path, "billing_details[name]=J&card[exp_year]=2040");
    CHECK(text(changed.body, "billing_details.name") == "J");
    CHECK(integer(changed.body, "card.exp_year") == 2040);
    sim.post("/v1/customers/" + owner,
             "invoice_settings[default_payment_method]=" + std::string(method.id()));
    CHECK_FALSE(has(sim.post(path + "/detach").body, "customer"));
    CHECK(methods_of(sim, owner) == 0);
    CHECK_FALSE(
        has(sim.get("/v1/customers/" + owner).body, "invoice_settings.default_payment_method"));
    CHECK(sim.events().back() == "payment_method.detached");
    const auto event = sim.world.events.get(sim.world.events.count() - 1);
    CHECK(text(event, "data.previous_attributes.customer") == owner);
    CHECK(sim.post(path + "/detach").status == 400);
    CHECK(sim.post(path, "metadata[a]=b").status == 400);
}

TEST_CASE("A card that its bank refuses is not stored, except the one that fails later") {
    Sim sim;
    const auto owner = customer(sim);
    const auto attach = [&](const std::string& card) {
        return sim.post("/v1/payment_methods/" + card + "/attach", "customer=" + owner);
    };
    CHECK(attach("pm_card_chargeDeclined").code() == "card_declined");
    CHECK(attach("pm_card_chargeCustomerFail").status == 200);
    CHECK(methods_of(sim, owner) == 1);
}

TEST_CASE("A set-up attaches its payment method and tells in order") {
    Sim sim;
    const auto owner = customer(sim);
    const auto intent = set_up(sim, owner, "pm_card_visa");
    CHECK(text(intent.body, "status") == "succeeded");
    CHECK(methods_of(sim, owner) == 1);
    CHECK(after(sim.events(), 1) ==
          Lines{"setup_intent.created", "payment_method.attached", "setup_intent.succeeded"});
    const auto attempts = sim.get("/v1/setup_attempts", "setup_intent=" + std::string(intent.id()));
    REQUIRE(array(attempts.body, "data").size() == 1);
    CHECK(text(array(attempts.body, "data").at(0).as_object(), "status") == "succeeded");
}

TEST_CASE("A refused set-up waits for another card, a cancelled one for nothing") {
    Sim sim;
    const auto owner = customer(sim);
    const auto refused = set_up(sim, owner, "pm_card_chargeDeclined");
    CHECK(refused.code() == "card_declined");
    const std::string id(text(refused.body, "error.setup_intent.id"));
    CHECK(text(refused.body, "error.setup_intent.status") == "requires_payment_method");
    CHECK(sim.events().back() == "setup_intent.setup_failed");
    const auto path = "/v1/setup_intents/" + id;
    CHECK(sim.post(path + "/confirm").code() == "setup_intent_unexpected_state");
    CHECK(text(sim.post(path, "payment_method=pm_card_visa").body, "status") ==
          "requires_confirmation");
    CHECK(text(sim.post(path + "/cancel", "cancellation_reason=abandoned").body, "status") ==
          "canceled");
    CHECK(sim.post(path + "/confirm").code() == "setup_intent_unexpected_state");
    CHECK(methods_of(sim, owner) == 0);
}

TEST_CASE("A buyer passes or fails the challenge of a set-up") {
    for (const std::string card :
         {"pm_card_threeDSecure2Required", "pm_card_authenticationRequiredOnSetup"}) {
        for (const bool approved : {true, false}) {
            Sim sim;
            const auto owner = customer(sim);
            const auto asked = set_up(sim, owner, card);
            REQUIRE(text(asked.body, "status") == "requires_action");
            const Scope platform(sim.world, "");
            auto& intent = platform.edit("setup_intent", asked.id());
            finish_setup_action(platform, intent, approved);
            CHECK(text(intent, "status") == (approved ? "succeeded" : "requires_payment_method"));
            CHECK(methods_of(sim, owner) == (approved ? 1 : 0));
            const auto& attempt = platform.get("setup_attempt", text(intent, "latest_attempt"));
            CHECK(text(attempt, "status") == (approved ? "succeeded" : "failed"));
        }
    }
}

TEST_CASE("Once set up, a card pays off session without its buyer") {
    Sim sim;
    const auto owner = customer(sim);
    const auto asked = set_up(sim, owner, "pm_card_authenticationRequiredOnSetup");
    const Scope platform(sim.world, "");
    finish_setup_action(platform, platform.edit("setup_intent", asked.id()), true);
    const auto method = std::string(
        text(sim.get("/v1/setup_intents/" + std::string(asked.id())).body, "payment_method"));
    const auto paid =
        sim.post("/v1/payment_intents",
                 "amount=500&currency=usd&confirm=true&off_session=true&customer=" + owner +
                     "&payment_method=" + method);
    CHECK(text(paid.body, "status") == "succeeded");
}

TEST_CASE("Bank accounts come with a mandate, PayPal with a redirect") {
    Sim sim;
    const auto owner = customer(sim);
    const auto bank = set_up(sim, owner, "pm_usBankAccount_success");
    CHECK(text(bank.body, "status") == "succeeded");
    const auto mandate = sim.get("/v1/mandates/" + std::string(text(bank.body, "mandate")));
    CHECK(text(mandate.body, "status") == "active");
    CHECK(mandate.body.at("payment_method") == bank.body.at("payment_method"));
    const auto paypal =
        sim.post("/v1/setup_intents",
                 "confirm=true&return_url=https://a.b&payment_method_data[type]=paypal");
    CHECK(text(paypal.body, "next_action.redirect_to_url.url").contains("/_sim/redirect/seti_"));
    const auto klarna = sim.post("/v1/payment_intents",
                                 "amount=500&currency=usd&confirm=true&return_url=https://a.b"
                                 "&payment_method_data[type]=klarna");
    CHECK(text(klarna.body, "next_action.redirect_to_url.url").contains("/_sim/redirect/pi_"));
}

TEST_CASE("Tokens and confirmation tokens become payment methods") {
    Sim sim;
    const auto token = sim.post(
        "/v1/tokens", "card[number]=4000000000000341&card[exp_month]=12&card[exp_year]=2034");
    const auto method =
        sim.post("/v1/payment_methods", "type=card&card[token]=" + std::string(token.id()));
    CHECK(text(method.body, "card.last4") == "0341");
    CHECK(sim.post("/v1/tokens", "card[number]=1&card[exp_month]=1&card[exp_year]=2034").code() ==
          "incorrect_number");
    CHECK(sim.post("/v1/tokens").status == 400);

    const auto entered =
        sim.post("/v1/test_helpers/confirmation_tokens", "payment_method=pm_card_mastercard");
    CHECK(text(entered.body, "payment_method_preview.card.brand") == "mastercard");
    const auto paid = sim.post("/v1/payment_intents",
                               "amount=500&currency=usd&confirm=true&return_url=https://a.b"
                               "&confirmation_token=" +
                                   std::string(entered.id()));
    CHECK(text(paid.body, "status") == "succeeded");
    const auto used = sim.get("/v1/confirmation_tokens/" + std::string(entered.id()));
    CHECK(text(used.body, "payment_intent") == paid.id());
}

TEST_CASE("Microdeposits are verified by who has seen them") {
    Sim sim;
    const auto asked =
        sim.post("/v1/setup_intents",
                 "confirm=true&return_url=https://a.b&payment_method=pm_usBankAccount_success"
                 "&payment_method_options[us_bank_account][verification_method]=microdeposits");
    CHECK(text(asked.body, "next_action.type") == "verify_with_microdeposits");
    const auto path = "/v1/setup_intents/" + std::string(asked.id()) + "/verify_microdeposits";
    CHECK(sim.post(path, "amounts[]=1&amounts[]=2").code() ==
          "payment_method_microdeposit_verification_amounts_mismatch");
    CHECK(text(sim.post(path, "amounts[]=32&amounts[]=45").body, "status") == "succeeded");
    CHECK(sim.post(path, "descriptor_code=SM11AA").code() == "setup_intent_unexpected_state");
}
