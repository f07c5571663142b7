#include <ledger/appender.hpp>

#include <ledger/append_batch.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <ranges>
#include <thread>
#include <unordered_map>
#include <utility>

namespace daybook {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto reconnect_after_min = 20ms;
constexpr auto reconnect_after_max = 1000ms;
constexpr auto outage_grace = 500ms;  ///< shorter outages are not shown to callers
constexpr auto idle_check = 1s;
constexpr std::size_t send_now_bytes_max = 8'192;  ///< what any socket takes without a wait
constexpr std::size_t quiet_events_max = 2;

struct Item {
    NewEvent event;
    Appender::Done done;
    Clock::time_point since;
};

}  // namespace

class Appender::Impl {
public:
    Impl(std::string conninfo, std::int32_t log_id, AppenderLimits limits)
        : conninfo_(std::move(conninfo)), log_id_(log_id), limits_(limits) {
        thread_ = std::thread([this] { run(); });
    }

    ~Impl() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void submit(NewEvent event, Done done) {
        std::unique_lock lock(mutex_);
        const auto bytes = event.payload.size();
        if (const auto refused = refusal(bytes)) {
            lock.unlock();
            done(std::unexpected(*refused));
            return;
        }
        Item item{std::move(event), std::move(done), Clock::now()};
        if (idle_ && quiet_ && bytes <= send_now_bytes_max) {
            send_now(std::move(item));
            lock.unlock();
            wake_.notify_one();
            return;
        }
        queued_bytes_ += bytes;
        queue_.push_back(std::move(item));
        if (std::exchange(idle_, false)) wake_.notify_one();
    }

    AppenderStats stats() const {
        AppenderStats now;
        now.events = events_;
        now.duplicates = duplicates_;
        now.commits = commits_;
        now.reconnects = reconnects_;
        now.head = head_;
        now.connected = connected_;
        const std::scoped_lock lock(mutex_);
        now.queued = queue_.size();
        return now;
    }

    std::function<void(std::int64_t)> on_commit;

private:
    /// Why nothing more can be taken now. Under the mutex.
    std::optional<AppendFailure> refusal(std::size_t bytes) const {
        if (stopping_) return AppendFailure::stopping;
        if (!connected_ && Clock::now() - down_since_ > outage_grace)
            return AppendFailure::unavailable;
        if (queue_.size() >= limits_.queue_events_max ||
            queued_bytes_ + bytes > limits_.queue_bytes_max)
            return AppendFailure::queue_full;
        return std::nullopt;
    }

    /// Begins a group in the place of the thread, which sleeps: Postgres is at it while it wakes
    /// up. Under the mutex, which lends what is the thread's own as long as it is idle.
    void send_now(Item item) {
        idle_ = false;
        Group group;
        group.items.push_back(std::move(item));
        groups_.push_back(encoded(std::move(group)));
        try {
            send(groups_.back());
        } catch (const pg::Error&) {
            // The thread meets the same when it waits for the answer.
        }
    }

    /// What was taken from the queue to be committed together.
    struct Group {
        enum class Step {
            send,    ///< nobody has seen it yet
            await,   ///< sent on its connection; the answer is to come
            settle,  ///< some of it may be in the log already
            singly   ///< refused as a whole: one bad event must not take its neighbours down
        };
        Step step = Step::send;
        std::size_t connection = 0;
        std::vector<Item> items;
        std::vector<const NewEvent*> events;  ///< each id once
        std::vector<std::size_t> places;      ///< of each item among the events
        AppendConnection::Statement append;
    };

    void run() {
        auto back_off = Clock::duration(reconnect_after_min);
        for (;;) {
            if (!connections_[0]) {
                if (connect()) {
                    back_off = reconnect_after_min;
                } else {
                    if (!pause(back_off)) return;
                    back_off = std::min<Clock::duration>(back_off * 2, reconnect_after_max);
                    continue;
                }
            }
            if (groups_.empty() && !start_group()) return;
            if (groups_.empty()) continue;
            try {
                advance();
            } catch (const pg::Error& error) {
                if (error.connection_lost())
                    disconnected(error);
                else
                    refused(error);
            }
        }
    }

