// Disputes withdraw, give back and charge fees as Stripe does, and end by every way they can.
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

/// A destination charge of 100.00 with a fee of 10.00, disputed at once by its card.
struct Case {
    explicit Case(std::string_view card) : seller(sim.seller()) {
        const auto intent =
            sim.post("/v1/payment_intents",
                     fmt::format("amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                                 "&application_fee_amount=1000&transfer_data[destination]={}"
                                 "&payment_method={}",
                                 seller, card));
        charge = text(intent.body, "latest_charge");
        const auto found = disputes();
        if (!found.empty()) id = text(found.front().as_object(), "id");
    }

    json::array disputes() {
        return array(sim.get("/v1/disputes", "charge=" + charge).body, "data");
    }
    json::object dispute() { return sim.get("/v1/disputes/" + id).body; }
    Sim::Answer answer(std::string_view evidence) {
        return sim.post("/v1/disputes/" + id,
                        fmt::format("evidence[uncategorized_text]={}", evidence));
    }
    /// What the bank does by itself.
    void decide(std::string_view form) {
        ApiRequest request;
        request.method = "POST";
        request.path = "/_sim/disputes/" + id;
        request.body = form;
        request.content_type = "application/json";
        CHECK(sim.send(std::move(request)).status == 200);
    }
    Lines events(std::size_t skip) {
        auto all = sim.events();
        all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(skip));
        return all;
    }

    Sim sim;
    std::string seller;
    std::string charge;
    std::string id;
};

}  // namespace

TEST_CASE("A chargeback withdraws the amount and the fee in one balance transaction") {
    Case c("pm_card_createDispute");
    const auto dispute = c.dispute();
    CHECK(text(dispute, "status") == "needs_response");
    CHECK(text(dispute, "reason") == "fraudulent");
    const auto& row = array(dispute, "balance_transactions").at(0).as_object();
    CHECK(text(row, "type") == "adjustment");
    CHECK(text(row, "reporting_category") == "dispute");
    CHECK(integer(row, "amount") == -10000);
    CHECK(integer(row, "fee") == 1500);
    CHECK(integer(row, "net") == -11500);
    CHECK(c.sim.net() == -10820);
    CHECK(c.sim.net(c.seller) == 9000);
    CHECK(c.events(0) == Lines{"payment_intent.created", "charge.succeeded",
                               "payment_intent.succeeded", "transfer.created",
                               "application_fee.created", "charge.updated",
                               "charge.dispute.created", "charge.dispute.funds_withdrawn"});
    CHECK(flag(c.sim.get("/v1/charges/" + c.charge).body, "disputed"));
    CHECK(c.sim.post("/v1/refunds", "charge=" + c.charge).code() == "refund_disputed_payment");
    CHECK(c.sim.world.imbalances().empty());
}

TEST_CASE("Evidence wins or loses, and countering costs a fee that a win returns") {
    Case won("pm_card_createDispute");
    const auto seen = won.sim.events().size();
    const auto answer = won.answer("winning_evidence");
    CHECK(text(answer.body, "status") == "under_review");
    CHECK(integer(answer.body, "evidence_details.submission_count") == 1);
    CHECK(won.sim.net() == -12320);
    won.sim.world.advance(minute);
    CHECK(text(won.dispute(), "status") == "won");
    CHECK(array(won.dispute(), "balance_transactions").size() == 2);
    CHECK(won.sim.net() == -820);
    CHECK(won.events(seen) == Lines{"charge.dispute.updated", "charge.dispute.funds_reinstated",
                                    "charge.dispute.closed"});
    CHECK(won.answer("winning_evidence").status == 400);
    CHECK(won.sim.post("/v1/refunds", "charge=" + won.charge).status == 200);

    Case lost("pm_card_createDisputeProductNotReceived");
    CHECK(text(lost.dispute(), "reason") == "product_not_received");
    lost.answer("losing_evidence");
    lost.sim.world.advance(minute);
    CHECK(text(lost.dispute(), "status") == "lost");
    CHECK(lost.sim.net() == -12320);
    CHECK(lost.sim.events().back() == "charge.dispute.closed");
    CHECK(lost.sim.post("/v1/refunds", "charge=" + lost.charge).code() == "charge_disputed");
    CHECK(lost.sim.world.imbalances().empty());
}

