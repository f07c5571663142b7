// How other threads hand their results to the I/O thread: one wake-up for a whole burst.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace daybook::api {

/// `put` may be called from any thread and also after the I/O thread is gone: then nothing happens.
/// A group commit settles hundreds of webhooks at once, so they travel together.
template <class Mail>
class Mailbox {
public:
    using Items = std::vector<std::pair<std::uint64_t, Mail>>;

    Mailbox(boost::asio::io_context& io, std::function<void(Items&)> deliver)
        : io_(&io), deliver_(std::move(deliver)) {}

    void put(std::uint64_t ticket, Mail mail) {
        const std::lock_guard lock(mutex_);
        if (!io_) return;
        items_.emplace_back(ticket, std::move(mail));
        if (items_.size() == 1) boost::asio::post(*io_, [this] { empty(); });
    }

    /// After this nothing is delivered any more. Call it while the io_context still exists.
    void close() {
        const std::lock_guard lock(mutex_);
        io_ = nullptr;
    }

private:
    void empty() {
        {
            const std::lock_guard lock(mutex_);
            items_.swap(delivered_);
        }
        deliver_(delivered_);
        delivered_.clear();
    }

    std::mutex mutex_;
    boost::asio::io_context* io_;
    std::function<void(Items&)> deliver_;
    Items items_;
    Items delivered_;  ///< I/O thread only; kept for its memory
};

}  // namespace daybook::api
