// Idempotency keys as Stripe treats them.
#include <test/sim.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

constexpr auto pay =
    "amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&return_url=https://a.b";
constexpr auto decline =
    "amount=1000&currency=usd&payment_method=pm_card_chargeDeclined&confirm=true"
    "&return_url=https://a.b";

}  // namespace

TEST_CASE("A repeated key gets the first answer and executes nothing") {
    Sim sim;
    const auto first = sim.post("/v1/payment_intents", pay, "k");
    const auto count = sim.world.events.count();
    const auto again = sim.post("/v1/payment_intents", pay, "k");
    CHECK(again.body == first.body);
    CHECK(again.headers.contains("Idempotent-Replayed: true"));
    CHECK(again.headers.contains("Original-Request: req_"));
    CHECK(sim.world.events.count() == count);
    CHECK(sim.post("/v1/payment_intents", decline, "k").status == 400);
    CHECK(text(sim.post("/v1/customers", "", "k").body, "error.type") == "idempotency_error");
}

TEST_CASE("A decline is an answer like any other") {
    Sim sim;
    const auto first = sim.post("/v1/payment_intents", decline, "k");
    CHECK(first.status == 402);
    const auto again = sim.post("/v1/payment_intents", decline, "k");
    CHECK(again.body == first.body);
    CHECK(again.headers.contains("Idempotent-Replayed"));
}

TEST_CASE("What never executed leaves its key free") {
    Sim sim;
    CHECK(sim.post("/v1/payment_intents", "amount=1000", "k").status == 400);
    CHECK(sim.post("/v1/payment_intents", pay, "k").status == 200);
}

TEST_CASE("Accounts have keys of their own") {
    Sim sim;
    const auto ours = sim.post("/v1/customers", "name=a", "k");
    sim.act_as(sim.seller());
    const auto theirs = sim.post("/v1/customers", "name=a", "k");
    CHECK(theirs.status == 200);
    CHECK(theirs.id() != ours.id());
}

TEST_CASE("An account may be named by a context, and has its keys there") {
    Sim sim;
    const auto seller = sim.seller();
    const auto as = [&sim](std::string_view account, std::string_view context) {
        ApiRequest request;
        request.method = "POST";
        request.path = "/v1/customers";
        request.body = "name=a";
        request.idempotency_key = "k";
        request.stripe_account = account;
        request.stripe_context = context;
        return sim.send(std::move(request));
    };
    const auto ours = as("", "");
    const auto theirs = as("", seller);
    CHECK(theirs.id() != ours.id());
    CHECK(sim.world.store.find(seller, "customer", theirs.id()) != nullptr);
    CHECK(as(seller, "").id() == theirs.id());
    CHECK(as("", sim.world.platform_id + "/" + seller).id() == theirs.id());
    CHECK(as("", "acct_nobody").code() == "account_invalid");
    CHECK(as(seller, seller).status == 400);
}

TEST_CASE("A key is forgotten after a day") {
    Sim sim;
    const auto first = sim.post("/v1/customers", "name=a", "k");
    sim.world.advance(24 * hour - 1);
    CHECK(sim.post("/v1/customers", "name=a", "k").id() == first.id());
    sim.world.advance(1);
    CHECK(sim.post("/v1/customers", "name=a", "k").id() != first.id());
    CHECK(sim.world.idempotency.count() == 1);
}

TEST_CASE("A key in use is a conflict, and an answer instead may be kept") {
    Sim sim;
    Api api(sim.world);
    ApiRequest request;
    request.method = "POST";
    request.path = "/v1/customers";
    request.authorization = "Bearer sk_test_0123456789";
    request.idempotency_key = "k";
    auto step = api.admit(request);
    auto* admitted = std::get_if<Admitted>(&step);
    REQUIRE(admitted != nullptr);
    const auto conflict = sim.send(request);
    CHECK(conflict.status == 409);
    CHECK(conflict.code() == "idempotency_key_in_use");
    static_cast<void>(api.conclude(*admitted, {.status = 500, .body = "{}"}, true));
    const auto replayed = sim.send(request);
    CHECK(replayed.status == 500);
    CHECK(replayed.headers.contains("Idempotent-Replayed"));
    CHECK(sim.world.events.count() == 0);
}