TEST_CASE("A bank that decides by itself gives the amount back, under older pricing the fee too") {
    Case now("pm_card_createDispute");
    now.decide(R"({"outcome":"won"})");
    CHECK(now.sim.net() == -820);
    Case before("pm_card_createDispute");
    before.decide(R"({"outcome":"won","fee_returned":true})");
    CHECK(before.sim.net() == 680);
    const auto dispute = before.dispute();
    const auto& row = array(dispute, "balance_transactions").at(1).as_object();
    CHECK(integer(row, "fee") == -1500);
    CHECK(integer(row, "net") == 11500);
    CHECK(before.sim.world.imbalances().empty());
}

TEST_CASE("A lost dispute is recovered from the seller by a reversal") {
    Case c("pm_card_createDispute");
    CHECK(text(c.sim.post("/v1/disputes/" + c.id + "/close").body, "status") == "lost");
    const auto charge = c.sim.get("/v1/charges/" + c.charge);
    c.sim.post(fmt::format("/v1/transfers/{}/reversals", text(charge.body, "transfer")),
               "amount=9000");
    CHECK(c.sim.net() == -1820);
    CHECK(c.sim.net(c.seller) == 0);
}

TEST_CASE("Without an answer a chargeback is lost after its deadline") {
    Case c("pm_card_createDispute");
    c.sim.world.advance(integer(c.dispute(), "evidence_details.due_by") - Sim::start);
    CHECK(text(c.dispute(), "status") == "needs_response");
    c.sim.world.advance(1);
    CHECK(text(c.dispute(), "status") == "lost");
    CHECK(flag(c.dispute(), "evidence_details.past_due"));
}

TEST_CASE("Staged evidence is not sent") {
    Case c("pm_card_createDispute");
    const auto path = "/v1/disputes/" + c.id;
    c.sim.post(path, "evidence[product_description]=A+boat&submit=false");
    CHECK(text(c.dispute(), "status") == "needs_response");
    CHECK(flag(c.dispute(), "evidence_details.has_evidence"));
    c.sim.post(path, "metadata[order]=1");
    CHECK(text(c.dispute(), "status") == "needs_response");
    const auto sent = c.sim.post(path, "submit=true");
    CHECK(text(sent.body, "status") == "under_review");
    CHECK(text(sent.body, "evidence.product_description") == "A boat");
    c.sim.world.advance(61 * day);
    CHECK(text(c.dispute(), "status") == "lost");
}

TEST_CASE("An inquiry takes no money: it fades, is defused, closed, or escalates") {
    Case faded("pm_card_createDisputeInquiry");
    CHECK(text(faded.dispute(), "status") == "warning_needs_response");
    CHECK(array(faded.dispute(), "balance_transactions").empty());
    CHECK(faded.sim.net() == 680);
    faded.sim.world.advance(119 * day);
    CHECK(text(faded.dispute(), "status") == "warning_needs_response");
    faded.sim.world.advance(2 * day);
    CHECK(text(faded.dispute(), "status") == "warning_closed");
    CHECK(faded.sim.events().back() == "charge.dispute.closed");

    Case defused("pm_card_createDisputeInquiry");
    CHECK(defused.sim.post("/v1/refunds", "charge=" + defused.charge).status == 200);
    CHECK(text(defused.dispute(), "status") == "warning_closed");

    Case closed("pm_card_createDisputeInquiry");
    closed.sim.post("/v1/disputes/" + closed.id + "/close");
    CHECK(text(closed.dispute(), "status") == "warning_closed");

    Case escalated("pm_card_createDisputeInquiry");
    escalated.answer("escalate_inquiry_evidence");
    escalated.sim.world.advance(minute);
    CHECK(text(escalated.dispute(), "status") == "needs_response");
    CHECK(escalated.sim.net() == -10820);
    CHECK(escalated.sim.events().back() == "charge.dispute.funds_withdrawn");
    escalated.answer("winning_evidence");
    escalated.sim.world.advance(minute);
    CHECK(escalated.sim.net() == -820);
}

