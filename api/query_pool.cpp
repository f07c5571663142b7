// Query threads, their connections, and what happens when those break.
#include <api/query_pool.hpp>

#include <ledger/logging.hpp>

#include <algorithm>

namespace daybook::api {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds pause_first{100};
constexpr std::chrono::milliseconds pause_max{2000};

}  // namespace

/// A thread's connection, or when to try for one again.
struct QueryPool::Link {
    std::optional<pg::Connection> db;
    Clock::time_point retry_at;
    std::chrono::milliseconds pause = pause_first;

    void broke() {
        db.reset();
        retry_at = Clock::now() + pause;
        pause = std::min(2 * pause, pause_max);
    }
};

QueryPool::QueryPool(std::string conninfo, QueryPoolLimits limits)
    : conninfo_(std::move(conninfo)), limits_(limits) {
    for (std::size_t i = 0; i < limits_.threads; ++i)
        threads_.emplace_back([this] { run(); });
}

QueryPool::~QueryPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        jobs_.clear();
    }
    filled_.notify_all();
    for (auto& thread : threads_)
        thread.join();
}

bool QueryPool::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || jobs_.size() >= limits_.queue_max) return false;
        jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
    return true;
}

std::size_t QueryPool::queued() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
}

void QueryPool::run() {
    Link link;
    for (;;) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            filled_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        if (Clock::now() < job.until) job.done(answer(job, link));
    }
}

Response QueryPool::answer(const Job& job, Link& link) const {
    const bool had_connection = link.db.has_value();
    for (int attempt = had_connection ? 0 : 1; attempt < 2; ++attempt) {
        if (!link.db && Clock::now() < link.retry_at) break;
        try {
            if (!link.db) link.db.emplace(conninfo_, limits_.statement_timeout);
            auto response = job.ask(*link.db);
            link.pause = pause_first;
            return response;
        } catch (const pg::Error& error) {
            logging::warn("query connection lost", {{"error", error.what()}});
            // A connection that was opened long ago may have died since: try a new one at once.
            const bool was_old = attempt == 0;
            link.broke();
            if (was_old) link.retry_at = {};
        }
    }
    return job.unreachable();
}

}  // namespace daybook::api
