// Checkout sessions: what is sold, how buyers submit, and what comes of it.
#include <test/shop.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace daybook::sim;
using daybook::test::Shop;
using daybook::test::Sim;

namespace {

/// A shop that sells through checkout: two cups at 10.00 by default.
struct Counter : Shop {
    Sim::Answer open(std::string_view more, std::string_view mode = "payment") {
        return sim.post("/v1/checkout/sessions",
                        "mode=" + std::string(mode) +
                            "&success_url=http://shop/{CHECKOUT_SESSION_ID}&" + std::string(more));
    }
    Sim::Answer sell(std::string_view more = "") { return open(cups + std::string(more)); }

    std::string method(std::string_view params = "type=card&card[token]=tok_visa") {
        return std::string(
            sim.post("/v1/payment_methods", std::string(params) + "&billing_details[email]=b@c.d")
                .id());
    }
    Sim::Answer submit(const Sim::Answer& session, const std::string& method) {
        return sim.post("/v1/payment_pages/" + std::string(session.id()) + "/confirm",
                        "payment_method=" + method);
    }
    json::object look(const Sim::Answer& session) {
        return sim
            .get("/v1/checkout/sessions/" + std::string(session.id()),
                 "expand[]=line_items&expand[]=subscription&expand[]=payment_intent")
            .body;
    }
    std::size_t place(std::string_view type) {
        const auto all = sim.events();
        return static_cast<std::size_t>(std::ranges::find(all, type) - all.begin());
    }

    const std::string cups =
        "line_items[0][quantity]=2&line_items[0][price_data][currency]=usd"
        "&line_items[0][price_data][unit_amount]=1000"
        "&line_items[0][price_data][product_data][name]=Cup";
};

}  // namespace

TEST_CASE("A session is paid for, with the seller's part and the platform's") {
    Counter counter;
    const auto seller = counter.sim.seller();
    const auto session = counter.sell(
        "&payment_intent_data[application_fee_amount]=200"
        "&payment_intent_data[transfer_data][destination]=" +
        seller + "&payment_intent_data[metadata][order]=7");
    REQUIRE(session.status == 200);
    CHECK(text(session.body, "url").find("/_sim/checkout/cs_test_") != std::string_view::npos);
    CHECK(integer(session.body, "amount_total") == 2000);
    const auto page = counter.submit(session, counter.method());
    REQUIRE(page.status == 200);
    CHECK(text(page.body, "redirect_url") == "http://shop/" + std::string(session.id()));
    const auto done = counter.look(session);
    CHECK(text(done, "status") == "complete");
    CHECK(text(done, "payment_status") == "paid");
    CHECK(text(done, "customer_details.email") == "b@c.d");
    CHECK_FALSE(has(done, "customer"));
    CHECK_FALSE(has(done, "url"));
    CHECK(array(done, "line_items.data").size() == 1);
    CHECK(text(done, "payment_intent.metadata.order") == "7");
    counter.sim.world.advance(minute);
    CHECK(counter.sim.net(seller) == 1800);
    CHECK(counter.place("payment_intent.created") < counter.place("payment_intent.succeeded"));
    CHECK(counter.place("payment_intent.succeeded") < counter.place("checkout.session.completed"));
    CHECK(counter.submit(session, counter.method()).status == 400);
    CHECK(counter.sim.world.imbalances().empty());
}

TEST_CASE("A declined submission leaves the session open and its intent in use") {
    Counter counter;
    const auto session = counter.sell();
    const auto refused =
        counter.submit(session, counter.method("type=card&card[token]=tok_chargeDeclined"));
    CHECK(refused.status == 402);
    const auto open = counter.look(session);
    CHECK(text(open, "status") == "open");
    REQUIRE(counter.submit(session, counter.method()).status == 200);
    CHECK(text(counter.look(session), "payment_intent.id") == text(open, "payment_intent.id"));
}

TEST_CASE("Delayed payments complete a session unpaid, and are told of later") {
    Counter counter;
    for (const auto* iban : {"AT611904300234573201", "IT60X0542811101000000123456"}) {
        const auto session = counter.sell("&allowed_payment_method_types[0]=sepa_debit");
        const auto method = counter.method("type=sepa_debit&sepa_debit[iban]=" + std::string(iban));
        CHECK(counter.submit(session, counter.method()).param() == "payment_method");
        REQUIRE(counter.submit(session, method).status == 200);
        CHECK(text(counter.look(session), "status") == "complete");
        CHECK(text(counter.look(session), "payment_status") == "unpaid");
        counter.sim.world.advance(minute);
        const bool paid = text(counter.look(session), "payment_status") == "paid";
        CHECK(paid == std::string_view(iban).starts_with("AT"));
    }
    CHECK(counter.told("checkout.session.async_payment_succeeded"));
    CHECK(counter.told("checkout.session.async_payment_failed"));
}

