// Invoices: what they come to, how they are paid, and what takes it back.
#include <test/shop.hpp>
#include <tools/stripe_sim/payments.hpp>

#include <catch2/catch.hpp>

using namespace daybook::sim;
using daybook::test::Shop;
using daybook::test::Sim;

namespace {

/// A shop that bills by hand.
struct Desk : Shop {
    using Shop::Shop;

    void item(int amount, std::string_view more = "") {
        REQUIRE(sim.post("/v1/invoiceitems", "currency=usd&customer=" + customer + "&amount=" +
                                                 std::to_string(amount) + std::string(more))
                    .status == 200);
    }

    std::string draft(std::string_view more = "") {
        const auto made =
            sim.post("/v1/invoices", "pending_invoice_items_behavior=include&customer=" + customer +
                                         std::string(more));
        REQUIRE(made.status == 200);
        return std::string(made.id());
    }

    Sim::Answer act(const std::string& invoice, const std::string& verb,
                    std::string_view form = "") {
        return sim.post("/v1/invoices/" + invoice + "/" + verb, form);
    }

    std::int64_t credit() { return integer(sim.get("/v1/customers/" + customer).body, "balance"); }
};

}  // namespace

TEST_CASE("An invoice is drafted, finalized and paid") {
    Desk desk;
    desk.item(2000);
    desk.item(500);
    const auto id = desk.draft();
    CHECK(integer(desk.invoice(id), "total") == 2500);
    CHECK_FALSE(has(desk.invoice(id), "number"));
    const auto open = desk.act(id, "finalize");
    CHECK(text(open.body, "status") == "open");
    CHECK(text(open.body, "number").ends_with("-0001"));
    CHECK(desk.act(id, "finalize").status == 400);
    const auto paid = desk.act(id, "pay");
    REQUIRE(paid.status == 200);
    CHECK(text(paid.body, "status") == "paid");
    CHECK(integer(paid.body, "amount_remaining") == 0);
    CHECK(desk.act(id, "pay").status == 400);
    CHECK(desk.sim.world.imbalances().empty());
}

TEST_CASE("An unpayable invoice stays open until another card pays it") {
    Desk desk("pm_card_chargeCustomerFail");
    desk.item(2000);
    const auto id = desk.draft();
    const auto refused = desk.act(id, "pay");
    CHECK(refused.status == 402);
    CHECK(refused.code() == "card_declined");
    CHECK(desk.told("invoice.payment_failed"));
    CHECK(text(desk.invoice(id), "status") == "open");
    CHECK(integer(desk.invoice(id), "attempt_count") == 1);
    CHECK(desk.act(id, "pay", "payment_method=pm_card_visa").status == 200);
}

TEST_CASE("A buyer who must authenticate is waited for") {
    Desk desk("pm_card_threeDSecure2Required");
    desk.item(2000);
    const auto id = desk.draft();
    const auto refused = desk.act(id, "pay");
    CHECK(refused.status == 402);
    CHECK(refused.code() == "invoice_payment_intent_requires_action");
    CHECK(desk.told("invoice.payment_action_required"));
    const auto invoice = desk.invoice(id);
    const std::string intent(
        text(array(invoice, "payments.data").at(0).as_object(), "payment.payment_intent"));
    const Scope scope(desk.sim.world, "");
    finish_action(scope, scope.edit("payment_intent", intent), true);
    CHECK(text(desk.invoice(id), "status") == "paid");
}

TEST_CASE("Invoices may be paid elsewhere, voided, given up, or deleted") {
    Desk desk;
    desk.item(2000);
    const auto id = desk.draft();
    SECTION("paid elsewhere") {
        CHECK(text(desk.act(id, "pay", "paid_out_of_band=true").body, "status") == "paid");
        CHECK_FALSE(desk.told("invoice.payment_succeeded"));
        CHECK(desk.sim.net() == 0);
    }
    SECTION("voided") {
        CHECK(desk.act(id, "void").status == 400);
        desk.act(id, "finalize");
        CHECK(text(desk.act(id, "void").body, "status") == "void");
        CHECK(desk.told("payment_intent.canceled"));
        CHECK(desk.act(id, "pay").status == 400);
    }
    SECTION("given up, and paid after all") {
        desk.act(id, "finalize");
        CHECK(text(desk.act(id, "mark_uncollectible").body, "status") == "uncollectible");
        CHECK(text(desk.act(id, "pay").body, "status") == "paid");
    }
    SECTION("deleted, and its items wait again") {
        CHECK(desk.sim.del("/v1/invoices/" + id).status == 200);
        CHECK(array(desk.sim.get("/v1/invoiceitems", "pending=true").body, "data").size() == 1);
        CHECK(integer(desk.invoice(desk.draft()), "total") == 2000);
    }
}

