// Refunds take from the platform, the seller and the fee what Stripe takes, to the unit.
#include <test/sim.hpp>

#include <tools/stripe_sim/scope.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::Sim;

namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view with_fee = "&application_fee_amount=1000";

/// A settled payment of 100.00, to a seller if one is given; the answer is its id.
std::string paid(Sim& sim, const std::string& seller = "", std::string_view more = "",
                 std::string_view method = "pm_card_bypassPending") {
    auto form = fmt::format(
        "amount=10000&currency=usd&confirm=true&return_url=https://a.b&capture_method=automatic"
        "&payment_method={}{}",
        method, more);
    if (!seller.empty()) form += "&transfer_data[destination]=" + seller;
    const auto intent = sim.post("/v1/payment_intents", form);
    REQUIRE(text(intent.body, "status") == "succeeded");
    sim.world.keep_up();
    return std::string(intent.id());
}

Sim::Answer refund(Sim& sim, const std::string& intent, std::string_view more = "") {
    return sim.post("/v1/refunds", fmt::format("payment_intent={}{}", intent, more));
}

/// "refund/refund -2500 0" for each balance transaction of an account from the `skip`-th on.
Lines ledger(Sim& sim, std::string_view account, std::size_t skip) {
    Lines lines;
    sim.world.store.each(account, "balance_transaction", [&lines](const json::object& row) {
        lines.push_back(fmt::format("{}/{} {} {}", text(row, "type"),
                                    text(row, "reporting_category"), integer(row, "amount"),
                                    integer(row, "fee")));
    });
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(skip));
    return lines;
}

Lines after(const Lines& all, std::size_t count) {
    return {all.begin() + static_cast<std::ptrdiff_t>(count), all.end()};
}

json::object charge_of(Sim& sim, const std::string& intent) {
    return sim
        .get("/v1/payment_intents/" + intent,
             "expand[]=latest_charge.refunds&expand[]=latest_charge.transfer"
             "&expand[]=latest_charge.application_fee")
        .body.at("latest_charge")
        .as_object();
}

struct Row {
    std::string name;
    std::string paying;
    std::string refunding;
    Lines platform;
    Lines seller;
    std::int64_t platform_net;
    std::int64_t seller_net;
};

}  // namespace

TEST_CASE("Refunds of destination charges come out as worked by hand") {
    const std::string fee(with_fee);
    const std::string reverse = "&reverse_transfer=true";
    const std::string both = reverse + "&refund_application_fee=true";
    const std::string part = "&amount=2500";
    const std::vector<Row> rows = {
        {"part, plain", fee, part, {"refund/refund -2500 0"}, {}, -1820, 9000},
        {"part, reversed",
         fee,
         part + reverse,
         {"refund/refund -2500 0", "transfer_refund/transfer_reversal 2500 0"},
         {"payment_refund/refund -2500 0"},
         680,
         6500},
        {"part, reversed, with its fee",
         fee,
         part + both,
         {"refund/refund -2500 0", "transfer_refund/transfer_reversal 2500 0",
          "application_fee_refund/platform_earning_refund -250 0"},
         {"payment_refund/refund -2500 0", "adjustment/fee 250 0"},
         430,
         6750},
        {"all, plain", fee, "", {"refund/refund -10000 0"}, {}, -9320, 9000},
        {"all, reversed",
         fee,
         reverse,
         {"refund/refund -10000 0", "transfer_refund/transfer_reversal 10000 0"},
         {"payment_refund/refund -10000 0"},
         680,
         -1000},
        {"all, reversed, with its fee",
         fee,
         both,
         {"refund/refund -10000 0", "transfer_refund/transfer_reversal 10000 0",
          "application_fee_refund/platform_earning_refund -1000 0"},
         {"payment_refund/refund -10000 0", "adjustment/fee 1000 0"},
         -320,
         0},
        {"part of a smaller transfer",
         "&transfer_data[amount]=9000",
         part + reverse,
         {"refund/refund -2500 0", "transfer_refund/transfer_reversal 2250 0"},
         {"payment_refund/refund -2250 0"},
         430,
         6750},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Sim sim;
        const auto seller = sim.seller();
        const auto intent = paid(sim, seller, row.paying);
        const auto before = ledger(sim, "", 0).size();
        const auto answer = refund(sim, intent, row.refunding);
        CHECK(text(answer.body, "status") == "succeeded");
        CHECK(ledger(sim, "", before) == row.platform);
        CHECK(ledger(sim, seller, 1) == row.seller);
        CHECK(sim.net() == row.platform_net);
        CHECK(sim.net(seller) == row.seller_net);
        CHECK(sim.world.imbalances().empty());
    }
}

