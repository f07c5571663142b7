// The audit of actions: who asked for what, and what came of it, in any order of its events.
#include <test/unit/stripe_events.hpp>

#include <catch2/catch.hpp>

using namespace daybook::test;  // NOLINT(google-build-using-namespace)

namespace {

StripeEvent stage(std::string type, std::string id, std::int64_t created) {
    StripeEvent event{std::move(type), created, {}};
    event.id = std::move(id);
    event.path = "/v1/refunds";
    event.answered_at = created;
    return event;
}

}  // namespace

TEST_CASE("an action is as far as its furthest event") {
    Story story("actions");
    story.given({stage("action.requested", "act_1", 100)}).then("actions", R"(
        action_id state     kind    method path        key_id remote    requested_at answered_at
        act_1     requested gateway POST   /v1/refunds key_1  127.0.0.1 100          -
    )");
    story.given({stage("action.indeterminate", "act_1.indeterminate", 105)}).then("actions", R"(
        action_id state         requested_at answered_at settled_by
        act_1     indeterminate 100          105         answer
    )");
    story.given({stage("action.succeeded", "act_1.outcome", 104)}).then("actions", R"(
        action_id state     requested_at answered_at status attempts error
        act_1     succeeded 100          104         200    1        null
    )");
}

TEST_CASE("actions do not mix") {
    Story("actions")
        .given({stage("action.requested", "act_1", 100), stage("action.requested", "act_2", 101),
                stage("action.failed", "act_2.outcome", 102),
                stage("action.succeeded", "act_3.outcome", 103)})
        .then("actions", R"(
            action_id state     key_id path
            act_1     requested key_1  /v1/refunds
            act_2     failed    key_1  /v1/refunds
            act_3     succeeded -      /v1/refunds
        )");
}
