// What a saga works with: the log, the query threads, Stripe, and a clock, as things to await.
#pragma once

#include <api/asio.hpp>
#include <api/mailbox.hpp>
#include <api/query_pool.hpp>
#include <api/stripe/client.hpp>
#include <ledger/appender.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/redirect_error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <variant>

namespace daybook::api {

/// Actions thread only, but for what it hands to other threads, which answer through a mailbox.
class Desk {
public:
    Desk(boost::asio::io_context& io, Appender& appender, QueryPool& queries, std::int32_t log_id,
         stripe::ClientOptions options);
    ~Desk();
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    /// Puts an event into the log, durably.
    Task<AppendOutcome> append(NewEvent event);

    /// Asks the database on a query thread. `question` may run twice and only reads; what it finds
    /// it keeps in what it shares with the caller. False when there was no answer.
    Task<bool> ask(std::function<void(pg::Connection&)> question);

    Task<void> pause(std::chrono::milliseconds time);

    stripe::Client& stripe() { return stripe_; }
    [[nodiscard]] const stripe::Client& stripe() const { return stripe_; }
    [[nodiscard]] std::int32_t log_id() const { return log_id_; }

private:
    using Letter = std::variant<bool, AppendOutcome>;
    using Waiter = boost::asio::async_result<Token, void(Letter)>::handler_type;

    Task<Letter> answer_to(const std::function<void(std::uint64_t ticket)>& send);

    boost::asio::io_context& io_;
    Appender& appender_;
    QueryPool& queries_;
    const std::int32_t log_id_;
    stripe::Client stripe_;
    std::shared_ptr<Mailbox<Letter>> mailbox_;
    std::unordered_map<std::uint64_t, Waiter> waiting_;
    std::uint64_t last_ticket_ = 0;
};

}  // namespace daybook::api
