#include <api/actions/actions.hpp>

#include <api/actions/answers.hpp>
#include <api/actions/collections.hpp>
#include <api/actions/conversation.hpp>
#include <api/actions/crash_point.hpp>
#include <api/actions/desk.hpp>
#include <api/actions/object_locks.hpp>
#include <api/actions/reading.hpp>
#include <api/actions/record.hpp>
#include <api/time.hpp>
#include <ledger/invariant.hpp>
#include <ledger/logging.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace daybook::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds append_pause{200};
// How long after an error an event or an object may take to show: read at once, then again.
constexpr std::chrono::milliseconds reading_pauses[] = {std::chrono::milliseconds(0),
                                                        std::chrono::milliseconds(1000)};
constexpr std::chrono::seconds dispatch_pause_max{60};
constexpr std::size_t dispatched_at_once = 100;

/// One action under way on this node.
struct Saga {
    Plan plan;
    std::vector<Actions::Done> clients;  ///< the first began it, the others repeat it
    bool entered = false;                ///< `requested` is in the log
    bool repeatable = true;              ///< the plan has everything that the client sent
    bool dispatched = false;             ///< nobody waits for it: its driver was lost
};

/// What a saga came to.
struct Result {
    Response response;
    std::int64_t position = 0;
    bool replayed = false;
};

/// When an action without an outcome is looked after next.
struct Overdue {
    Clock::time_point next;
    std::chrono::seconds pause{1};
};

Problem problem_of(AppendFailure failure) {
    switch (failure) {
        case AppendFailure::queue_full: return Problem::queue_full;
        case AppendFailure::unavailable: return Problem::database_unavailable;
        case AppendFailure::stopping: return Problem::stopping;
    }
    return Problem::internal;
}

}  // namespace

class Actions::Impl {
public:
    Impl(ActionServices services, ActionLimits limits)
        : dispatches_(std::move(services.dispatches)),
          limits_(limits),
          desk_(io_, services.appender, services.queries, services.log_id,
                std::move(services.stripe)),
          work_(asio::make_work_guard(io_)) {
        asio::co_spawn(io_.get_executor(), dispatch(), report);
        thread_ = std::thread([this] { io_.run(); });
    }

    ~Impl() {
        asio::post(io_, [this] {
            desk_.stripe().abort();
            io_.stop();
        });
        thread_.join();
        locks_.close();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void submit(Plan plan, Done done) {
        asio::post(io_, [this, plan = std::move(plan), done = std::move(done)]() mutable {
            begin(std::move(plan), std::move(done));
        });
    }

    void pass(stripe::Call call, Done done) {
        asio::post(io_, [this, call = std::move(call), done = std::move(done)]() mutable {
            asio::co_spawn(io_.get_executor(), read(std::move(call), std::move(done)), report);
        });
    }

    [[nodiscard]] ActionStats stats() const {
        const std::lock_guard lock(stats_mutex_);
        return stats_;
    }
    [[nodiscard]] const stripe::Counters& stripe_counters() const {
        return desk_.stripe().counters();
    }

private:
    template <class Change>
    void count(const Change& change) {
        const std::lock_guard lock(stats_mutex_);
        change(stats_);
    }

    static void report(const std::exception_ptr& failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            logging::error("the actions thread failed", {{"error", error.what()}});
        }
    }

    // --- beginning and ending --------------------------------------------------------------------
    void begin(Plan plan, Done done) {
        const auto found = in_flight_.find(plan.id);
        if (found != in_flight_.end()) {
            if (found->second->plan.fingerprint == plan.fingerprint)
                found->second->clients.push_back(std::move(done));
            else
                done(refused(plan, Problem::idempotency_key_reused));
            return;
        }
        if (in_flight_.size() >= limits_.actions_max)
            return done(refused(plan, Problem::queue_full));
        const auto saga = std::make_shared<Saga>();
        saga->plan = std::move(plan);
        saga->clients.push_back(std::move(done));
        start(saga);
    }

    void start(const std::shared_ptr<Saga>& saga) {
        in_flight_.emplace(saga->plan.id, saga);
        count([this](auto& stats) { stats.in_flight = in_flight_.size(); });
        asio::co_spawn(io_.get_executor(), run(saga), report);
    }

    Task<void> run(std::shared_ptr<Saga> saga) {
        const auto began = Clock::now();
        Result result;
        try {
            result = co_await carry_out(*saga);
        } catch (const std::exception& error) {
            // The log has the request, or nothing at all; either way nothing is lost.
            logging::error("an action failed",
                           {{"action", saga->plan.id}, {"error", error.what()}});
            result.response = refused(saga->plan, Problem::internal);
        }
        in_flight_.erase(saga->plan.id);
        const std::chrono::duration<double> took = Clock::now() - began;
        count([&](auto& stats) {
            stats.in_flight = in_flight_.size();
            if (result.replayed) ++stats.replayed;
            stats.seconds.observe(took.count());
        });
        crash_point("before_answer");
        for (std::size_t i = 0; i < saga->clients.size(); ++i)
            saga->clients[i](completed(saga->plan, result.response, result.position,
                                       result.replayed || (i > 0 && result.position > 0)));
    }