TEST_CASE("Payments that are attached count for what they are") {
    Desk desk;
    desk.item(2000);
    const auto id = desk.draft();
    desk.act(id, "finalize");
    const auto paid = [&desk](int amount, std::string_view currency = "usd") {
        return "payment_intent=" + std::string(desk.sim
                                                   .post("/v1/payment_intents",
                                                         "payment_method=pm_card_visa&confirm=true"
                                                         "&return_url=https://a.b&amount=" +
                                                             std::to_string(amount) +
                                                             "&currency=" + std::string(currency))
                                                   .id());
    };
    CHECK(desk.act(id, "attach_payment", paid(2000, "eur")).status == 400);
    const auto first = paid(500);
    CHECK(text(desk.act(id, "attach_payment", first).body, "status") == "open");
    CHECK(desk.act(id, "attach_payment", first).param() == "payment_intent");
    CHECK(integer(desk.invoice(id), "amount_paid") == 500);
    CHECK(integer(desk.invoice(id), "amount_remaining") == 1500);
    SECTION("the rest is collected") {
        CHECK(text(desk.act(id, "pay").body, "status") == "paid");
        CHECK(integer(desk.invoice(id), "amount_paid") == 2000);
        CHECK(desk.credit() == 0);
    }
    SECTION("or comes in the same way, and what is too much is the customer's") {
        CHECK(text(desk.act(id, "attach_payment", paid(1800)).body, "status") == "paid");
        CHECK(integer(desk.invoice(id), "amount_paid") == 2000);
        CHECK(integer(desk.invoice(id), "amount_overpaid") == 300);
        CHECK(desk.credit() == -300);
        CHECK(desk.told("payment_intent.canceled"));
    }
}

TEST_CASE("An invoice that advances by itself is paid after its hour") {
    Desk desk;
    desk.item(2000);
    const auto id = desk.draft("&auto_advance=true");
    desk.sim.world.advance(hour - 1);
    CHECK(text(desk.invoice(id), "status") == "draft");
    desk.sim.world.advance(1);
    CHECK(text(desk.invoice(id), "status") == "paid");
}

TEST_CASE("A customer's credit pays first, and debts are added") {
    Desk desk;
    const auto balances = "/v1/customers/" + desk.customer + "/balance_transactions";
    desk.sim.post(balances, "currency=usd&amount=-500");
    desk.item(2000);
    const auto first = desk.draft();
    desk.act(first, "finalize");
    CHECK(integer(desk.invoice(first), "total") == 2000);
    CHECK(integer(desk.invoice(first), "amount_due") == 1500);
    CHECK(desk.credit() == 0);
    desk.act(first, "void");
    CHECK(desk.credit() == -500);
    desk.sim.post(balances, "currency=usd&amount=800");
    desk.item(1000);
    const auto second = desk.draft();
    desk.act(second, "pay");
    CHECK(integer(desk.invoice(second), "amount_paid") == 1300);
    CHECK(desk.credit() == 0);
    desk.item(-700);
    const auto third = desk.draft();
    CHECK(text(desk.act(third, "finalize").body, "status") == "paid");
    CHECK(desk.credit() == -700);
}

TEST_CASE("What is too little to be charged is charged with the next invoice") {
    Desk desk;
    desk.item(30);
    const auto first = desk.draft();
    CHECK(text(desk.act(first, "finalize").body, "status") == "paid");
    CHECK(integer(desk.invoice(first), "amount_due") == 0);
    CHECK(integer(desk.invoice(first), "total") == 30);
    CHECK(desk.credit() == 30);
    CHECK(desk.sim.net() == 0);
    desk.item(20);
    const auto next = desk.draft();
    desk.act(next, "pay");
    CHECK(integer(desk.invoice(next), "amount_paid") == 50);
    CHECK(desk.credit() == 0);
}

