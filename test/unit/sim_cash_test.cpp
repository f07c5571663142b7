// Money that comes in by other ways than cards: bank transfers of customers, top-ups.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

std::string customer(Sim& sim) {
    return std::string(sim.post("/v1/customers", "email=a@b.c").id());
}

Sim::Answer fund(Sim& sim, const std::string& customer, std::string_view amount) {
    return sim.post("/v1/test_helpers/customers/" + customer + "/fund_cash_balance",
                    "currency=usd&amount=" + std::string(amount));
}

std::int64_t cash(Sim& sim, const std::string& customer) {
    return integer(sim.get("/v1/customers/" + customer + "/cash_balance").body, "available.usd");
}

Sim::Answer order(Sim& sim, const std::string& customer) {
    return sim.post("/v1/payment_intents",
                    "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                    "&payment_method_data[type]=customer_balance&customer=" +
                        customer);
}

}  // namespace

TEST_CASE("A bank transfer pays what waits for it, in parts if need be") {
    Sim sim;
    const auto buyer = customer(sim);
    const auto waiting = order(sim, buyer);
    const auto path = "/v1/payment_intents/" + std::string(waiting.id());
    constexpr auto remaining = "next_action.display_bank_transfer_instructions.amount_remaining";
    CHECK(text(waiting.body, "status") == "requires_action");
    CHECK(integer(waiting.body, remaining) == 10000);
    fund(sim, buyer, "4000");
    CHECK(sim.events().back() == "payment_intent.partially_funded");
    CHECK(integer(sim.get(path).body, remaining) == 6000);
    CHECK(cash(sim, buyer) == 0);
    CHECK(sim.net() == 0);
    fund(sim, buyer, "7000");
    CHECK(sim.events().back() == "cash_balance.funds_available");
    CHECK(text(sim.get(path).body, "status") == "succeeded");
    CHECK(cash(sim, buyer) == 1000);
    sim.world.advance(minute);
    CHECK(sim.net() == 9680);
    CHECK(sim.world.imbalances().empty());
    const auto moves = sim.get("/v1/customers/" + buyer + "/cash_balance_transactions");
    CHECK(array(moves.body, "data").size() == 4);
}

TEST_CASE("Cash that is there pays at once, and comes back when its order is given up") {
    Sim sim;
    const auto buyer = customer(sim);
    fund(sim, buyer, "15000");
    CHECK(text(order(sim, buyer).body, "status") == "succeeded");
    CHECK(cash(sim, buyer) == 5000);
    const auto waiting = order(sim, buyer);
    CHECK(cash(sim, buyer) == 0);
    sim.post("/v1/payment_intents/" + std::string(waiting.id()) + "/cancel");
    CHECK(cash(sim, buyer) == 5000);
}

TEST_CASE("A refund may go back into the customer's cash, and out of it") {
    Sim sim;
    const auto buyer = customer(sim);
    fund(sim, buyer, "15000");
    const auto paid = order(sim, buyer);
    sim.post("/v1/refunds", "payment_intent=" + std::string(paid.id()) + "&amount=3000");
    CHECK(cash(sim, buyer) == 8000);
    const auto out = sim.post("/v1/refunds",
                              "origin=customer_balance&currency=usd&amount=2000&customer=" + buyer +
                                  "&instructions_email=a@b.c");
    CHECK(text(out.body, "status") == "requires_action");
    CHECK(cash(sim, buyer) == 6000);
    sim.post("/v1/test_helpers/refunds/" + std::string(out.id()) + "/expire");
    CHECK(cash(sim, buyer) == 8000);
    sim.world.advance(minute);
    CHECK(sim.net() == 9680 - 3000);
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("A top-up arrives, fails or is called off") {
    Sim sim;
    const auto make = [&sim](std::string_view more) {
        return "/v1/topups/" +
               std::string(
                   sim.post("/v1/topups", "amount=20000&currency=usd" + std::string(more)).id());
    };
    const auto arriving = make("");
    const auto failing = make("&source=btok_us_verified_noAccount");
    const auto called_off = make("");
    CHECK(text(sim.post(called_off + "/cancel").body, "status") == "canceled");
    CHECK(sim.net() == 0);
    sim.world.advance(minute);
    CHECK(text(sim.get(arriving).body, "status") == "succeeded");
    CHECK(text(sim.get(failing).body, "failure_code") == "no_account");
    CHECK(sim.post(arriving + "/cancel").status == 400);
    CHECK(sim.net() == 20000);
    CHECK(sim.world.balances.of("", "usd").available == 20000);
    CHECK(array(sim.get("/v1/topups", "status=succeeded&amount[gte]=1").body, "data").size() == 1);
    CHECK(array(sim.get("/v1/topups", "amount[gt]=20000").body, "data").empty());
}

TEST_CASE("Sources and tax ids are kept with their customers") {
    Sim sim;
    const auto buyer = customer(sim);
    const auto path = "/v1/customers/" + buyer;
    const auto card = sim.post(path + "/sources", "source=tok_visa");
    CHECK(text(card.body, "brand") == "Visa");
    CHECK(text(sim.get(path).body, "default_source") == card.id());
    const auto source = path + "/sources/" + std::string(card.id());
    CHECK(integer(sim.post(source, "exp_year=2041").body, "exp_year") == 2041);
    CHECK(flag(sim.del(source).body, "deleted"));
    CHECK(sim.get(source).status == 404);
    CHECK(sim.post(path + "/sources", "source=tok_chargeDeclined").code() == "card_declined");

    const auto known = sim.post(path + "/tax_ids", "type=eu_vat&value=DE123456789");
    const auto unknown = sim.post(path + "/tax_ids", "type=eu_vat&value=DE111111111");
    CHECK(text(known.body, "country") == "DE");
    CHECK(text(known.body, "verification.status") == "pending");
    sim.world.advance(minute);
    const auto status = [&](const Sim::Answer& tax_id) {
        const auto now = sim.get(path + "/tax_ids/" + std::string(tax_id.id()));
        return std::string(text(now.body, "verification.status"));
    };
    CHECK(status(known) == "verified");
    CHECK(status(unknown) == "unverified");
    CHECK(flag(sim.del(path + "/tax_ids/" + std::string(known.id())).body, "deleted"));
}

TEST_CASE("Cash that is reconciled by hand is applied when asked") {
    Sim sim;
    const auto buyer = customer(sim);
    sim.post("/v1/customers/" + buyer + "/cash_balance", "settings[reconciliation_mode]=manual");
    const auto waiting = order(sim, buyer);
    fund(sim, buyer, "12000");
    CHECK(cash(sim, buyer) == 12000);
    const auto path =
        "/v1/payment_intents/" + std::string(waiting.id()) + "/apply_customer_balance";
    CHECK(sim.post(path, "amount=12001").code() == "balance_insufficient");
    CHECK(text(sim.post(path, "amount=4000").body, "status") == "requires_action");
    CHECK(text(sim.post(path).body, "status") == "succeeded");
    CHECK(cash(sim, buyer) == 2000);
    CHECK(sim.post(path).code() == "payment_intent_unexpected_state");
}