    // --- the saga --------------------------------------------------------------------------------
    Task<Result> carry_out(Saga& saga) {
        if (!saga.entered) {
            auto over = co_await enter(saga);
            if (over) co_return std::move(*over);
        }
        const auto held = co_await locks_.acquire(locked_by(saga.plan));
        Said said;
        const auto age =
            std::chrono::seconds(unix_seconds(now_microseconds()) - saga.plan.requested_at);
        const bool may_repeat = saga.repeatable && age < limits_.keys_live;
        if (may_repeat) co_await converse(desk_, saga.plan, said);
        if (said.outcome.state == ActionState::indeterminate)
            co_await settle(saga, said, may_repeat, age);
        if (saga.dispatched) said.outcome.settled_by = "dispatcher";
        if (said.outcome.state == ActionState::indeterminate)
            co_return co_await leave(saga.plan, said);
        co_return co_await conclude(saga.plan, said.outcome);
    }

    static std::vector<std::string> locked_by(const Plan& plan) {
        std::vector<std::string> objects;
        for (const auto& step : plan.steps)
            for (auto& object : objects_of(step.path, step.body))
                objects.push_back(std::move(object));
        return objects;
    }

    /// Puts the request into the log. What comes back is the end of it: it could not be recorded,
    /// or it was there before and is over or not ours.
    Task<std::optional<Result>> enter(Saga& saga) {
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
            co_return Result{std::move(recorded.outcome->response), recorded.outcome->position,
                             true};
        // Begun and not ended: by a node that crashed, or by one that is at it right now. Stripe
        // knows the key and does it once; the log takes one outcome. The client has sent all of the
        // request, so what the record left out is here.
        auto steps = std::move(plan.steps);
        plan = std::move(recorded.plan);
        if (!recorded.repeatable) plan.steps = std::move(steps);
        co_return std::nullopt;
    }

    Task<bool> look_up(const std::string& id,
                       std::shared_ptr<std::optional<RecordedAction>> found) {
        auto question = [id, found, log_id = desk_.log_id()](pg::Connection& db) {
            *found = find_action(db, log_id, id);
        };
        co_return co_await desk_.ask(std::move(question));
    }

    /// Reads what became of the step that nobody knows about, and decides if there is no doubt.
    Task<void> settle(const Saga& saga, Said& said, bool may_repeat, std::chrono::seconds age) {
        auto& outcome = said.outcome;
        const auto status = outcome.answers.empty() ? 0 : outcome.answers.back().status;
        // An answer that says that nothing was done needs no reading: the key is as good as new.
        if (may_repeat && status >= 300 && status < 500) co_return;
        auto findings = co_await read_step(saga.plan, said);
        // Where keys may have been forgotten, each step is looked for before it is carried out.
        while (findings.object && !may_repeat && outcome.answers.size() < saga.plan.steps.size())
            findings = co_await read_step(saga.plan, said);
        if (outcome.settled_by == "reading") {
            outcome.state = ActionState::indeterminate;
            if (findings.complete) co_await converse(desk_, saga.plan, said);
            co_return;
        }
        const bool patience_ended =
            !may_repeat || (said.repeats_itself && age >= limits_.settle_within);
        if (!findings.complete || !patience_ended) co_return;
        outcome.state = ActionState::failed;
        outcome.settled_by = "reading";
        outcome.answered_at = unix_seconds(now_microseconds());
    }

    /// Looks for the first step that has no success. If it took place after all, its object becomes
    /// its answer.
    Task<Findings> read_step(const Plan& plan, Said& said) {
        auto& outcome = said.outcome;
        auto index = outcome.answers.size();
        while (index > 0 && outcome.answers[index - 1].status >= 300)
            --index;
        index = std::min(index, plan.steps.size() - 1);
        Findings findings;
        for (const auto pause : reading_pauses) {
            if (pause.count() > 0) co_await desk_.pause(pause);
            findings = co_await find_executed(desk_, plan, index);
            if (findings.object || !findings.complete) break;
        }
        if (!findings.object) co_return findings;
        auto& object = *findings.object;
        outcome.answers.resize(index);
        outcome.settled_by = "reading";
        outcome.state = ActionState::succeeded;
        outcome.answered_at = unix_seconds(now_microseconds());
        outcome.snapshot_at =
            snapshot_time({.method = "GET", .path = "/"}, object, now_microseconds());
        outcome.answers.push_back({200, object.headers, object.body});
        co_return findings;
    }