    /// Waits for a group: what has gathered, or what another thread has sent. False: stopping, and
    /// everything is answered.
    bool start_group() {
        Group group;
        if (!take(group.items)) return false;
        if (!group.items.empty()) groups_.push_back(encoded(std::move(group)));
        return true;
    }

    /// The same id twice in one group: the first is appended, the others are its duplicates.
    Group encoded(Group group) const {
        std::unordered_map<std::string_view, std::size_t> seen;
        for (const auto& item : group.items) {
            const auto [place, fresh] = seen.try_emplace(item.event.event_id, group.events.size());
            if (fresh) group.events.push_back(&item.event);
            group.places.push_back(place->second);
        }
        group.append = AppendConnection::encoded(log_id_, group.events);
        return group;
    }

    /// Brings the oldest group a step on.
    void advance() {
        switch (auto& group = groups_.front(); group.step) {
            case Group::Step::send: send(group); break;
            case Group::Step::await: await(); break;
            case Group::Step::settle:
                answer_oldest(connections_[group.connection]->settle(group.events));
                break;
            case Group::Step::singly: append_singly(); break;
        }
    }

    void send(Group& group) {
        group.step = Group::Step::await;
        connections_[group.connection]->send(group.append);
    }

    /// While Postgres works on the oldest group, a second one follows on the other connection if
    /// it is full already: it is received and taken apart there, and waits for the head lock. A
    /// smaller one had better gather.
    void await() {
        if (Group next; groups_.size() == 1 && take_full(next.items)) {
            next.connection = 1 - groups_.front().connection;
            groups_.push_back(encoded(std::move(next)));
            send(groups_.back());
        }
        auto& group = groups_.front();
        if (const auto head = connections_[group.connection]->appended())
            answer_oldest(numbered(*head, group.events.size()));
        else
            group.step = Group::Step::settle;
    }

    static AppendConnection::Committed numbered(std::int64_t head, std::size_t count) {
        AppendConnection::Committed committed;
        committed.head = head;
        for (std::size_t i = 0; i < count; ++i)
            committed.outcomes.push_back({head - static_cast<std::int64_t>(count - i) + 1, false});
        return committed;
    }

    void answer_oldest(const AppendConnection::Committed& committed) {
        const Group group = std::move(groups_.front());
        groups_.pop_front();
        answer(group, committed);
    }

    void answer(const Group& group, const AppendConnection::Committed& committed) {
        ++commits_;
        quiet_ = group.items.size() <= quiet_events_max;
        head_ = std::max<std::int64_t>(head_, committed.head);
        std::vector<bool> answered(group.events.size(), false);
        for (std::size_t i = 0; i < group.items.size(); ++i) {
            auto outcome = committed.outcomes[group.places[i]];
            outcome.duplicate = outcome.duplicate || answered[group.places[i]];
            answered[group.places[i]] = true;
            ++(outcome.duplicate ? duplicates_ : events_);
            group.items[i].done(outcome);
        }
        if (on_commit) on_commit(head_);
    }

    bool connect() {
        try {
            for (auto& connection : connections_)
                connection.emplace(conninfo_, log_id_, limits_.prepared_statements);
        } catch (const pg::Error& error) {
            spdlog::warn("the log is out of reach: {}", error.what());
            connections_ = {};
            return false;
        }
        const std::scoped_lock lock(mutex_);
        connected_ = true;
        return true;
    }

    void disconnected(const pg::Error& error) {
        spdlog::warn("lost the connection to the log, looking again: {}", error.what());
        connections_ = {};
        ++reconnects_;
        for (auto& group : groups_) {
            if (group.step == Group::Step::await) group.step = Group::Step::settle;
            group.connection = 0;
        }
        const std::scoped_lock lock(mutex_);
        connected_ = false;
        down_since_ = Clock::now();
    }

    /// Waits before the next try to connect; answers what has waited too long. False: stop now.
    bool pause(Clock::duration limit) {
        std::unique_lock lock(mutex_);
        const bool stop = wake_.wait_for(lock, limit, [this] { return stopping_; });
        const auto oldest = stop ? Clock::time_point::max() : Clock::now() - limits_.wait_max;
        std::vector<Item> expired;
        while (!groups_.empty() && groups_.front().items.front().since < oldest) {
            std::ranges::move(groups_.front().items, std::back_inserter(expired));
            groups_.pop_front();
        }
        while (!queue_.empty() && queue_.front().since < oldest)
            expired.push_back(pop());
        lock.unlock();
        for (auto& item : expired)
            item.done(std::unexpected(stop ? AppendFailure::stopping : AppendFailure::unavailable));
        return !stop;
    }

