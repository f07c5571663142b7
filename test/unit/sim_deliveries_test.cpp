// Deliveries: who gets which event, how it is signed, what a failure costs, what goes wrong.
#include <test/sim.hpp>

#include <api/signature.hpp>

#include <catch2/catch.hpp>

#include <ctime>

using namespace daybook;
using namespace daybook::sim;
using test::Sim;

namespace {

const std::string paying =
    "amount=10000&currency=usd&confirm=true&return_url=https://a.b&payment_method=pm_card_visa";

struct Endpoint {
    std::string id;
    std::string secret;
};

Endpoint endpoint(Sim& sim, std::string_view more = "") {
    const auto made =
        sim.post("/v1/webhook_endpoints",
                 "url=http://127.0.0.1:9/hook&enabled_events[]=*" + std::string(more));
    REQUIRE(made.status == 200);
    return {std::string(made.id()), std::string(text(made.body, "secret"))};
}

Outgoing take(Sim& sim, const Endpoint& to, Delivery& delivery) {
    const auto taken = sim.world.deliveries.take(to.id);
    REQUIRE(taken);
    delivery = *taken;
    return sim.world.deliveries.outgoing(*sim.world.deliveries.find(to.id), delivery);
}

/// Everything that is ready is sent and answered; the types, in order.
std::vector<std::string> deliver(Sim& sim, const Endpoint& to, bool acknowledged = true) {
    std::vector<std::string> types;
    while (const auto taken = sim.world.deliveries.take(to.id)) {
        types.emplace_back(sim.world.events.head(taken->event).type);
        sim.world.deliveries.finish(to.id, *taken, acknowledged);
    }
    return types;
}

std::size_t verified(const Outgoing& request, const std::vector<std::string>& secrets) {
    return api::verify_signature(request.signature, request.body, secrets, std::time(nullptr))
        .value_or(99);
}

}  // namespace

TEST_CASE("An endpoint shows its secret once, and its deliveries verify with it") {
    Sim sim;
    const auto to = endpoint(sim);
    CHECK(to.secret.starts_with("whsec_"));
    CHECK_FALSE(sim.get("/v1/webhook_endpoints/" + to.id).body.contains("secret"));
    sim.post("/v1/customers", "name=Ann", "key-1");
    Delivery delivery;
    const auto request = take(sim, to, delivery);
    CHECK(request.url == "http://127.0.0.1:9/hook");
    CHECK(verified(request, {to.secret}) == 0);
    CHECK(verified(request, {"whsec_another"}) == 99);
    CHECK(request.body.starts_with("{\n  \"id\": \"evt_"));
    const auto event = json::parse(request.body).as_object();
    CHECK(integer(event, "pending_webhooks") == 1);
    CHECK(text(event, "request.idempotency_key") == "key-1");
    CHECK_FALSE(event.contains("account"));
    sim.world.deliveries.finish(to.id, delivery, true);
    CHECK(sim.world.events.head(delivery.event).pending_webhooks == 0);
    CHECK(sim.world.deliveries.outstanding() == 0);
}

TEST_CASE("Endpoints get their own scope and the types that they asked for") {
    Sim sim;
    const auto platform = endpoint(sim);
    const auto connect = endpoint(sim, "&connect=true");
    const auto made =
        sim.post("/v1/webhook_endpoints", "url=http://x.y/&enabled_events[]=customer.updated");
    const Endpoint picky{std::string(made.id()), ""};
    const auto seller = sim.seller();
    sim.post("/v1/customers", "name=Ann");
    sim.act_as(seller);
    sim.post("/v1/customers", "name=Bob");
    CHECK(deliver(sim, platform) == std::vector<std::string>{"customer.created"});
    Delivery delivery;
    const auto request = take(sim, connect, delivery);
    CHECK(text(json::parse(request.body).as_object(), "account") == seller);
    CHECK(deliver(sim, connect).empty());
    CHECK(deliver(sim, picky).empty());
    sim.act_as("");
    CHECK(sim.post("/v1/webhook_endpoints", "url=nowhere&enabled_events[]=*").code() ==
          "url_invalid");
    CHECK(sim.post("/v1/webhook_endpoints", "url=http://x.y/&enabled_events[]=no.such").status ==
          400);
}

