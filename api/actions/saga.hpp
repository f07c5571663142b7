// The saga of one action: requested in the log, Stripe, the outcome in the log.
#pragma once

#include <api/actions/conversation.hpp>
#include <api/actions/desk.hpp>
#include <api/actions/object_locks.hpp>
#include <api/actions/plan.hpp>
#include <api/actions/reading.hpp>
#include <api/actions/record.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace daybook::api {

struct SagaLimits {
    std::chrono::minutes settle_within{10};  ///< then an error that repeats itself is the outcome
    std::chrono::hours keys_live{23};        ///< Stripe keeps idempotency keys for 24 hours
};

/// One action, as far as it has come.
struct Saga {
    Plan plan;
    bool entered = false;     ///< `requested` is in the log
    bool repeatable = true;   ///< the plan has everything that the client sent
    bool dispatched = false;  ///< nobody waits for it: its driver was lost
    bool resumed = false;     ///< somebody may have driven it before
    /// By step: how far earlier attempts, or this one, read Stripe's lists for its traces.
    std::vector<ListsRead> read{};
};

/// What a saga came to.
struct Result {
    Response response;
    std::int64_t position = 0;  ///< of the outcome; 0 when the log has none from here
    bool replayed = false;      ///< it was over before
    ActionState state = ActionState::requested;
};

/// Actions thread only. What it is given outlives it.
class Sagas {
public:
    Sagas(Desk& desk, ObjectLocks& locks, SagaLimits limits)
        : desk_(desk), locks_(locks), limits_(limits) {}

    /// Goes as far as can be gone now: to an outcome, or to an answer that leaves it open.
    Task<Result> carry_out(Saga& saga);

    /// False when the database gave no answer.
    Task<bool> look_up(const std::string& id, std::shared_ptr<std::optional<RecordedAction>> found);

private:
    Task<std::optional<Result>> enter(Saga& saga);
    Task<void> settle(Saga& saga, Said& said, bool may_repeat, std::chrono::seconds age);
    Task<Findings> read_step(Saga& saga, Said& said, bool goes_on);
    Task<Result> conclude(const Plan& plan, Outcome& outcome);
    Task<Result> leave(const Plan& plan, Said& said);

    Desk& desk_;
    ObjectLocks& locks_;
    const SagaLimits limits_;
};

}  // namespace daybook::api
