#include <api/actions/saga.hpp>

#include <api/actions/answers.hpp>
#include <api/actions/collections.hpp>
#include <api/actions/crash_point.hpp>
#include <api/time.hpp>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::chrono::milliseconds append_pause{200};
// How long after an error an event or an object may take to show: read at once, then again.
constexpr std::chrono::milliseconds reading_pauses[] = {std::chrono::milliseconds(0),
                                                        std::chrono::milliseconds(1000)};

Problem problem_of(AppendFailure failure) {
    switch (failure) {
        case AppendFailure::queue_full: return Problem::queue_full;
        case AppendFailure::unavailable: return Problem::database_unavailable;
        case AppendFailure::stopping: return Problem::stopping;
    }
    return Problem::internal;
}

std::vector<std::string> locked_by(const Plan& plan) {
    std::vector<std::string> objects;
    for (const auto& step : plan.steps)
        for (auto& object : objects_of(step.path, step.body))
            objects.push_back(std::move(object));
    return objects;
}

}  // namespace

Task<Result> Sagas::carry_out(Saga& saga) {
    if (!saga.entered) {
        auto over = co_await enter(saga);
        if (over) co_return std::move(*over);
    }
    const auto held = co_await locks_.acquire(locked_by(saga.plan));
    Said said;
    said.resumed = saga.resumed;
    const auto age =
        std::chrono::seconds(unix_seconds(now_microseconds()) - saga.plan.requested_at);
    const bool may_repeat = saga.repeatable && age < limits_.keys_live;
    if (may_repeat) co_await converse(desk_, saga.plan, said);
    if (said.outcome.state == ActionState::indeterminate)
        co_await settle(saga, said, may_repeat, age);
    if (saga.dispatched) said.outcome.settled_by = "dispatcher";
    if (said.outcome.state == ActionState::indeterminate) co_return co_await leave(saga.plan, said);
    co_return co_await conclude(saga.plan, said.outcome);
}

/// Puts the request into the log. What comes back is the end of it: it could not be recorded,
/// or it was there before and is over or not ours.
Task<std::optional<Result>> Sagas::enter(Saga& saga) {
    auto& plan = saga.plan;
    crash_point("before_request");
    const auto entered = co_await desk_.append(requested_event(plan));
    crash_point("after_request");
    saga.entered = true;
    if (!entered) co_return Result{refused(plan, problem_of(entered.error()))};
    if (!entered->duplicate) co_return std::nullopt;
    const auto found = std::make_shared<std::optional<RecordedAction>>();
    const bool reached = co_await look_up(plan.id, found);
    if (!reached || !*found) co_return Result{refused(plan, Problem::database_unavailable)};
    auto& recorded = **found;
    if (recorded.plan.fingerprint != plan.fingerprint)
        co_return Result{refused(plan, Problem::idempotency_key_reused)};
    if (recorded.outcome)
        co_return Result{std::move(recorded.outcome->response), recorded.outcome->position, true};
    // Begun and not ended: by a node that crashed, or by one that is at it right now. Stripe
    // knows the key and does it once; the log takes one outcome. The client has sent all of the
    // request, so what the record left out is here.
    auto steps = std::move(plan.steps);
    plan = std::move(recorded.plan);
    if (!recorded.repeatable) plan.steps = std::move(steps);
    saga.resumed = true;
    co_return std::nullopt;
}

Task<bool> Sagas::look_up(const std::string& id,
                          std::shared_ptr<std::optional<RecordedAction>> found) {
    auto question = [id, found, log_id = desk_.log_id()](pg::Connection& db) {
        *found = find_action(db, log_id, id);
    };
    co_return co_await desk_.ask(std::move(question));
}