TEST_CASE("Customers pay with payment methods of their own") {
    Desk desk;
    desk.item(2000);
    const auto id = desk.draft();
    const auto other = desk.new_customer("pm_card_visa");
    const auto methods = desk.sim.get("/v1/customers/" + other + "/payment_methods").body;
    const std::string foreign(text(array(methods, "data").at(0).as_object(), "id"));
    const std::string loose(
        desk.sim.post("/v1/payment_methods", "type=card&card[token]=tok_visa").id());
    for (const auto& method : {foreign, loose}) {
        const auto wanted = "default_payment_method=" + method;
        CHECK(desk.subscribe("&" + wanted).param() == "default_payment_method");
        CHECK(desk.sim.post("/v1/invoices/" + id, wanted).param() == "default_payment_method");
        CHECK(desk.sim
                  .post("/v1/customers/" + desk.customer,
                        "invoice_settings[" + wanted.substr(0, 22) + "]=" + method)
                  .code() == "resource_missing");
    }
    CHECK(desk.act(id, "pay", "payment_method=" + foreign).param() == "payment_method");
    CHECK(text(desk.invoice(id), "status") == "draft");
    CHECK(desk.act(id, "pay").status == 200);
}

TEST_CASE("Taxes are added or contained, after discounts, to the unit") {
    Desk desk;
    const auto rate = [&](const std::string& form) {
        return std::string(desk.sim.post("/v1/tax_rates", "display_name=Tax&" + form).id());
    };
    const auto added = rate("inclusive=false&percentage=7.25");
    const auto contained = rate("inclusive=true&percentage=20");
    desk.item(1000, "&tax_rates[]=" + added);
    desk.item(1200, "&tax_rates[]=" + contained);
    desk.item(333, "&discountable=false");
    const auto coupon =
        std::string(desk.sim.post("/v1/coupons", "amount_off=100&currency=usd").id());
    const auto invoice = desk.invoice(desk.draft("&discounts[0][coupon]=" + coupon));
    CHECK(integer(invoice, "subtotal") == 2533);
    // 45 of the 100 are taken off the first line, 55 off the second.
    CHECK(integer(invoice, "total") == 2533 - 100 + 69);
    CHECK(integer(invoice, "total_excluding_tax") == 2533 - 100 - 191);
    const auto& discounts = array(invoice, "total_discount_amounts");
    REQUIRE(discounts.size() == 1);
    CHECK(integer(discounts.at(0).as_object(), "amount") == 100);
    CHECK(array(invoice, "total_taxes").size() == 2);
    std::int64_t sum = 0;
    for (const auto& line : array(invoice, "lines.data"))
        for (const auto& part : array(line.as_object(), "discount_amounts"))
            sum += integer(part.as_object(), "amount");
    CHECK(sum == 100);
}

TEST_CASE("A coupon that is used up, expired or for others is refused") {
    Desk desk;
    const auto once =
        std::string(desk.sim.post("/v1/coupons", "percent_off=10&max_redemptions=1").id());
    desk.item(1000);
    desk.draft("&discounts[0][coupon]=" + once);
    CHECK_FALSE(flag(desk.sim.get("/v1/coupons/" + once).body, "valid"));
    CHECK(
        desk.sim.post("/v1/invoices", "customer=" + desk.customer + "&discounts[0][coupon]=" + once)
            .code() == "coupon_expired");
    const auto coupon = std::string(desk.sim.post("/v1/coupons", "percent_off=10").id());
    const auto other = desk.new_customer("pm_card_visa");
    const auto code = std::string(
        desk.sim
            .post("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=" + coupon +
                                             "&code=ten&customer=" + other)
            .id());
    CHECK(desk.sim
              .post("/v1/invoices",
                    "customer=" + desk.customer + "&discounts[0][promotion_code]=" + code)
              .status == 400);
    CHECK(desk.sim
              .post("/v1/promotion_codes",
                    "promotion[type]=coupon&promotion[coupon]=" + coupon + "&code=TEN")
              .code() == "resource_already_exists");
}

TEST_CASE("A credit note reduces what is due") {
    Desk desk;
    desk.item(2000);
    const auto id = desk.draft();
    desk.act(id, "finalize");
    const auto note = desk.sim.post("/v1/credit_notes", "amount=500&invoice=" + id);
    REQUIRE(note.status == 200);
    CHECK(text(note.body, "type") == "pre_payment");
    CHECK(integer(desk.invoice(id), "amount_remaining") == 1500);
    CHECK(desk.sim.post("/v1/credit_notes", "amount=1501&invoice=" + id).status == 400);
    desk.sim.post("/v1/credit_notes/" + std::string(note.id()) + "/void");
    CHECK(integer(desk.invoice(id), "amount_remaining") == 2000);
    desk.sim.post("/v1/credit_notes", "amount=600&invoice=" + id);
    desk.act(id, "pay");
    CHECK(integer(desk.invoice(id), "amount_paid") == 1400);
    CHECK(desk.sim.world.imbalances().empty());
}

