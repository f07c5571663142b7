#include <projections/feed.hpp>

#include <ledger/log.hpp>
#include <projections/stripe/codec.hpp>

#include <algorithm>

namespace daybook::projections {
namespace {
/// Enough for projectors that are a batch apart; a longer memory would only hold dead events.
constexpr std::size_t recent_max = 3;
}  // namespace

Feed::Feed(FeedOptions options) : options_(std::move(options)) {}

void Feed::advance(std::int64_t head) {
    const std::scoped_lock lock(mutex_);
    if (head <= head_) return;
    head_ = head;
    changed_.notify_all();
}

std::int64_t Feed::head() const {
    const std::scoped_lock lock(mutex_);
    return head_;
}

void Feed::interrupt() {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
}

std::shared_ptr<const Batch> Feed::next(std::int64_t after,
                                        std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    while (!interrupted_) {
        for (const auto& batch : recent_)
            if (batch->after <= after && after < batch->upto) return batch;
        if (head_ <= after) {
            if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
                recent_.clear();  // a quiet log: nobody is behind, and nobody will ask for these
                return nullptr;
            }
        } else if (reading_) {
            changed_.wait(lock);
        } else {
            reading_ = true;
            const auto upto = std::min(head_, after + options_.batch_events_max);
            lock.unlock();
            std::shared_ptr<const Batch> batch;
            std::exception_ptr failure;
            try {
                batch = read(after, upto);
            } catch (...) {
                failure = std::current_exception();
                db_.reset();
            }
            lock.lock();
            reading_ = false;
            changed_.notify_all();
            if (failure) std::rethrow_exception(failure);
            recent_.push_back(batch);
            if (recent_.size() > recent_max) recent_.pop_front();
            return batch;
        }
    }
    return nullptr;
}

std::shared_ptr<const Batch> Feed::read(std::int64_t after, std::int64_t upto) {
    if (!db_) db_.emplace(options_.conninfo);
    auto batch = std::make_shared<Batch>();
    batch->after = after;
    batch->upto = upto;
    thread_local stripe::Codec codec;
    scan(*db_, options_.log_id, {after, upto, options_.livemode, options_.types},
         [&](const LogRow& row) { codec.read(row, batch->arena, batch->events.emplace_back()); });
    return batch;
}

}  // namespace daybook::projections