TEST_CASE("A challenge is answered on its page") {
    Counter counter;
    const auto session = counter.sell();
    const auto method = counter.method(
        "type=card&card[number]=4000002760003184&card[exp_month]=12&card[exp_year]=2034&card[cvc]="
        "123");
    const auto page = counter.submit(session, method);
    CHECK(text(page.body, "next_action.type") == "use_stripe_sdk");
    const std::string intent(text(counter.look(session), "payment_intent.id"));
    const auto answered = counter.sim.post("/_sim/actions/" + intent, "approved=true");
    CHECK(answered.status == 200);
    CHECK(text(counter.look(session), "payment_status") == "paid");
    CHECK(counter.sim.post("/_sim/actions/" + intent, "approved=true").status == 400);
}

TEST_CASE("A subscription is born active with its first invoice paid") {
    Counter counter;
    const auto session = counter.open(
        counter.cups + "&line_items[1][quantity]=1&line_items[1][price]=" + counter.price +
            "&subscription_data[metadata][plan]=a",
        "subscription");
    REQUIRE(session.status == 200);
    CHECK(integer(session.body, "amount_total") == 3500);
    REQUIRE(counter.submit(session, counter.method()).status == 200);
    const auto done = counter.look(session);
    CHECK(text(done, "payment_status") == "paid");
    CHECK(text(done, "subscription.status") == "active");
    CHECK(text(done, "subscription.metadata.plan") == "a");
    CHECK_FALSE(has(done, "payment_intent"));
    CHECK(has(done, "customer"));
    const auto invoice = counter.invoice(text(done, "invoice"));
    CHECK(text(invoice, "status") == "paid");
    CHECK(integer(invoice, "amount_paid") == 3500);
    CHECK(counter.sim.world.imbalances().empty());
}

TEST_CASE("A trial costs nothing today and keeps the payment method") {
    Counter counter;
    const auto session =
        counter.open("line_items[0][quantity]=1&line_items[0][price]=" + counter.price +
                         "&subscription_data[trial_period_days]=7",
                     "subscription");
    CHECK(integer(session.body, "amount_total") == 0);
    REQUIRE(counter.submit(session, counter.method()).status == 200);
    const auto done = counter.look(session);
    CHECK(text(done, "payment_status") == "no_payment_required");
    CHECK(text(done, "subscription.status") == "trialing");
    CHECK(has(done, "subscription.default_payment_method"));
}

TEST_CASE("A setup session keeps a payment method") {
    Counter counter;
    const auto session = counter.open("currency=usd&setup_intent_data[metadata][a]=b", "setup");
    CHECK(text(session.body, "setup_intent").starts_with("seti_"));
    REQUIRE(counter.submit(session, counter.method()).status == 200);
    const auto done = counter.look(session);
    CHECK(text(done, "status") == "complete");
    CHECK(text(done, "setup_intent") == text(session.body, "setup_intent"));
    const auto intent =
        counter.sim.get("/v1/setup_intents/" + std::string(text(done, "setup_intent")));
    CHECK(text(intent.body, "status") == "succeeded");
    CHECK(text(intent.body, "metadata.a") == "b");
    CHECK(text(intent.body, "customer") == text(done, "customer"));
}

TEST_CASE("Promotion codes are typed by buyers, and counted when used") {
    Counter counter;
    const std::string coupon(counter.sim.post("/v1/coupons", "percent_off=25&duration=once").id());
    const auto code = counter.sim.post(
        "/v1/promotion_codes", "code=SPRING&promotion[type]=coupon&promotion[coupon]=" + coupon);
    const auto session = counter.sell("&allow_promotion_codes=true");
    const auto page = "/v1/payment_pages/" + std::string(session.id());
    CHECK(counter.sim.post(page, "promotion_code=AUTUMN").code() == "promotion_code_invalid");
    CHECK(integer(counter.sim.post(page, "promotion_code=spring").body, "amount_total") == 1500);
    CHECK(integer(counter.sim.post(page, "promotion_code=").body, "amount_total") == 2000);
    CHECK(integer(counter.sim.post(page, "promotion_code=SPRING").body, "amount_total") == 1500);
    REQUIRE(counter.submit(session, counter.method()).status == 200);
    CHECK(integer(counter.look(session), "total_details.amount_discount") == 500);
    const auto used = counter.sim.get("/v1/promotion_codes/" + std::string(code.id()));
    CHECK(integer(used.body, "times_redeemed") == 1);
}

TEST_CASE("Sessions expire, by themselves or at once, and end what they began") {
    Counter counter;
    const auto due = counter.sell();
    const auto ended = counter.sell();
    const auto declined = counter.method("type=card&card[token]=tok_chargeDeclined");
    CHECK(counter.submit(ended, declined).status == 402);
    const auto path = "/v1/checkout/sessions/" + std::string(ended.id()) + "/expire";
    CHECK(text(counter.sim.post(path).body, "status") == "expired");
    CHECK(counter.sim.post(path).status == 400);
    CHECK(text(counter.look(ended), "payment_intent.status") == "canceled");
    counter.sim.world.advance(day);
    CHECK(text(counter.look(due), "status") == "expired");
    CHECK(counter.submit(due, counter.method()).status == 400);
}

