// Calls that touch the same Stripe object go one after the other: no lock timeouts of our making.
#pragma once

#include <api/asio.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace daybook::api {

/// First come, first served per object. Actions thread only.
class ObjectLocks {
public:
    /// Frees what it holds when it goes.
    class Held {
    public:
        Held() = default;
        Held(ObjectLocks* locks, std::vector<std::string> objects)
            : locks_(locks), objects_(std::move(objects)) {}
        Held(Held&& other) noexcept
            : locks_(std::exchange(other.locks_, nullptr)), objects_(std::move(other.objects_)) {}
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (locks_) locks_->release(objects_);
        }

    private:
        ObjectLocks* locks_ = nullptr;
        std::vector<std::string> objects_;
    };

    /// Waits until all of `objects` are free. They are taken in sorted order, so nobody waits for
    /// somebody who waits for him.
    Task<Held> acquire(std::vector<std::string> objects) {
        std::ranges::sort(objects);
        const auto rest = std::ranges::unique(objects);
        objects.erase(rest.begin(), rest.end());
        for (const auto& object : objects) {
            const auto [found, first] = queues_.try_emplace(object);
            if (first) continue;
            Token token;
            auto wait = [&queue = found->second](auto handler) {
                queue.push_back(std::move(handler));
            };
            co_await boost::asio::async_initiate<Token, void()>(wait, token);
        }
        co_return Held(this, std::move(objects));
    }

    /// From now on nobody waits any more: what is held at the end of the thread goes without a
    /// word.
    void close() { closed_ = true; }

private:
    using Waiter = boost::asio::async_result<Token, void()>::handler_type;

    void release(const std::vector<std::string>& objects) {
        if (closed_) return;
        for (const auto& object : objects) {
            const auto found = queues_.find(object);
            if (found == queues_.end()) continue;
            if (found->second.empty()) {
                queues_.erase(found);
                continue;
            }
            auto next = std::move(found->second.front());
            found->second.pop_front();
            boost::asio::post(std::move(next));
        }
    }

    std::map<std::string, std::deque<Waiter>> queues_;  ///< of the objects that are held
    bool closed_ = false;
};

}  // namespace daybook::api