TEST_CASE("An escalated inquiry has a deadline and a decision of its own") {
    Case unanswered("pm_card_createDisputeInquiry");
    const auto old_deadline = integer(unanswered.dispute(), "evidence_details.due_by");
    unanswered.sim.world.advance(5 * day);
    unanswered.decide(R"({"outcome":"escalated"})");
    unanswered.sim.world.advance(old_deadline + 1 - unanswered.sim.world.clock.now());
    CHECK(text(unanswered.dispute(), "status") == "needs_response");
    unanswered.sim.world.advance(5 * day);
    CHECK(text(unanswered.dispute(), "status") == "lost");

    Case answered("pm_card_createDisputeInquiry");
    answered.answer("an+explanation");
    answered.sim.world.advance(50 * day);
    answered.decide(R"({"outcome":"escalated"})");
    answered.answer("an+explanation");
    answered.sim.world.advance(20 * day);
    CHECK(text(answered.dispute(), "status") == "under_review");
    answered.sim.world.advance(40 * day);
    CHECK(text(answered.dispute(), "status") == "lost");
}

TEST_CASE("A charge may have several disputes, and a warning may come first") {
    Case several("pm_card_createMultipleDisputes");
    CHECK(several.disputes().size() == 2);
    CHECK(several.sim.net() == 680 - 10000 - 2 * 1500);

    Case warned("pm_card_createIssuerFraudRecord");
    const auto list = warned.sim.get("/v1/radar/early_fraud_warnings", "charge=" + warned.charge);
    REQUIRE(array(list.body, "data").size() == 1);
    CHECK(flag(array(list.body, "data").at(0).as_object(), "actionable"));
    warned.sim.post("/v1/refunds", "charge=" + warned.charge);
    CHECK(warned.sim.events().back() == "radar.early_fraud_warning.updated");
}

TEST_CASE("A risky payment is reviewed") {
    for (const std::string by : {"approval", "refund"}) {
        Case c("pm_card_riskLevelElevated");
        const auto list = c.sim.get("/v1/reviews");
        REQUIRE(array(list.body, "data").size() == 1);
        const auto& review = array(list.body, "data").at(0).as_object();
        CHECK(flag(review, "open"));
        CHECK(c.sim.get("/v1/charges/" + c.charge).body.at("review") == review.at("id"));
        const auto path = fmt::format("/v1/reviews/{}", text(review, "id"));
        if (by == "approval")
            c.sim.post(path + "/approve");
        else
            c.sim.post("/v1/refunds", "charge=" + c.charge);
        const auto closed = c.sim.get(path);
        CHECK(text(closed.body, "closed_reason") == (by == "approval" ? "approved" : "refunded"));
        CHECK_FALSE(has(c.sim.get("/v1/charges/" + c.charge).body, "review"));
        CHECK(c.sim.post(path + "/approve").status == 400);
    }
}

TEST_CASE("A debit that its owner did not authorise is lost at once") {
    Sim sim;
    const auto begun = sim.post("/v1/payment_intents",
                                "amount=10000&currency=usd&confirm=true&return_url=https://a.b"
                                "&payment_method=pm_usBankAccount_dispute");
    CHECK(text(begun.body, "status") == "processing");
    sim.world.advance(minute);
    const auto list = sim.get("/v1/disputes", "payment_intent=" + std::string(begun.id()));
    REQUIRE(array(list.body, "data").size() == 1);
    const auto& dispute = array(list.body, "data").at(0).as_object();
    CHECK(text(dispute, "status") == "lost");
    CHECK(text(dispute, "reason") == "debit_not_authorized");
    CHECK(sim.net() == 9680 - 11500);
    CHECK(sim.world.imbalances().empty());
}
