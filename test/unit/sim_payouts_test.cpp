// Money leaves a balance by payouts on a schedule, exactly what became available, and comes back.
#include <test/market.hpp>

#include <tools/stripe_sim/payout_schedule.hpp>
#include <tools/stripe_sim/scope.hpp>
#include <tools/stripe_sim/settlement.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::check_contents;
using daybook::test::Market;
using daybook::test::Sim;

namespace {

using Lines = std::vector<std::string>;

Lines types_of(const json::array& transactions) {
    Lines types;
    for (const auto& one : transactions)
        types.emplace_back(text(one.as_object(), "type"));
    return types;
}

std::int64_t sum_of(const json::array& transactions) {
    std::int64_t sum = 0;
    for (const auto& one : transactions)
        sum += integer(one.as_object(), "net");
    return sum;
}

}  // namespace

TEST_CASE("A destination charge nets as worked out by hand, with a fee or with an amount") {
    Market fee;
    CHECK(fee.pay("application_fee_amount=1000", fee.seller).status == 200);
    CHECK(fee.sim.net() == 680);
    CHECK(fee.sim.net(fee.seller) == 9000);

    Market amount;
    CHECK(amount.pay("transfer_data[amount]=9000", amount.seller).status == 200);
    CHECK(amount.sim.net() == 680);
    CHECK(amount.sim.net(amount.seller) == 9000);
    CHECK(amount.sim.world.imbalances().empty());
}

TEST_CASE("What became available is paid out at the next midnight and listed as its contents") {
    Market m;
    m.pay("application_fee_amount=1000", m.seller);
    const auto seen = m.sim.events(m.seller).size();
    CHECK(m.available(m.seller) == 0);
    m.sim.world.advance(2 * day);
    auto payout = m.payout(m.seller);
    CHECK(integer(payout, "amount") == 9000);
    CHECK(flag(payout, "automatic"));
    CHECK(m.available(m.seller) == 0);
    CHECK(m.sim.net() == 680);
    CHECK(m.sim.net(m.seller) == 0);
    const auto contents = fmt::format("payout={}", text(payout, "id"));
    CHECK(m.look(m.seller, "/v1/balance_transactions", contents).code() ==
          "payout_reconciliation_not_ready");

    m.sim.world.advance(5 * day);
    payout = m.payout(m.seller);
    CHECK(text(payout, "status") == "paid");
    CHECK(text(payout, "reconciliation_status") == "completed");
    CHECK(integer(payout, "arrival_date") % day == 0);
    const auto listed = array(m.look(m.seller, "/v1/balance_transactions", contents).body, "data");
    CHECK(types_of(listed) == Lines{"payment"});
    CHECK(sum_of(listed) == 9000);
    auto events = m.sim.events(m.seller);
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(seen));
    CHECK(events == Lines{"balance.available", "payout.created", "payout.updated", "payout.paid",
                          "payout.updated", "payout.reconciliation_completed"});
    CHECK(m.sim.world.imbalances().empty());
}

TEST_CASE("A payout that fails after it was paid comes back and stops the next ones") {
    Market m;
    m.use_bank(m.seller, "000111111116");
    m.pay("application_fee_amount=1000", m.seller);
    m.sim.world.advance(9 * day);
    const auto payout = m.payout(m.seller);
    CHECK(text(payout, "status") == "failed");
    CHECK(text(payout, "failure_code") == "no_account");
    CHECK(has(payout, "failure_balance_transaction"));
    CHECK(m.sim.net(m.seller) == 9000);
    CHECK(m.sim.net() == 680);
    const auto account = m.sim.get("/v1/accounts/" + m.seller).body;
    CHECK(!flag(account, "payouts_enabled"));
    CHECK(text(account, "capabilities.transfers") == "active");
    CHECK(array(account, "requirements.currently_due") == json::array{"external_account"});
    const auto& bank = array(account, "external_accounts.data").at(0).as_object();
    CHECK(text(bank, "status") == "errored");
    CHECK(m.as(m.seller, "/v1/payouts", "amount=100&currency=usd").code() == "payouts_not_allowed");
    const auto events = m.sim.events(m.seller);
    const auto paid = std::ranges::find(events, "payout.paid");
    const auto failed = std::ranges::find(events, "payout.failed");
    CHECK(paid < failed);
    CHECK(std::ranges::find(failed, events.end(), "account.external_account.updated") <
          std::ranges::find(failed, events.end(), "account.updated"));

    m.use_bank(m.seller, "000123456789");
    m.sim.world.advance(5 * day);
    CHECK(m.payouts(m.seller).size() == 2);
    CHECK(integer(m.payout(m.seller), "amount") == 9000);
    CHECK(text(m.payout(m.seller), "status") == "paid");
    CHECK(m.sim.net(m.seller) == 0);
    check_contents(m, m.seller);
}