/// Reads what became of the step that nobody knows about, and decides if there is no doubt.
Task<void> Sagas::settle(Saga& saga, Said& said, bool may_repeat, std::chrono::seconds age) {
    auto& outcome = said.outcome;
    const auto status = outcome.answers.empty() ? 0 : outcome.answers.back().status;
    // An answer that says that nothing was done needs no reading: the key is as good as new.
    if (may_repeat && status >= 300 && status < 500 && !said.gone) co_return;
    const bool patience_ended =
        said.gone || age >= limits_.keys_live ||
        (age >= limits_.settle_within && (!saga.repeatable || said.repeats_itself));
    // A call whose key Stripe answers from memory, or nobody sends any more, is not carried out
    // from now on. So what was read of a list stays read, and one that is too long for an attempt
    // is read by several.
    const bool goes_on = patience_ended && (said.repeats_itself || age >= limits_.keys_live);
    auto findings = co_await read_step(saga, said, goes_on);
    // Where keys may have been forgotten, each step is looked for before it is carried out.
    while (findings.object && !may_repeat && outcome.answers.size() < saga.plan.steps.size())
        findings = co_await read_step(saga, said, goes_on);
    if (outcome.settled_by == "reading") {
        outcome.state = ActionState::indeterminate;
        if (!findings.complete) co_return;
        saga.read.resize(outcome.answers.size());  // those behind are carried out from now on
        co_await converse(desk_, saga.plan, said);
        co_return;
    }
    if (!findings.complete || !patience_ended) co_return;
    // What cannot be looked for may have taken place, even if Stripe keeps to its error.
    if (findings.blind && !said.gone) co_return;
    outcome.state = ActionState::failed;
    outcome.settled_by = "reading";
    outcome.answered_at = now_microseconds();
}

/// Looks for the first step that has no success, where it `goes_on` from where the last attempt
/// ended. If it took place after all, its object becomes its answer.
Task<Findings> Sagas::read_step(Saga& saga, Said& said, bool goes_on) {
    const auto& plan = saga.plan;
    auto& outcome = said.outcome;
    auto index = outcome.answers.size();
    while (index > 0 && outcome.answers[index - 1].status >= 300)
        --index;
    index = std::min(index, plan.steps.size() - 1);
    Findings findings;
    if (goes_on) saga.read.resize(plan.steps.size());
    for (const auto pause : reading_pauses) {
        if (pause.count() > 0) co_await desk_.pause(pause);
        ListsRead read;
        if (goes_on) read = saga.read[index];
        findings = co_await find_executed(desk_, plan, index, std::move(read));
        if (goes_on) saga.read[index] = findings.read;
        if (findings.object || findings.blind || !findings.complete) break;
    }
    if (!findings.object) co_return findings;
    auto& object = *findings.object;
    outcome.answers.resize(index);
    outcome.settled_by = "reading";
    outcome.state = ActionState::succeeded;
    outcome.answered_at = now_microseconds();
    outcome.snapshot_at = snapshot_time({.method = "GET", .path = "/"}, object, now_microseconds());
    outcome.snapshot_until = snapshot_end(object, now_microseconds());
    outcome.answers.push_back({200, object.headers, object.body});
    co_return findings;
}

/// Records the outcome, however long that takes: Stripe has done it already.
Task<Result> Sagas::conclude(const Plan& plan, Outcome& outcome) {
    outcome.response = outcome.answers.empty() ? refused(plan, Problem::never_carried_out)
                                               : answer_of(plan, outcome);
    for (;;) {
        crash_point("before_outcome");
        const auto written = co_await desk_.append(outcome_event(plan, outcome));
        crash_point("after_outcome");
        if (written && !written->duplicate)
            co_return Result{std::move(outcome.response), written->position, false, outcome.state};
        if (written) {
            // Another node was faster: what it wrote is what everybody gets.
            const auto found = std::make_shared<std::optional<RecordedAction>>();
            const bool reached = co_await look_up(plan.id, found);
            if (reached && *found && (*found)->outcome)
                co_return Result{std::move((*found)->outcome->response),
                                 (*found)->outcome->position, false, (*found)->outcome->state};
        }
        if (!written && written.error() == AppendFailure::stopping)
            co_return Result{refused(plan, Problem::stopping)};
        co_await desk_.pause(append_pause);
    }
}

/// Answers without a verdict; the dispatcher goes on with it.
Task<Result> Sagas::leave(const Plan& plan, Said& said) {
    auto& outcome = said.outcome;
    outcome.response = undecided(plan, outcome, said.failure);
    const auto written = co_await desk_.append(outcome_event(plan, outcome));
    co_return Result{std::move(outcome.response), written ? written->position : 0, false,
                     ActionState::indeterminate};
}

}  // namespace daybook::api
