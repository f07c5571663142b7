#include <projections/feed.hpp>

#include <ledger/log.hpp>
#include <projections/stripe/codec.hpp>

#include <algorithm>

namespace daybook::projections {
namespace {
/// Enough for projectors that are a few batches apart; a longer memory would only hold dead events.
constexpr std::int64_t remembered_positions_max = 3'000;
constexpr std::chrono::milliseconds quiet_after{900};
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

void Feed::forget() {
    const std::scoped_lock lock(mutex_);
    recent_.clear();
}

void Feed::interrupt() {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
}

Batches Feed::next(std::int64_t after, Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    while (!interrupted_) {
        const auto upto = known_upto();
        const bool new_ones = head_ > std::max(after, upto);
        if (knows(after)) {
            const bool room = upto - after < options_.batch_positions_max;
            if (new_ones && room && !reading_) remember(read_unlocked(lock, upto));
            if (knows(after)) return known(after);
        } else if (head_ <= after) {
            if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
                // A quiet log: nobody is behind, and nobody will ask for these.
                if (Clock::now() - remembered_at_ > quiet_after) recent_.clear();
                return {};
            }
        } else if (reading_) {
            changed_.wait(lock);
        } else {
            // Who is far behind reads for itself; who is in front for all.
            auto batch = read_unlocked(lock, after);
            if (after >= known_upto()) remember(batch);
            return {std::move(batch)};
        }
    }
    return {};
}

std::int64_t Feed::known_upto() const {
    return recent_.empty() ? 0 : recent_.back()->upto;
}

bool Feed::knows(std::int64_t after) const {
    return !recent_.empty() && recent_.front()->after <= after && after < recent_.back()->upto;
}

Batches Feed::known(std::int64_t after) const {
    Batches batches;
    for (const auto& batch : recent_) {
        if (batch->upto <= after) continue;
        if (!batches.empty() && batch->upto - after > options_.batch_positions_max) break;
        batches.push_back(batch);
    }
    return batches;
}

void Feed::remember(const std::shared_ptr<const Batch>& batch) {
    if (batch->after != known_upto()) recent_.clear();
    recent_.push_back(batch);
    remembered_at_ = Clock::now();
    while (recent_.back()->upto - recent_.front()->upto >= remembered_positions_max)
        recent_.pop_front();
}

std::shared_ptr<const Batch> Feed::read_unlocked(std::unique_lock<std::mutex>& lock,
                                                 std::int64_t after) {
    reading_ = true;
    const auto upto = std::min(head_, after + options_.batch_positions_max);
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
    if (batch && batch->upto < upto) {  // a failover took back what we had heard of
        head_ = batch->upto;
        recent_.clear();
    }
    changed_.notify_all();
    if (failure) std::rethrow_exception(failure);
    return batch;
}

std::shared_ptr<const Batch> Feed::read(std::int64_t after, std::int64_t upto) {
    if (!db_) db_.emplace(options_.conninfo);
    // What is not there may yet be given to other events, which must not pass for read.
    upto = std::min(upto, std::max(after, head_position(*db_, options_.log_id)));
    auto batch = std::make_shared<Batch>();
    batch->after = after;
    batch->upto = upto;
    thread_local stripe::Codec codec;
    scan(*db_, options_.log_id, {after, upto, options_.livemode, options_.types},
         [&](const LogRow& row) { codec.read(row, batch->arena, batch->events); });
    return batch;
}

}  // namespace daybook::projections
