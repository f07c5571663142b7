#include <api/actions/actions.hpp>

#include <api/actions/answers.hpp>
#include <api/actions/crash_point.hpp>
#include <api/actions/desk.hpp>
#include <api/actions/saga.hpp>
#include <ledger/logging.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace daybook::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds dispatch_pause_max{60};
constexpr std::size_t dispatched_at_once = 100;
constexpr std::size_t looked_at_once = 1000;
// Whoever finds no room among them is taken up each time that he is come by: a walk along so many
// takes longer than any pause.
constexpr std::size_t overdue_max = 100'000;

/// An action under way, and who waits for it: the first client began it, the others repeat it.
struct Case {
    Saga saga;
    std::vector<Actions::Done> clients;
};

/// When an action without an outcome is looked after next.
struct Overdue {
    Clock::time_point next;
    std::chrono::seconds pause{1};
    std::uint64_t walk = 0;         ///< the last one that came by it
    std::vector<ListsRead> read{};  ///< for its steps, by the attempts so far
};

/// Where an action stands among those without an outcome, the oldest of which come first.
struct Place {
    std::string requested_at = "-infinity";  ///< as Postgres writes it
    std::string action_id;
};

}  // namespace

class Actions::Impl {
public:
    Impl(ActionServices services, ActionLimits limits)
        : dispatches_(std::move(services.dispatches)),
          limits_(limits),
          desk_(io_, services.appender, services.queries, services.log_id,
                std::move(services.stripe)),
          sagas_(desk_, locks_, limits.saga),
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
            if (found->second->saga.plan.fingerprint == plan.fingerprint)
                found->second->clients.push_back(std::move(done));
            else
                done(refused(plan, Problem::idempotency_key_reused));
            return;
        }
        if (in_flight_.size() >= limits_.actions_max)
            return done(refused(plan, Problem::queue_full));
        const auto begun = std::make_shared<Case>();
        begun->saga.plan = std::move(plan);
        begun->clients.push_back(std::move(done));
        start(begun);
    }

    void start(const std::shared_ptr<Case>& begun) {
        in_flight_.emplace(begun->saga.plan.id, begun);
        count([this](auto& stats) { stats.in_flight = in_flight_.size(); });
        asio::co_spawn(io_.get_executor(), run(begun), report);
    }

    Task<void> run(std::shared_ptr<Case> begun) {
        const auto began = Clock::now();
        auto& [saga, clients] = *begun;
        Result result;
        try {
            result = co_await sagas_.carry_out(saga);
        } catch (const std::exception& error) {
            // The log has the request, or nothing at all; either way nothing is lost.
            logging::error("an action failed", {{"action", saga.plan.id}, {"error", error.what()}});
            result.response = refused(saga.plan, Problem::internal);
        }
        in_flight_.erase(saga.plan.id);
        const auto due = overdue_.find(saga.plan.id);
        if (saga.dispatched && due != overdue_.end()) due->second.read = std::move(saga.read);
        note(result, Clock::now() - began);
        crash_point("before_answer");
        for (std::size_t i = 0; i < clients.size(); ++i)
            clients[i](completed(saga.plan, result.response, result.position,
                                 result.replayed || (i > 0 && result.position > 0)));
    }

    void note(const Result& result, std::chrono::duration<double> took) {
        const std::lock_guard lock(stats_mutex_);
        stats_.in_flight = in_flight_.size();
        stats_.seconds.observe(took.count());
        if (result.replayed) ++stats_.replayed;
        if (result.state == ActionState::succeeded) ++stats_.succeeded;
        if (result.state == ActionState::failed) ++stats_.failed;
        if (result.state == ActionState::indeterminate) ++stats_.indeterminate;
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

    /// Walks along the actions that were requested and have no outcome, oldest first: each round
    /// goes on where the last one ended, so that those which nothing settles hide no other.
    Task<void> take_up_lost() {
        const auto found = std::make_shared<std::vector<Place>>();
        auto question = [found, from = reached_, log_id = desk_.log_id(),
                         after = limits_.dispatch_after](pg::Connection& db) {
            found->clear();
            // State by state and with ties, because that is how the index has them: what is read is
            // no more than a round takes, however many are open.
            const auto rows = db.run(
                "SELECT open.* FROM unnest(ARRAY['requested', 'indeterminate']) AS wanted(state), "
                "LATERAL (SELECT requested_at, action_id FROM app.actions a "
                "WHERE a.log_id = $1 AND a.state = wanted.state "
                "AND requested_at < now() - make_interval(secs => $2) "
                "AND (requested_at, action_id) > ($3::timestamptz, $4) "
                "ORDER BY requested_at FETCH FIRST ($5) ROWS WITH TIES) AS open "
                "ORDER BY requested_at, action_id LIMIT $5",
                pg::Params()
                    .number(log_id)
                    .number(after.count())
                    .text(from.requested_at)
                    .text(from.action_id)
                    .number(looked_at_once));
            for (int row = 0; row < rows.rows(); ++row)
                found->emplace_back(std::string(rows.text(row, 0)), std::string(rows.text(row, 1)));
        };
        const bool answered = co_await desk_.ask(std::move(question));
        if (!answered) co_return;
        for (const auto& place : *found) {
            if (in_flight_.size() >= dispatched_at_once) co_return;
            reached_ = place;
            if (is_due(place.action_id)) co_await take_up(place.action_id);
        }
        if (found->size() < looked_at_once) begin_walk();
    }

    void begin_walk() {
        reached_ = {};
        std::erase_if(overdue_, [this](const auto& one) { return one.second.walk != walk_; });
        ++walk_;
    }

    /// Whether it is to be taken up now; then it is left alone for a while, each time for longer.
    bool is_due(const std::string& id) {
        const bool idle = !in_flight_.contains(id);
        if (overdue_.size() >= overdue_max && !overdue_.contains(id)) return idle;
        auto& due = overdue_[id];
        due.walk = walk_;
        if (!idle || Clock::now() < due.next) return false;
        due.next = Clock::now() + due.pause;
        due.pause = std::min(2 * due.pause, dispatch_pause_max);
        return true;
    }

    Task<void> take_up(const std::string& id) {
        const auto found = std::make_shared<std::optional<RecordedAction>>();
        const bool reached = co_await sagas_.look_up(id, found);
        if (!reached || !*found || (*found)->outcome || in_flight_.contains(id)) co_return;
        const auto begun = std::make_shared<Case>();
        begun->saga = {.plan = std::move((*found)->plan),
                       .entered = true,
                       .repeatable = (*found)->repeatable,
                       .dispatched = true,
                       .resumed = true};
        const auto due = overdue_.find(id);
        if (due != overdue_.end()) begun->saga.read = due->second.read;
        count([](auto& stats) { ++stats.dispatched; });
        logging::info("taking up an action that has no outcome", {{"action", id}});
        start(begun);
    }

    const std::function<bool()> dispatches_;
    const ActionLimits limits_;
    mutable std::mutex stats_mutex_;
    ActionStats stats_;
    // Sagas that are given up die with io_, after which they must still find these.
    ObjectLocks locks_;
    std::unordered_map<std::string, std::shared_ptr<Case>> in_flight_;
    std::unordered_map<std::string, Overdue> overdue_;
    Place reached_;           ///< the last action that this walk came by
    std::uint64_t walk_ = 1;  ///< how many began
    asio::io_context io_{1};
    Desk desk_;
    Sagas sagas_;
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