TEST_CASE("A delivery is tried for three days, later and later, and then given up") {
    Sim sim;
    const auto to = endpoint(sim);
    sim.post("/v1/customers", "name=Ann");
    std::vector<Seconds> times;
    for (int minutes = 0; minutes < 5 * 24 * 60; ++minutes) {
        if (!deliver(sim, to, false).empty()) times.push_back(sim.world.clock.now() - Sim::start);
        sim.world.advance(minute);
    }
    REQUIRE(times.size() == 10);
    CHECK(times.front() == 0);
    for (std::size_t i = 2; i + 1 < times.size(); ++i)
        CHECK(times[i + 1] - times[i] >= times[i] - times[i - 1]);
    CHECK(times.back() > 2 * day);
    CHECK(times.back() < 3 * day);
    CHECK(sim.world.deliveries.outstanding() == 0);
    CHECK(sim.world.events.head(0).pending_webhooks == 1);
}

TEST_CASE("A success after failures ends the retries") {
    Sim sim;
    const auto to = endpoint(sim);
    sim.post("/v1/customers", "name=Ann");
    CHECK(deliver(sim, to, false).size() == 1);
    CHECK(deliver(sim, to).empty());
    sim.world.advance(minute);
    CHECK(deliver(sim, to).size() == 1);
    sim.world.advance(3 * day);
    CHECK(deliver(sim, to).empty());
    CHECK(sim.world.events.head(0).pending_webhooks == 0);
}

TEST_CASE("A disabled endpoint gets nothing, and its queue waits for it") {
    Sim sim;
    const auto to = endpoint(sim);
    sim.post("/v1/customers", "name=Ann");
    sim.post("/v1/webhook_endpoints/" + to.id, "disabled=true");
    CHECK(text(sim.get("/v1/webhook_endpoints/" + to.id).body, "status") == "disabled");
    sim.post("/v1/customers", "name=Bob");
    CHECK(deliver(sim, to).empty());
    sim.post("/v1/webhook_endpoints/" + to.id, "disabled=false");
    CHECK(deliver(sim, to).size() == 1);
    sim.post("/v1/customers", "name=Cid");
    sim.del("/v1/webhook_endpoints/" + to.id);
    CHECK(deliver(sim, to).empty());
    CHECK(sim.get("/v1/webhook_endpoints/" + to.id).code() == "resource_missing");
    CHECK(sim.world.events.head(2).pending_webhooks == 0);
}

TEST_CASE("While a secret is rotated both sign") {
    Sim sim;
    const auto to = endpoint(sim);
    const auto rolled =
        sim.post("/_sim/webhook_endpoints/" + to.id + "/rotate", R"({"overlap":600})");
    const std::string fresh(text(rolled.body, "secret"));
    sim.post("/v1/customers", "name=Ann");
    sim.post("/v1/customers", "name=Bob");
    Delivery delivery;
    const auto during = take(sim, to, delivery);
    CHECK(verified(during, {to.secret}) == 0);
    CHECK(verified(during, {fresh}) == 0);
    sim.world.advance(600);
    const auto after = take(sim, to, delivery);
    CHECK(verified(after, {to.secret}) == 99);
    CHECK(verified(after, {fresh}) == 0);
}