TEST_CASE("A credit note after payment refunds, or credits the customer") {
    Desk desk;
    desk.item(2000);
    const auto id = desk.draft();
    desk.act(id, "pay");
    desk.sim.world.advance(5 * day);
    CHECK(desk.sim.post("/v1/credit_notes", "amount=900&refund_amount=100&invoice=" + id).status ==
          400);
    const auto note = desk.sim.post("/v1/credit_notes",
                                    "amount=900&refund_amount=600&credit_amount=300&invoice=" + id +
                                        "&expand[]=refunds.refund");
    REQUIRE(note.status == 200);
    CHECK(text(note.body, "type") == "post_payment");
    CHECK(integer(array(note.body, "refunds").at(0).as_object(), "refund.amount") == 600);
    CHECK(desk.credit() == -300);
    CHECK(integer(desk.invoice(id), "post_payment_credit_notes_amount") == 900);
    CHECK(desk.sim.world.imbalances().empty());
}

TEST_CASE("A line is credited with its discounts and taxes, to the unit") {
    Desk desk;
    const std::string rate(
        desk.sim.post("/v1/tax_rates", "display_name=Tax&inclusive=false&percentage=7.25").id());
    const std::string price(desk.sim
                                .post("/v1/prices",
                                      "currency=usd&unit_amount_decimal=333.4"
                                      "&product_data[name]=Third")
                                .id());
    REQUIRE(desk.sim
                .post("/v1/invoiceitems", "quantity=3&customer=" + desk.customer +
                                              "&tax_rates[]=" + rate + "&pricing[price]=" + price)
                .status == 200);
    const std::string coupon(desk.sim.post("/v1/coupons", "percent_off=10").id());
    const auto id = desk.draft("&discounts[0][coupon]=" + coupon);
    desk.act(id, "finalize");
    const auto invoice = desk.invoice(id);
    REQUIRE(integer(invoice, "total") == 900 + 65);
    const auto line = "invoice=" + id + "&lines[0][type]=invoice_line_item" +
                      "&lines[0][invoice_line_item]=" +
                      std::string(text(array(invoice, "lines.data").at(0).as_object(), "id"));
    const auto third = desk.sim.get("/v1/credit_notes/preview", line + "&lines[0][quantity]=1");
    CHECK(integer(third.body, "subtotal") == 333);
    CHECK(integer(third.body, "total") == 333 - 33 + 22);
    const auto note = desk.sim.post("/v1/credit_notes", line);
    REQUIRE(note.status == 200);
    CHECK(integer(note.body, "subtotal") == 1000);
    CHECK(integer(note.body, "discount_amount") == 100);
    CHECK(integer(note.body, "total_excluding_tax") == 900);
    CHECK(integer(array(note.body, "total_taxes").at(0).as_object(), "amount") == 65);
    CHECK(text(desk.invoice(id), "status") == "paid");
}

TEST_CASE("Prices with tiers, packages and fractions come out whole") {
    Desk desk;
    const auto total = [&](const std::string& price, int quantity) {
        const auto made = desk.sim.post("/v1/prices", "currency=usd&product_data[name]=P&" + price);
        REQUIRE(made.status == 200);
        const auto preview = desk.sim.post(
            "/v1/invoices/create_preview",
            "customer=" + desk.customer + "&invoice_items[0][price]=" + std::string(made.id()) +
                "&invoice_items[0][quantity]=" + std::to_string(quantity));
        return integer(preview.body, "total");
    };
    const std::string tiers =
        "billing_scheme=tiered&recurring[interval]=month&tiers[0][up_to]=10&tiers[0][unit_amount]="
        "100&tiers[1][up_to]=inf&tiers[1][unit_amount]=50&tiers[1][flat_amount]=7&tiers_mode=";
    CHECK(total(tiers + "graduated", 12) == 1000 + 100 + 7);
    CHECK(total(tiers + "volume", 12) == 600 + 7);
    CHECK(total("unit_amount_decimal=0.05", 30) == 2);
    CHECK(total("unit_amount=100&transform_quantity[divide_by]=5&transform_quantity[round]=up",
                11) == 300);
}
