// Payouts: where the money is after which story of events.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

TEST_CASE("a payout that failed after it was paid has failed") {
    Story("payouts")
        .given({{"payout.created", 500, payout("po_1", "pending"), {}, "acct_1"},
                {"payout.paid",
                 600,
                 payout("po_1", "paid", R"("trace_id":{"value":"t1"})"),
                 {},
                 "acct_1"},
                {"payout.failed",
                 600,
                 payout("po_1", "failed",
                        R"("failure_code":"account_closed","failure_balance_transaction":"txn_9")"),
                 {},
                 "acct_1"},
                {"payout.updated", 700, payout("po_1", "paid"), {}, "acct_1"}})
        .then("payouts", R"(
            payout_id account_id status failure_code   paid_at failed_at trace_id
            po_1      acct_1     failed account_closed 600     600       t1
        )");
}

TEST_CASE("a payout of the platform has no account and may be reconciled late") {
    Story("payouts")
        .given({{"payout.paid", 600,
                 payout("po_1", "paid", R"("reconciliation_status":"in_progress")")},
                {"payout.reconciliation_completed", 600,
                 payout("po_1", "paid", R"("reconciliation_status":"completed")")}})
        .then("payouts", R"(
            payout_id account_id status reconciliation_status amount arrival_date automatic
            po_1      ""         paid   completed             9000   600          yes
        )");
}

TEST_CASE("a payout that failed has the money that came back, which its second tells last") {
    const std::string returned = R"("failure_balance_transaction":"txn_9")";
    for (const auto* id : {"evt_a", "evt_z"})
        Story("payouts")
            .given({{.type = "payout.failed",
                     .created = 700,
                     .object = payout("po_1", "failed"),
                     .id = id},
                    {.type = "payout.updated",
                     .created = 700,
                     .object = payout("po_1", "failed", returned),
                     .previous = R"({"failure_balance_transaction":null})",
                     .id = "evt_m"}})
            .then("payouts", "payout_id failure_balance_transaction_id\n po_1 txn_9");
}