TEST_CASE("Faults of deliveries do what they say, from their seed") {
    const auto run = [](std::string_view fault) {
        Sim sim;
        const auto to = endpoint(sim);
        REQUIRE(sim.post("/_sim/faults", fault).status == 200);
        for (int i = 0; i < 40; ++i)
            sim.post("/v1/customers", "name=" + std::to_string(i));
        sim.world.deliveries.release();
        std::vector<std::uint32_t> order;
        while (const auto taken = sim.world.deliveries.take(to.id)) {
            order.push_back(taken->event);
            sim.world.deliveries.finish(to.id, *taken, true);
        }
        return order;
    };
    const auto lost = run(R"({"kind":"lose","rate":0.5,"seed":7})");
    CHECK(lost.size() > 10);
    CHECK(lost.size() < 30);
    CHECK(lost == run(R"({"kind":"lose","rate":0.5,"seed":7})"));
    CHECK(lost != run(R"({"kind":"lose","rate":0.5,"seed":8})"));
    CHECK(run(R"({"kind":"lose","for":60})").empty());
    CHECK(run(R"({"kind":"duplicate","count":5})").size() == 45);
    CHECK(run(R"({"kind":"delay","delay":60})").empty());

    auto mixed = run(R"({"kind":"reorder","window":6})");
    REQUIRE(mixed.size() == 40);
    CHECK_FALSE(std::ranges::is_sorted(mixed));
    for (std::size_t i = 0; i < mixed.size(); ++i) {
        const auto overtakers =
            std::count_if(mixed.begin(), mixed.begin() + static_cast<std::ptrdiff_t>(i),
                          [event = mixed[i]](std::uint32_t other) { return other > event; });
        CHECK(overtakers <= 6);
    }
    std::ranges::sort(mixed);
    CHECK(std::ranges::adjacent_find(mixed) == mixed.end());
}

TEST_CASE("A wrong signature is wrong once, the retry is right") {
    Sim sim;
    const auto to = endpoint(sim);
    sim.post("/_sim/faults", R"({"kind":"wrong_signature"})");
    sim.post("/v1/customers", "name=Ann");
    Delivery delivery;
    CHECK(verified(take(sim, to, delivery), {to.secret}) == 99);
    sim.world.deliveries.finish(to.id, delivery, false);
    sim.world.advance(minute);
    CHECK(verified(take(sim, to, delivery), {to.secret}) == 0);
}

TEST_CASE("Endpoints of older versions see the shapes of their time") {
    Sim sim;
    const auto old = endpoint(sim, "&api_version=2022-08-01");
    const auto now = endpoint(sim);
    sim.post("/v1/payment_intents", paying);
    sim.world.advance(minute);
    const auto find = [&sim](const Endpoint& to, std::string_view type) {
        Delivery delivery;
        for (;;) {
            auto event = json::parse(take(sim, to, delivery).body).as_object();
            sim.world.deliveries.finish(to.id, delivery, true);
            if (text(event, "type") == type) return event;
        }
    };
    const auto then = find(old, "payment_intent.succeeded");
    CHECK(text(then, "api_version") == "2022-08-01");
    CHECK(array(then, "data.object.charges.data").size() == 1);
    CHECK_FALSE(has(then, "data.object.latest_charge"));
    CHECK(object(then, "data.object").contains("invoice"));
    const auto today = find(now, "payment_intent.succeeded");
    CHECK(has(today, "data.object.latest_charge"));
    CHECK_FALSE(object(today, "data.object").contains("charges"));
}

TEST_CASE("Thin events name what snapshots show") {
    Sim sim;
    ApiRequest request;
    request.method = "POST";
    request.path = "/v2/core/event_destinations";
    request.content_type = "application/json";
    request.body =
        R"({"name":"n","type":"webhook_endpoint","event_payload":"thin",
            "enabled_events":["v1.customer.created"],"events_from":["@self","@accounts"],
            "webhook_endpoint":{"url":"http://x.y/"},
            "include":["webhook_endpoint.signing_secret"]})";
    const auto made = sim.send(std::move(request));
    REQUIRE(made.status == 200);
    const Endpoint to{std::string(made.id()),
                      std::string(text(made.body, "webhook_endpoint.signing_secret"))};
    const auto customer = sim.post("/v1/customers", "name=Ann");
    sim.post("/v1/customers/" + std::string(customer.id()), "name=Bea");
    Delivery delivery;
    const auto sent = take(sim, to, delivery);
    CHECK(verified(sent, {to.secret}) == 0);
    const auto event = json::parse(sent.body).as_object();
    CHECK(text(event, "object") == "v2.core.event");
    CHECK(text(event, "type") == "v1.customer.created");
    CHECK(text(event, "related_object.url") == "/v1/customers/" + std::string(customer.id()));
    CHECK(sim.get("/v2/core/events/" + std::string(text(event, "id"))).body == event);
    CHECK_FALSE(sim.world.deliveries.take(to.id));
}