TEST_CASE("A refund tells of itself, the charge, the transfer and the fee, in this order") {
    Sim sim;
    const auto seller = sim.seller();
    const auto intent = paid(sim, seller, with_fee);
    const auto seen = sim.events().size();
    const auto answer =
        refund(sim, intent, "&amount=2500&reverse_transfer=true&refund_application_fee=true");
    CHECK(after(sim.events(), seen) == Lines{"refund.created", "charge.refunded",
                                             "transfer.reversed", "application_fee.refunded"});
    CHECK(sim.events(seller) == Lines{"refund.created"});

    const auto charge = charge_of(sim, intent);
    CHECK(integer(charge, "amount_refunded") == 2500);
    CHECK_FALSE(flag(charge, "refunded"));
    CHECK(integer(charge, "transfer.amount_reversed") == 2500);
    CHECK(integer(charge, "application_fee.amount_refunded") == 250);
    const auto& reversal = array(charge, "transfer.reversals.data").at(0).as_object();
    CHECK(text(reversal, "id") == text(answer.body, "transfer_reversal"));
    CHECK(text(reversal, "source_refund") == answer.id());
    CHECK(array(charge, "application_fee.refunds.data").size() == 1);
    CHECK(array(charge, "refunds.data").size() == 1);

    sim.act_as(seller);
    const auto other =
        sim.get("/v1/refunds/" + std::string(text(reversal, "destination_payment_refund")));
    CHECK(other.id().starts_with("pyr_"));
    CHECK(text(other.body, "source_transfer_reversal") == text(reversal, "id"));
}

TEST_CASE("Odd parts are rounded to the nearest unit and never exceed the whole") {
    Sim sim;
    const auto seller = sim.seller();
    const auto intent = sim.post("/v1/payment_intents",
                                 "amount=153&currency=usd&confirm=true&return_url=https://a.b"
                                 "&capture_method=automatic&payment_method=pm_card_bypassPending"
                                 "&transfer_data[amount]=109&transfer_data[destination]=" +
                                     seller);
    const std::string id(intent.id());
    refund(sim, id, "&amount=50&reverse_transfer=true");
    CHECK(sim.net(seller) == 109 - 36);
    refund(sim, id, "&amount=102&reverse_transfer=true");
    refund(sim, id, "&amount=1&reverse_transfer=true");
    CHECK(sim.net(seller) == 0);
    CHECK(flag(charge_of(sim, id), "refunded"));
    CHECK(refund(sim, id).code() == "charge_already_refunded");
}

TEST_CASE("Refunds that cannot be are refused") {
    Sim sim;
    const auto intent = paid(sim);
    CHECK(refund(sim, intent, "&amount=10001").param() == "amount");
    CHECK(refund(sim, intent, "&amount=0").code() == "parameter_invalid_integer");
    CHECK(refund(sim, intent, "&reverse_transfer=true").param() == "reverse_transfer");
    CHECK(refund(sim, intent, "&refund_application_fee=true").param() == "refund_application_fee");
    CHECK(sim.post("/v1/refunds").status == 400);
    CHECK(sim.post("/v1/refunds", "charge=ch_none").code() == "resource_missing");
    const auto open = sim.post("/v1/payment_intents", "amount=100&currency=usd");
    CHECK(refund(sim, std::string(open.id())).status == 400);
    CHECK(sim.net() == 9680);
}