TEST_CASE("The platform is paid out as well") {
    Market m;
    m.settings("", "daily");
    m.pay("application_fee_amount=1000", m.seller);
    m.sim.world.advance(6 * day);
    CHECK(integer(m.payout(""), "amount") == 680);
    CHECK(m.sim.net() == 0);
    check_contents(m, "");
    CHECK(m.sim.world.imbalances().empty());
}

TEST_CASE("Manual payouts take what is available, can be cancelled and reversed") {
    Market m;
    m.settings(m.seller, "manual");
    m.pay("application_fee_amount=1000", m.seller, "usd", "pm_card_bypassPending");
    CHECK(m.available(m.seller) == 9000);
    const auto create = [&](std::string_view form) { return m.as(m.seller, "/v1/payouts", form); };
    CHECK(create("amount=9001&currency=usd").code() == "balance_insufficient");
    CHECK(create("amount=0&currency=usd").code() == "parameter_invalid_integer");
    CHECK(create("amount=1000&currency=eur").status == 400);
    auto payout = create("amount=4000&currency=usd&metadata[batch]=7").body;
    CHECK(text(payout, "status") == "pending");
    CHECK(text(payout, "reconciliation_status") == "not_applicable");
    CHECK(m.available(m.seller) == 5000);
    const auto path = fmt::format("/v1/payouts/{}", text(payout, "id"));
    payout = m.as(m.seller, path + "/cancel", "").body;
    CHECK(text(payout, "status") == "canceled");
    CHECK(m.available(m.seller) == 9000);
    CHECK(m.as(m.seller, path + "/cancel", "").status == 400);

    const auto instant = create("amount=9000&currency=usd&method=instant").body;
    m.sim.world.advance(hour);
    CHECK(text(m.payout(m.seller), "status") == "paid");
    CHECK(
        m.look(m.seller, "/v1/balance_transactions", fmt::format("payout={}", text(instant, "id")))
            .status == 400);
    const auto reversal =
        m.as(m.seller, fmt::format("/v1/payouts/{}/reverse", text(instant, "id")), "").body;
    CHECK(integer(reversal, "amount") == -9000);
    CHECK(text(reversal, "original_payout") == text(instant, "id"));
    CHECK(m.available(m.seller) == 9000);

    m.use_bank(m.seller, "000888888883");
    CHECK(create("amount=1000&currency=usd&method=instant").code() ==
          "instant_payouts_unsupported");
    CHECK(m.sim.world.imbalances().empty());
}

TEST_CASE("A payout of a day's last minutes arrives like any other") {
    for (const Seconds left : {Seconds{1}, 10 * minute, 2 * hour}) {
        Market m;
        m.settings(m.seller, "manual");
        m.pay("application_fee_amount=1000", m.seller, "usd", "pm_card_bypassPending");
        const auto now = m.sim.world.clock.now();
        m.sim.world.advance(midnight(now) + day - left - now);
        m.as(m.seller, "/v1/payouts", "amount=1000&currency=usd");
        m.sim.world.advance(4 * day);
        INFO(left << " seconds before midnight");
        CHECK(text(m.payout(m.seller), "status") == "paid");
    }
}

TEST_CASE("Weekly, monthly and minimum balance decide when and how much") {
    Market m;
    const Scope scope(m.sim.world, m.seller);
    m.as(m.seller, "/v1/balance_settings",
         "payments[payouts][schedule][interval]=weekly&"
         "payments[payouts][schedule][weekly_payout_days][0]=tuesday");
    const auto weekly = next_payout_run(scope, Sim::start);
    // 1970-01-01 was a Thursday.
    CHECK((*weekly / day + 4) % 7 == 2);
    m.sim.post("/v1/accounts/" + m.seller,
               "settings[payouts][schedule][interval]=monthly&"
               "settings[payouts][schedule][monthly_anchor]=31");
    const auto monthly = next_payout_run(scope, Sim::start);
    CHECK(*monthly % day == 0);
    const auto account = m.sim.get("/v1/accounts/" + m.seller).body;
    CHECK(integer(account, "settings.payouts.schedule.monthly_anchor") == 31);
    CHECK(m.as(m.seller, "/v1/balance_settings", "payments[payouts][schedule][interval]=weekly")
              .code() == "parameter_missing");

    m.as(m.seller, "/v1/balance_settings",
         "payments[payouts][schedule][interval]=daily&"
         "payments[payouts][minimum_balance_by_currency][usd]=2500");
    m.pay("application_fee_amount=1000", m.seller);
    m.sim.world.advance(6 * day);
    m.pay("application_fee_amount=1000", m.seller);
    m.sim.world.advance(6 * day);
    CHECK(m.payouts(m.seller).size() == 2);
    CHECK(m.available(m.seller) == 2500);
    CHECK(integer(m.payouts(m.seller).at(1).as_object(), "amount") == 6500);
    CHECK(integer(m.payout(m.seller), "amount") == 9000);
    check_contents(m, m.seller);
    CHECK(m.sim.world.imbalances().empty());
}