TEST_CASE("What a session or an invoice is paid with is not cancelled by itself") {
    Counter counter;
    const auto session = counter.sell();
    const auto declined = counter.method("type=card&card[token]=tok_chargeDeclined");
    CHECK(counter.submit(session, declined).status == 402);
    const std::string intent(text(counter.look(session), "payment_intent.id"));
    const auto cancel = "/v1/payment_intents/" + intent + "/cancel";
    CHECK(counter.sim.post(cancel).code() == "payment_intent_unexpected_state");
    CHECK(text(counter.look(session), "status") == "open");
    const auto expire = "/v1/checkout/sessions/" + std::string(session.id()) + "/expire";
    CHECK(counter.sim.post(expire).status == 200);
    CHECK(text(counter.look(session), "payment_intent.status") == "canceled");

    const auto subscription = counter.subscribe("&payment_behavior=default_incomplete");
    const auto invoice = counter.latest(subscription.id());
    const std::string unpaid(
        text(array(invoice, "payments.data").at(0).as_object(), "payment.payment_intent"));
    CHECK(counter.sim.post("/v1/payment_intents/" + unpaid + "/cancel").status == 400);
    const auto path = "/v1/invoices/" + std::string(text(invoice, "id")) + "/void";
    CHECK(counter.sim.post(path).status == 200);
    const auto voided = counter.sim.get("/v1/payment_intents/" + unpaid);
    CHECK(text(voided.body, "status") == "canceled");
    CHECK(text(voided.body, "payment_details.order_reference") == text(invoice, "id"));
}

TEST_CASE("A coupon that expires while the buyer is at the bank holds all the same") {
    Counter counter;
    const std::string coupon(
        counter.sim.post("/v1/coupons", "percent_off=25&duration=once&max_redemptions=1").id());
    const auto session = counter.sell("&discounts[0][coupon]=" + coupon);
    const auto method = counter.method(
        "type=card&card[number]=4000002760003184&card[exp_month]=12&card[exp_year]=2034&card[cvc]="
        "123");
    CHECK(counter.submit(session, method).status == 200);
    const auto other = counter.sell("&discounts[0][coupon]=" + coupon);
    REQUIRE(counter.submit(other, counter.method()).status == 200);
    CHECK_FALSE(flag(counter.sim.get("/v1/coupons/" + coupon).body, "valid"));
    CHECK(counter.sim.del("/v1/coupons/" + coupon).status == 200);
    const std::string intent(text(counter.look(session), "payment_intent.id"));
    CHECK(counter.sim.post("/_sim/actions/" + intent, "approved=true").status == 200);
    CHECK(text(counter.look(session), "status") == "complete");
    CHECK(integer(counter.look(session), "payment_intent.amount_received") == 1500);
}

TEST_CASE("Line items come in pages") {
    Counter counter;
    const auto session = counter.sell(
        "&line_items[1][quantity]=1&line_items[1][price_data][currency]=usd"
        "&line_items[1][price_data][unit_amount]=500"
        "&line_items[1][price_data][product_data][name]=Spoon");
    const auto path = "/v1/checkout/sessions/" + std::string(session.id()) + "/line_items";
    const auto first = counter.sim.get(path, "limit=1");
    CHECK(flag(first.body, "has_more"));
    const auto& cup = array(first.body, "data").at(0).as_object();
    CHECK(text(cup, "description") == "Cup");
    const auto rest = counter.sim.get(path, "starting_after=" + std::string(text(cup, "id")));
    REQUIRE(array(rest.body, "data").size() == 1);
    CHECK(text(array(rest.body, "data").at(0).as_object(), "description") == "Spoon");
    CHECK_FALSE(flag(rest.body, "has_more"));
}

TEST_CASE("Sessions that make no sense are refused") {
    Counter counter;
    CHECK(counter.open("").param() == "line_items");
    CHECK(counter.open(counter.cups, "setup").param() == "line_items");
    CHECK(counter.open(counter.cups, "subscription").param() == "line_items");
    CHECK(counter.sell("&expires_at=1").param() == "expires_at");
    CHECK(counter.sell("&return_url=http://x").param() == "return_url");
    CHECK(counter.sell("&ui_mode=embedded_page").param() == "success_url");
    CHECK(counter.sell("&subscription_data[trial_period_days]=1").param() == "subscription_data");
    CHECK(counter.sell("&discounts[0][coupon]=none").param() == "discounts[0][coupon]");
    CHECK(counter.sell("&customer=cus_none").param() == "customer");
    CHECK(counter.sell("&payment_intent_data[application_fee_amount]=9999").status == 400);
}