TEST_CASE("A refund before the money came in settles the charge first") {
    Sim sim;
    const auto intent = sim.post("/v1/payment_intents",
                                 "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                                 "&payment_method=pm_card_visa");
    CHECK(text(refund(sim, std::string(intent.id()), "&amount=100").body, "status") == "succeeded");
    CHECK(sim.net() == 9580);
    CHECK(sim.world.balances.of("", "usd").available == 0);
    sim.world.advance(5 * day);
    CHECK(sim.world.balances.of("", "usd").available == 9580);
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("Refunding an authorisation gives it up") {
    Sim sim;
    const auto held = sim.post("/v1/payment_intents",
                               "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                               "&payment_method=pm_card_visa&capture_method=manual");
    const auto answer = refund(sim, std::string(held.id()));
    CHECK(text(answer.body, "status") == "succeeded");
    CHECK(text(sim.get("/v1/payment_intents/" + std::string(held.id())).body, "status") ==
          "canceled");
    CHECK(sim.net() == 0);
}

TEST_CASE("Some cards' refunds are pending first, some fail at the end") {
    Sim sim;
    const auto slow = refund(sim, paid(sim, "", "", "pm_card_pendingRefund"));
    CHECK(text(slow.body, "status") == "pending");
    const auto intent = paid(sim, "", "", "pm_card_refundFail");
    const auto failing = refund(sim, intent, "&amount=4000");
    CHECK(text(failing.body, "status") == "succeeded");
    CHECK(sim.net() == 2 * 9680 - 14000);
    const auto seen = sim.events().size();
    sim.world.advance(minute);
    CHECK(text(sim.get("/v1/refunds/" + std::string(slow.id())).body, "status") == "succeeded");
    const auto failed = sim.get("/v1/refunds/" + std::string(failing.id()));
    CHECK(text(failed.body, "status") == "failed");
    CHECK(has(failed.body, "failure_balance_transaction"));
    CHECK(sim.net() == 2 * 9680 - 10000);
    CHECK(integer(charge_of(sim, intent), "amount_refunded") == 0);
    CHECK(after(sim.events(), seen) == Lines{"refund.updated", "charge.refund.updated",
                                             "refund.updated", "charge.refund.updated",
                                             "refund.failed", "charge.updated"});
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("Banks tell the reference of a refund some days later") {
    Sim sim;
    const auto made = refund(sim, paid(sim));
    CHECK(text(made.body, "destination_details.card.reference_status") == "pending");
    sim.world.advance(4 * day);
    const auto told = sim.get("/v1/refunds/" + std::string(made.id()));
    CHECK(text(told.body, "destination_details.card.reference_status") == "available");
    CHECK(text(told.body, "destination_details.card.reference").size() == 23);
}

TEST_CASE("An account that may not owe waits for money, or cannot give any back") {
    Sim sim;
    const Scope platform(sim.world, "");
    const auto forbid = [&platform](std::string_view account) {
        set(platform.edit("account", account), "settings.payouts.debit_negative_balances") = false;
    };
    auto own = platform.begin("account", "");
    own["id"] = platform.account_id();
    platform.put(std::move(own));
    forbid(platform.account_id());
    const auto seller = sim.seller();
    forbid(seller);
    const auto intent = paid(sim, seller, with_fee);
    CHECK(refund(sim, intent, "&reverse_transfer=true").code() == "balance_insufficient");
    const auto waiting = refund(sim, intent, "&amount=5000");
    CHECK(text(waiting.body, "pending_reason") == "insufficient_funds");
    CHECK(at(waiting.body, "balance_transaction") == nullptr);
    CHECK(sim.net() == 680);
    const auto other = refund(sim, intent, "&amount=1000");
    CHECK(text(sim.post("/v1/refunds/" + std::string(other.id()) + "/cancel").body, "status") ==
          "canceled");
    paid(sim, "", "", "pm_card_visa");
    sim.world.advance(5 * day);
    const auto done = sim.get("/v1/refunds/" + std::string(waiting.id()));
    CHECK(text(done.body, "status") == "succeeded");
    CHECK(sim.net() == 680 + 9680 - 5000);
    CHECK(sim.world.imbalances().empty());
    CHECK(sim.post("/v1/refunds/" + std::string(waiting.id()) + "/cancel").status == 400);
}

TEST_CASE("A transfer may be reversed by itself, with the fee if wanted") {
    Sim sim;
    const auto seller = sim.seller();
    const auto intent = paid(sim, seller, with_fee);
    const auto path = "/v1/transfers/" + std::string(text(charge_of(sim, intent), "transfer.id"));
    CHECK(sim.post(path + "/reversals", "amount=10001").param() == "amount");
    const auto made = sim.post(path + "/reversals", "amount=9000&metadata[dispute]=dp_1");
    CHECK(sim.net() == 680 + 9000);
    CHECK(sim.net(seller) == 0);
    CHECK(text(made.body, "metadata.dispute") == "dp_1");
    sim.post(path + "/reversals", "refund_application_fee=true");
    CHECK(sim.net() == 680 + 10000 - 100);
    CHECK(flag(sim.get(path).body, "reversed"));
    CHECK(array(sim.get(path + "/reversals").body, "data").size() == 2);
    CHECK(sim.post(path + "/reversals").status == 400);
    CHECK(sim.events(seller) == Lines{"refund.created", "refund.created"});

    const auto fee = std::string(text(charge_of(sim, intent), "application_fee.id"));
    const auto rest = sim.post("/v1/application_fees/" + fee + "/refunds");
    CHECK(integer(rest.body, "amount") == 900);
    CHECK(sim.post("/v1/application_fees/" + fee + "/refunds").status == 400);
    CHECK(sim.net(seller) == 0);
    CHECK(sim.world.imbalances().empty());
}

TEST_CASE("A direct charge is refunded by the account, its fee by the platform") {
    Sim sim;
    const auto seller = sim.seller();
    sim.act_as(seller);
    const auto intent = paid(sim, "", with_fee);
    CHECK(sim.net(seller) == 8680);
    CHECK(refund(sim, intent, "&reverse_transfer=true").param() == "reverse_transfer");
    refund(sim, intent, "&refund_application_fee=true&amount=5000");
    CHECK(sim.net(seller) == 8680 - 5000 + 500);
    CHECK(sim.net() == 500);
    CHECK(sim.events().back() == "application_fee.refunded");
    CHECK(sim.world.imbalances().empty());
}
