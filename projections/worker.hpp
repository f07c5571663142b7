// A thread that works off a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace daybook::projections {

/// Any thread may push. What the work throws ends it, and comes out of `push` and `finish`.
/// Destruction abandons what still waits, `end` included, and joins.
template <class Item>
class Worker {
public:
    /// Calls `work` with each item in the order they came, and `end` after the last.
    Worker(std::size_t waiting_max, std::function<void(const Item&)> work,
           std::function<void()> end = {})
        : waiting_max_(waiting_max),
          work_(std::move(work)),
          end_(std::move(end)),
          thread_([this] { run(); }) {}
    ~Worker() {
        {
            const std::scoped_lock lock(mutex_);
            abandoned_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Waits while the queue is full.
    void push(Item item) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_.size() < waiting_max_ || failure_; });
        if (failure_) std::rethrow_exception(failure_);
        waiting_.push_back(std::move(item));
        changed_.notify_all();
    }
    /// That was the last item.
    void close() {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }
    /// Closes, and waits until all is done.
    void finish() {
        close();
        thread_.join();
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    void run() {
        try {
            while (const auto item = next())
                work_(*item);
            if (end_ && !abandoned()) end_();
        } catch (...) {
            const std::scoped_lock lock(mutex_);
            failure_ = std::current_exception();
            changed_.notify_all();
        }
    }
    /// Nothing at the end.
    std::optional<Item> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty() || closed_ || abandoned_; });
        if (waiting_.empty() || abandoned_) return std::nullopt;
        std::optional<Item> item(std::move(waiting_.front()));
        waiting_.pop_front();
        changed_.notify_all();
        return item;
    }
    bool abandoned() {
        const std::scoped_lock lock(mutex_);
        return abandoned_;
    }

    const std::size_t waiting_max_;
    const std::function<void(const Item&)> work_;
    const std::function<void()> end_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> waiting_;
    bool closed_ = false;
    bool abandoned_ = false;
    std::exception_ptr failure_;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace daybook::projections
