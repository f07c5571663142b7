// A few threads with a database connection each, for everything that reads.
#pragma once

#include <api/http.hpp>
#include <ledger/pg/connection.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace daybook::api {

struct QueryPoolLimits {
    std::size_t threads = 4;
    std::size_t queue_max = 256;
    std::chrono::seconds statement_timeout{5};
};

/// Connections open when they are first needed, and again, with a growing pause, after they broke.
/// Thread-safe.
class QueryPool {
public:
    /// One question. `ask` may run twice, since a connection that broke while it was idle shows
    /// that only when it is used; so it reads, or writes what may be written twice. It throws
    /// nothing but an Error for which connection_lost() holds. `unreachable` makes the answer when
    /// there is no database.
    struct Job {
        std::function<Response(pg::Connection&)> ask;
        std::function<Response()> unreachable;
        std::function<void(Response)> done;  ///< called once, on a pool thread
        /// Nobody waits for the answer any longer: a job that did not begin before is dropped, and
        /// nothing of it is called. So a queue that got too long works for those who still wait.
        std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
    };

    explicit QueryPool(std::string conninfo, QueryPoolLimits limits = {});
    /// Answers what it has begun and drops what it has not.
    ~QueryPool();
    QueryPool(const QueryPool&) = delete;
    QueryPool& operator=(const QueryPool&) = delete;

    /// False when the queue is full; then nothing of the job is called.
    [[nodiscard]] bool submit(Job job);

    [[nodiscard]] std::size_t queued() const;

private:
    struct Link;
    void run();
    Response answer(const Job& job, Link& link) const;

    const std::string conninfo_;
    const QueryPoolLimits limits_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace daybook::api