    Item pop() {
        Item item = std::move(queue_.front());
        queue_.pop_front();
        queued_bytes_ -= item.event.payload.size();
        return item;
    }

    /// Fills the batch with what has gathered; nothing when another thread has begun a group.
    /// False: stopping, and everything is answered.
    bool take(std::vector<Item>& batch) {
        std::unique_lock lock(mutex_);
        idle_ = queue_.empty() && !stopping_;
        const bool over = wake_.wait_for(lock, idle_check, [this] { return stopping_ || !idle_; });
        idle_ = false;
        if (!groups_.empty()) return true;
        if (!over) {
            const bool alive = connections_[0]->alive();
            lock.unlock();
            if (!alive) disconnected(pg::Error("", "the server hung up"));
            return true;
        }
        if (queue_.empty()) return !stopping_;
        fill(batch);
        return true;
    }

    bool take_full(std::vector<Item>& batch) {
        const std::scoped_lock lock(mutex_);
        if (queue_.size() < limits_.batch_events_max && queued_bytes_ < limits_.batch_bytes_max)
            return false;
        fill(batch);
        return true;
    }

    void fill(std::vector<Item>& batch) {
        std::size_t bytes = 0;
        while (!queue_.empty() && batch.size() < limits_.batch_events_max &&
               bytes < limits_.batch_bytes_max) {
            bytes += queue_.front().event.payload.size();
            batch.push_back(pop());
        }
    }

    /// The server is there and said no (a full disk, a lock that timed out).
    void refused(const pg::Error& error) {
        spdlog::error("append of {} events refused ({}): {}", groups_.front().items.size(),
                      error.sqlstate(), error.what());
        groups_.front().step = Group::Step::singly;
    }

    /// What is refused again is answered as unavailable.
    void append_singly() {
        auto items = std::move(groups_.front().items);
        const auto connection = groups_.front().connection;
        groups_.pop_front();
        for (auto& item : items) {
            Group alone;
            alone.items.push_back(std::move(item));
            alone = encoded(std::move(alone));
            try {
                if (connections_[connection] || connect()) {
                    answer(alone, connections_[connection]->settle(alone.events));
                    continue;
                }
            } catch (const pg::Error& again) {
                if (again.connection_lost()) disconnected(again);
            }
            alone.items.front().done(std::unexpected(AppendFailure::unavailable));
        }
    }

    const std::string conninfo_;
    const std::int32_t log_id_;
    const AppenderLimits limits_;
    // The thread's own, but while it is idle of whoever has the mutex: the groups without an
    // outcome yet, two at most, and what they go over. Both connections are there, or none.
    std::deque<Group> groups_;
    std::array<std::optional<AppendConnection>, 2> connections_;
    bool quiet_ = true;  ///< the last group was small: waiting would gather nothing

    mutable std::mutex mutex_;  // guards the following
    std::condition_variable wake_;
    std::deque<Item> queue_;
    std::size_t queued_bytes_ = 0;
    bool stopping_ = false;
    bool idle_ = false;  ///< the thread sleeps, connected, with nothing under way
    Clock::time_point down_since_ = Clock::now();

    std::atomic<bool> connected_ = false;
    std::atomic<std::uint64_t> events_ = 0, duplicates_ = 0, commits_ = 0, reconnects_ = 0;
    std::atomic<std::int64_t> head_ = 0;
    std::thread thread_;
};

Appender::Appender(std::string conninfo, std::int32_t log_id, AppenderLimits limits)
    : impl_(std::make_unique<Impl>(std::move(conninfo), log_id, limits)) {}
Appender::~Appender() = default;

void Appender::submit(NewEvent event, Done done) {
    impl_->submit(std::move(event), std::move(done));
}
void Appender::on_commit(std::function<void(std::int64_t)> callback) {
    impl_->on_commit = std::move(callback);
}
AppenderStats Appender::stats() const {
    return impl_->stats();
}

}  // namespace daybook
