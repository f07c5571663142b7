// Accounts: one word of readiness after which story of events.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

std::string account(std::string_view more) {
    return R"({"id":"acct_1","object":"account","type":"express","country":"US","created":50,)"
           R"("charges_enabled":false,"payouts_enabled":false,"details_submitted":false,)"
           R"("capabilities":{"transfers":"inactive"},"requirements":{"currently_due":)"
           R"(["external_account"],"past_due":[],"eventually_due":[],"pending_verification":[],)"
           R"("disabled_reason":"requirements.past_due","errors":[]},)" +
           std::string(more) + "}";
}

const std::string submitted = R"("details_submitted":true)";
const std::string working =
    R"("details_submitted":true,"charges_enabled":true,"payouts_enabled":true,)"
    R"("capabilities":{"transfers":"active","card_payments":"active"},)"
    R"("requirements":{"currently_due":[],"past_due":[],"disabled_reason":null,"errors":[]})";

StripeEvent updated(std::int64_t at, std::string_view more, std::string previous = "{}") {
    return {"account.updated", at, account(more), std::move(previous), "acct_1"};
}

StripeEvent access(std::int64_t at, std::string_view what) {
    return {"account.application." + std::string(what),
            at,
            R"({"id":"ca_1","object":"application"})",
            {},
            "acct_1"};
}

}  // namespace

TEST_CASE("an account becomes ready when it can sell and be paid, in one word") {
    Story("accounts").given({updated(100, R"("email":"a@b.example")")}).then("accounts", R"(
        account_id readiness  transfers_status currently_due        email
        acct_1     onboarding inactive         ["external_account"] a@b.example
    )");
    Story("accounts").given({updated(100, submitted)}).then("accounts", R"(
        account_id readiness
        acct_1     restricted
    )");
    Story("accounts")
        .given({updated(100, submitted),
                updated(101, submitted + R"(,"capabilities":{"transfers":"pending"},)"
                                         R"("requirements":{"currently_due":[],)"
                                         R"("disabled_reason":"requirements.pending_verification",)"
                                         R"("pending_verification":["tax_id"]})")})
        .then("accounts", R"(
            account_id readiness            pending_verification
            acct_1     pending_verification ["tax_id"]
        )");
    Story("accounts").given({updated(100, submitted), updated(200, working)}).then("accounts", R"(
        account_id readiness payouts_enabled capabilities
        acct_1     ready     yes             {"card_payments":"active","transfers":"active"}
    )");
    Story("accounts")
        .given({updated(200, working + R"(,"requirements":{"currently_due":["tax_id"],)"
                                       R"("current_deadline":900})")})
        .then("accounts", R"(
            account_id readiness       current_deadline
            acct_1     action_required 900
        )");
    Story("accounts")
        .given({updated(200, working + R"(,"requirements":{"disabled_reason":"rejected.fraud"})")})
        .then("accounts", "account_id readiness\n acct_1 rejected");
    Story("accounts")
        .given({updated(200, working + R"(,"requirements":{"disabled_reason":"under_review"})")})
        .then("accounts", "account_id readiness\n acct_1 disabled");
}

TEST_CASE("account updates of one second are put in order by previous_attributes") {
    Story("accounts")
        .given({updated(100, working, R"({"payouts_enabled":false})"),
                updated(100,
                        submitted + R"(,"charges_enabled":true,"capabilities":)"
                                    R"({"transfers":"active","card_payments":"active"},)"
                                    R"("requirements":{"currently_due":[],)"
                                    R"("disabled_reason":null})",
                        R"({"charges_enabled":false})"),
                updated(100, submitted)})
        .then("accounts", "account_id readiness payouts_enabled\n acct_1 ready yes");
}

TEST_CASE("a capability counts until an account snapshot is as young") {
    const auto capability = [](std::int64_t at) {
        return StripeEvent{"capability.updated", at,
                           R"({"id":"transfers","object":"capability","account":"acct_1",)"
                           R"("status":"active"})",
                           R"({"status":"pending"})", "acct_1"};
    };
    Story("accounts").given({updated(100, submitted), capability(101)}).then("accounts", R"(
        account_id transfers_status
        acct_1     active
    )");
    Story("accounts").given({updated(101, submitted), capability(101)}).then("accounts", R"(
        account_id transfers_status
        acct_1     inactive
    )");
}

TEST_CASE("an account that cut the platform off stays so until it authorizes it again") {
    Story("accounts")
        .given({updated(100, working), access(200, "deauthorized"), updated(300, working)})
        .then("accounts", R"(
            account_id readiness    deauthorized deauthorized_at
            acct_1     deauthorized yes          200
        )");
    Story("accounts")
        .given({updated(100, working), access(200, "deauthorized"), access(300, "authorized")})
        .then("accounts", "account_id readiness deauthorized_at\n acct_1 ready -");
}

TEST_CASE("the account shows where its payouts go") {
    const auto bank = [](std::string_view type, std::int64_t at, std::string_view id,
                         std::string_view more) {
        return StripeEvent{"account.external_account." + std::string(type),
                           at,
                           R"({"id":")" + std::string(id) +
                               R"(","object":"bank_account","last4":"6789","status":"new",)" +
                               std::string(more) + "}",
                           {},
                           "acct_1"};
    };
    Story("accounts")
        .given({updated(100, working),
                bank("created", 100, "ba_1", R"("default_for_currency":true)"),
                bank("created", 110, "ba_2", R"("default_for_currency":true)"),
                bank("updated", 110, "ba_1", R"("default_for_currency":false)"),
                bank("updated", 120, "ba_2", R"("default_for_currency":true,"status":"errored")")})
        .then("accounts", R"(
            account_id external_account_id external_account_last4 external_account_status
            acct_1     ba_2                6789                   errored
        )");
    Story("accounts")
        .given({bank("deleted", 100, "ba_1", R"("default_for_currency":true)")})
        .then("accounts", "account_id external_account_id\n acct_1 -");
}

TEST_CASE("the platform's own account is no seller") {
    Story("accounts")
        .given({{"account.updated", 100, account(working)}})
        .then("accounts", "account_id");
}