TEST_CASE("Banks in Hungary take whole forints: the rest waits") {
    Market m;
    const auto seller = m.join("HU");
    m.pay("application_fee_amount=1050", seller, "huf", "pm_card_visa", 1'000'000);
    m.sim.world.advance(6 * day);
    CHECK(integer(m.payout(seller), "amount") == 998'900);
    CHECK(m.available(seller, "huf") == 50);
    m.settings(seller, "manual");
    m.pay("application_fee_amount=1000", seller, "huf", "pm_card_bypassPending", 1'000'000);
    CHECK(m.as(seller, "/v1/payouts", "amount=1050&currency=huf").code() == "invalid_amount");
    CHECK(m.as(seller, "/v1/payouts", "amount=1100&currency=huf").status == 200);
    check_contents(m, seller);
}

TEST_CASE("A seller in another currency is paid in its own, at the day's rate") {
    Market m;
    const auto seller = m.join("DE");
    const std::string charge(
        text(m.pay("application_fee_amount=1000", seller).body, "latest_charge"));
    const auto rate = rate_millionths("usd", "eur", Sim::start);
    const auto converted = [&](std::int64_t amount) {
        return (amount * rate + 500'000) / 1'000'000;
    };
    CHECK(m.sim.world.balances.of(seller, "eur").pending == converted(10'000) - converted(1000));
    CHECK(m.sim.world.balances.of(seller, "usd").total() == 0);
    const auto fees = array(m.sim.get("/v1/application_fees").body, "data");
    CHECK(text(fees.at(0).as_object(), "currency") == "eur");
    CHECK(integer(fees.at(0).as_object(), "amount") == converted(1000));
    const auto rows = array(m.look(seller, "/v1/balance_transactions").body, "data");
    CHECK(rows.at(0).as_object().at("exchange_rate").as_double() * 1e6 == Approx(rate));
    CHECK(m.sim.net() >= 679);
    CHECK(m.sim.net() <= 681);

    m.sim.post("/v1/refunds", fmt::format("charge={}&reverse_transfer=true&"
                                          "refund_application_fee=true",
                                          charge));
    CHECK(m.sim.world.balances.of(seller, "eur").total() == 0);
    CHECK(m.sim.net() >= -321);
    CHECK(m.sim.net() <= -319);
    CHECK(m.sim.world.imbalances().empty());
}

TEST_CASE("Transfers come from the available balance, or from a charge that is still pending") {
    Market m;
    const auto send = [&](std::string_view form) {
        return m.sim.post("/v1/transfers",
                          fmt::format("currency=usd&destination={}&{}", m.seller, form));
    };
    CHECK(send("amount=100").code() == "balance_insufficient");
    CHECK(send("").code() == "parameter_missing");
    const auto intent = m.sim.post("/v1/payment_intents",
                                   "amount=10000&currency=usd&confirm=true&return_url=https://a.b&"
                                   "capture_method=automatic&payment_method=pm_card_visa");
    const auto source = fmt::format("source_transaction={}", text(intent.body, "latest_charge"));
    const auto transfer = send(source + "&amount=6000&transfer_group=order_1").body;
    CHECK(text(transfer, "destination_payment").starts_with("py_"));
    CHECK(m.sim.world.balances.of(m.seller, "usd").pending == 6000);
    CHECK(send(source + "&amount=4001").code() == "balance_insufficient");
    const auto update = m.sim.post(fmt::format("/v1/transfers/{}", text(transfer, "id")),
                                   "metadata[a]=b&description=rent");
    CHECK(text(update.body, "metadata.a") == "b");
    CHECK(m.sim.events().back() == "transfer.updated");
    m.sim.world.advance(3 * day);
    CHECK(send("amount=3000").status == 200);
    CHECK(m.available(m.seller) == 3000);
    CHECK(m.sim.world.imbalances().empty());
}