    /// Records the outcome, however long that takes: Stripe has done it already.
    Task<Result> conclude(const Plan& plan, Outcome& outcome) {
        outcome.response = outcome.answers.empty() ? refused(plan, Problem::never_carried_out)
                                                   : answer_of(plan, outcome);
        const bool good = outcome.state == ActionState::succeeded;
        count([good](auto& stats) { ++(good ? stats.succeeded : stats.failed); });
        for (;;) {
            crash_point("before_outcome");
            const auto written = co_await desk_.append(outcome_event(plan, outcome));
            crash_point("after_outcome");
            if (written && !written->duplicate)
                co_return Result{std::move(outcome.response), written->position};
            if (written) {
                // Another node was faster: what it wrote is what everybody gets.
                const auto found = std::make_shared<std::optional<RecordedAction>>();
                const bool reached = co_await look_up(plan.id, found);
                if (reached && *found && (*found)->outcome)
                    co_return Result{std::move((*found)->outcome->response),
                                     (*found)->outcome->position};
            }
            if (!written && written.error() == AppendFailure::stopping)
                co_return Result{refused(plan, Problem::stopping)};
            co_await desk_.pause(append_pause);
        }
    }

    /// Answers without a verdict; the dispatcher goes on with it.
    Task<Result> leave(const Plan& plan, Said& said) {
        count([](auto& stats) { ++stats.indeterminate; });
        auto& outcome = said.outcome;
        outcome.response = undecided(plan, outcome, said.failure);
        const auto written = co_await desk_.append(outcome_event(plan, outcome));
        co_return Result{std::move(outcome.response), written ? written->position : 0};
    }

    // --- reads -----------------------------------------------------------------------------------
    Task<void> read(stripe::Call call, Done done) {
        auto answer = co_await desk_.stripe().perform(std::move(call));
        if (answer)
            done(passed_on({answer->status, std::move(answer->headers), std::move(answer->body)}));
        else if (answer.error() == stripe::Failure::busy)
            done(stripe_error(503, "api_error", "", "Too many calls to Stripe are waiting."));
        else
            done(stripe_error(answer.error() == stripe::Failure::timed_out ? 504 : 502, "api_error",
                              "", "Stripe did not answer."));
    }

    // --- the dispatcher --------------------------------------------------------------------------
    Task<void> dispatch() {
        for (;;) {
            co_await desk_.pause(limits_.dispatch_every);
            if (!dispatches_ || !dispatches_()) continue;
            try {
                co_await take_up_lost();
            } catch (const std::exception& error) {
                logging::error("the dispatcher failed", {{"error", error.what()}});
            }
        }
    }

    /// Actions that were requested and have no outcome, oldest first.
    Task<void> take_up_lost() {
        const auto ids = std::make_shared<std::vector<std::string>>();  // oldest first
        auto question = [ids, after = limits_.dispatch_after](pg::Connection& db) {
            ids->clear();
            const auto rows = db.run(
                "SELECT action_id FROM app.actions WHERE state IN ('requested', 'indeterminate') "
                "AND requested_at < now() - make_interval(secs => $1) "
                "ORDER BY requested_at LIMIT 1000",
                pg::Params().number(after.count()));
            for (int row = 0; row < rows.rows(); ++row)
                ids->emplace_back(rows.text(row, 0));
        };
        const bool reached = co_await desk_.ask(std::move(question));
        if (!reached) co_return;
        const std::unordered_set<std::string_view> open(ids->begin(), ids->end());
        std::erase_if(overdue_, [&open](const auto& one) { return !open.contains(one.first); });
        for (const auto& id : *ids) {
            if (in_flight_.contains(id) || in_flight_.size() >= dispatched_at_once) continue;
            auto& due = overdue_[id];
            if (Clock::now() < due.next) continue;
            due.next = Clock::now() + due.pause;
            due.pause = std::min(2 * due.pause, dispatch_pause_max);
            co_await take_up(id);
        }
    }

    Task<void> take_up(const std::string& id) {
        const auto found = std::make_shared<std::optional<RecordedAction>>();
        const bool reached = co_await look_up(id, found);
        if (!reached || !*found || (*found)->outcome || in_flight_.contains(id)) co_return;
        const auto saga = std::make_shared<Saga>();
        saga->plan = std::move((*found)->plan);
        saga->entered = true;
        saga->repeatable = (*found)->repeatable;
        saga->dispatched = true;
        count([](auto& stats) { ++stats.dispatched; });
        logging::info("taking up an action that has no outcome", {{"action", id}});
        start(saga);
    }

    const std::function<bool()> dispatches_;
    const ActionLimits limits_;
    mutable std::mutex stats_mutex_;
    ActionStats stats_;
    // Sagas that are given up die with io_, after which they must still find these.
    ObjectLocks locks_;
    std::unordered_map<std::string, std::shared_ptr<Saga>> in_flight_;
    std::unordered_map<std::string, Overdue> overdue_;
    asio::io_context io_{1};
    Desk desk_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

Actions::Actions(ActionServices services, ActionLimits limits)
    : impl_(std::make_unique<Impl>(std::move(services), limits)) {}
Actions::~Actions() = default;

void Actions::submit(Plan plan, Done done) {
    impl_->submit(std::move(plan), std::move(done));
}
void Actions::pass(stripe::Call call, Done done) {
    impl_->pass(std::move(call), std::move(done));
}
ActionStats Actions::stats() const {
    return impl_->stats();
}
const stripe::Counters& Actions::stripe_counters() const {
    return impl_->stripe_counters();
}

}  // namespace daybook::api
