// What sellers sold: each charge once, on the day it was made, less what went back.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A charge for a seller, made at this second.
std::string sale(std::string_view id, std::int64_t amount, std::int64_t created,
                 const std::string& more = {}) {
    return charge(id, "pi_" + std::string(id), amount,
                  R"("transfer_data":{"destination":"acct_1"},"created":)" +
                      std::to_string(created) + (more.empty() ? "" : "," + more));
}

constexpr std::int64_t day = 86'400;

}  // namespace

TEST_CASE("sales add up by seller, currency and day, and no event counts twice") {
    Story("seller_revenue")
        .given({{"charge.succeeded", day + 5, sale("ch_1", 1000, day + 5)},
                {"charge.updated", day + 9, sale("ch_1", 1000, day + 5, R"("transfer":"tr_1")")},
                {"charge.succeeded", 2 * day - 1, sale("ch_2", 500, 2 * day - 1)},
                {"charge.succeeded", 2 * day, sale("ch_3", 300, 2 * day)},
                {"charge.succeeded", day, sale("ch_4", 70, day, R"("currency":"jpy")")},
                {"charge.succeeded", day, charge("ch_5", "pi_5", 9999)},
                {"charge.failed", day,
                 sale("ch_6", 800, day, R"("status":"failed","captured":false)")},
                {"charge.succeeded", day, sale("ch_7", 800, day, R"("captured":false)")}})
        .then("seller_revenue", R"(
            seller_account currency day    charges captured refunded
            acct_1         jpy      86400  1       70       0
            acct_1         usd      86400  2       1500     0
            acct_1         usd      172800 1       300      0
        )");
}

TEST_CASE("refunds come off the day of the charge, once they are known in any way") {
    Story("seller_revenue")
        .given({{"charge.succeeded", day, sale("ch_1", 1000, day)},
                answered("/refunds", 3 * day, refund("re_1", "ch_1", "pi_1", 400, "succeeded"))})
        .then("seller_revenue", R"(
            day   captured refunded
            86400 1000     400
        )")
        .given({{"charge.refunded", 3 * day, sale("ch_1", 1000, day, R"("amount_refunded":400)"),
                 R"({"amount_refunded":0})"}})
        .then("seller_revenue", R"(
            day   captured refunded
            86400 1000     400
        )")
        .given({{"refund.failed", 5 * day, refund("re_1", "ch_1", "pi_1", 400, "failed")}})
        .then("seller_revenue", R"(
            day   captured refunded
            86400 1000     0
        )");
}

TEST_CASE("the copy of a destination charge on the seller's account is no second sale") {
    Story("seller_revenue")
        .given({{"charge.succeeded", day, sale("ch_1", 1000, day)},
                {"charge.succeeded", day, charge("py_1", "", 1000), {}, "acct_1"},
                {"refund.created", day, refund("pyr_1", "py_1", "", 10, "succeeded"), {}, "acct_1"},
                {"charge.succeeded",
                 day,
                 charge("ch_2", "pi_2", 50, R"("created":86400)"),
                 {},
                 "acct_2"}})
        .then("seller_revenue", R"(
            seller_account captured refunded
            acct_1         1000     0
            acct_2         50       0
        )");
}
