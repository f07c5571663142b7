#include <ledger/appender.hpp>

#include <ledger/append_batch.hpp>

#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace daybook {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto reconnect_after_min = 20ms;
constexpr auto reconnect_after_max = 1000ms;
constexpr auto outage_grace = 500ms;  ///< shorter outages are not shown to callers
constexpr auto idle_check = 1s;

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
        queued_bytes_ += bytes;
        queue_.push_back({std::move(event), std::move(done), Clock::now()});
        if (queue_.size() == 1) wake_.notify_one();
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

    void run() {
        auto back_off = Clock::duration(reconnect_after_min);
        std::vector<Item> batch;  // taken from the queue, without an outcome yet
        bool unsettled = false;   // an earlier try of this batch may have been committed
        for (;;) {
            if (!connection_) {
                if (connect()) {
                    back_off = reconnect_after_min;
                } else {
                    if (!pause(back_off, batch)) return;
                    back_off = std::min<Clock::duration>(back_off * 2, reconnect_after_max);
                    continue;
                }
            }
            if (batch.empty()) {
                unsettled = false;
                if (!take(batch)) return;
                if (batch.empty()) continue;
            }
            try {
                commit(batch, std::exchange(unsettled, true));
            } catch (const pg::Error& error) {
                if (error.connection_lost())
                    disconnected(error);
                else
                    refused(batch, error);
            }
        }
    }

    bool connect() {
        try {
            connection_.emplace(conninfo_, log_id_, limits_.prepared_statements);
        } catch (const pg::Error& error) {
            spdlog::warn("the log is out of reach: {}", error.what());
            return false;
        }
        const std::scoped_lock lock(mutex_);
        connected_ = true;
        return true;
    }

    void disconnected(const pg::Error& error) {
        spdlog::warn("lost the connection to the log, looking again: {}", error.what());
        connection_.reset();
        ++reconnects_;
        const std::scoped_lock lock(mutex_);
        connected_ = false;
        down_since_ = Clock::now();
    }

    /// Waits before the next try to connect; answers what has waited too long. False: stop now.
    bool pause(Clock::duration limit, std::vector<Item>& batch) {
        std::unique_lock lock(mutex_);
        const bool stop = wake_.wait_for(lock, limit, [this] { return stopping_; });
        const auto oldest = stop ? Clock::time_point::max() : Clock::now() - limits_.wait_max;
        std::vector<Item> expired;
        if (!batch.empty() && batch.front().since < oldest) expired.swap(batch);
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

    /// Fills the batch with what has gathered. False: stopping, and everything is answered.
    bool take(std::vector<Item>& batch) {
        std::unique_lock lock(mutex_);
        if (!wake_.wait_for(lock, idle_check, [this] { return stopping_ || !queue_.empty(); })) {
            lock.unlock();
            if (!connection_->alive()) disconnected(pg::Error("", "the server hung up"));
            return true;
        }
        if (queue_.empty()) return false;
        std::size_t bytes = 0;
        while (!queue_.empty() && batch.size() < limits_.batch_events_max &&
               bytes < limits_.batch_bytes_max) {
            bytes += queue_.front().event.payload.size();
            batch.push_back(pop());
        }
        return true;
    }

    void commit(std::vector<Item>& batch, bool unsettled) {
        // The same id twice in one batch: the first is appended, the others are its duplicates.
        std::vector<const NewEvent*> events;
        std::vector<std::size_t> places;
        std::map<std::string_view, std::size_t> seen;
        for (const auto& item : batch) {
            const auto [place, fresh] = seen.try_emplace(item.event.event_id, events.size());
            if (fresh) events.push_back(&item.event);
            places.push_back(place->second);
        }
        const auto committed =
            unsettled ? connection_->settle(events) : connection_->append(events);
        ++commits_;
        head_ = std::max<std::int64_t>(head_, committed.head);
        std::vector<bool> answered(events.size(), false);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto outcome = committed.outcomes[places[i]];
            outcome.duplicate = outcome.duplicate || answered[places[i]];
            answered[places[i]] = true;
            ++(outcome.duplicate ? duplicates_ : events_);
            batch[i].done(outcome);
        }
        batch.clear();
        if (on_commit) on_commit(head_);
    }

    /// The server is there and said no (a full disk, a lock that timed out). One bad event must
    /// not take its neighbours down, so they go one by one; what is refused again is answered.
    void refused(std::vector<Item>& batch, const pg::Error& error) {
        spdlog::error("append of {} events refused ({}): {}", batch.size(), error.sqlstate(),
                      error.what());
        for (auto& item : std::exchange(batch, {})) {
            std::vector<Item> alone;
            alone.push_back(std::move(item));
            try {
                if (connection_ || connect()) commit(alone, true);
            } catch (const pg::Error& again) {
                if (again.connection_lost()) disconnected(again);
            }
            for (auto& lost : alone)
                lost.done(std::unexpected(AppendFailure::unavailable));
        }
    }

    const std::string conninfo_;
    const std::int32_t log_id_;
    const AppenderLimits limits_;
    std::optional<AppendConnection> connection_;  // the thread's own

    mutable std::mutex mutex_;  // guards the following
    std::condition_variable wake_;
    std::deque<Item> queue_;
    std::size_t queued_bytes_ = 0;
    bool stopping_ = false;
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
