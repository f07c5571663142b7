#include <api/actions/desk.hpp>

#include <ledger/logging.hpp>

#include <utility>

namespace daybook::api {

namespace asio = boost::asio;

Desk::Desk(asio::io_context& io, Appender& appender, QueryPool& queries, std::int32_t log_id,
           stripe::ClientOptions options)
    : io_(io),
      appender_(appender),
      queries_(queries),
      log_id_(log_id),
      stripe_(io, std::move(options)),
      mailbox_(std::make_shared<Mailbox<Letter>>(io, [this](auto& letters) {
          for (auto& [ticket, letter] : letters) {
              const auto found = waiting_.find(ticket);
              if (found == waiting_.end()) continue;
              auto waiter = std::move(found->second);
              waiting_.erase(found);
              std::move(waiter)(std::move(letter));
          }
      })) {}

Desk::~Desk() {
    mailbox_->close();
}

Task<Desk::Letter> Desk::answer_to(const std::function<void(std::uint64_t)>& send) {
    const auto ticket = ++last_ticket_;
    auto wait = [this, ticket, &send](auto handler) {
        waiting_.emplace(ticket, std::move(handler));
        send(ticket);
    };
    Token token;
    co_return co_await asio::async_initiate<Token, void(Letter)>(wait, token);
}

Task<AppendOutcome> Desk::append(NewEvent event) {
    const std::function<void(std::uint64_t)> send = [this, &event](std::uint64_t ticket) {
        appender_.submit(std::move(event), [mailbox = mailbox_, ticket](AppendOutcome outcome) {
            mailbox->put(ticket, outcome);
        });
    };
    const auto letter = co_await answer_to(send);
    co_return std::get<AppendOutcome>(letter);
}

Task<bool> Desk::ask(std::function<void(pg::Connection&)> question) {
    const std::function<void(std::uint64_t)> send = [this, &question](std::uint64_t ticket) {
        QueryPool::Job job;
        job.ask = [question = std::move(question)](pg::Connection& db) {
            Response found;
            try {
                question(db);
            } catch (const pg::Error& error) {
                if (error.connection_lost()) throw;
                logging::error("an action's look-up failed", {{"error", error.what()}});
                found.status = 500;
            } catch (const std::exception& error) {
                logging::error("an action cannot be read", {{"error", error.what()}});
                found.status = 500;
            }
            return found;
        };
        job.unreachable = [] { return Response{.status = 503}; };
        job.done = [mailbox = mailbox_, ticket](const Response& found) {
            mailbox->put(ticket, found.status == 200);
        };
        if (!queries_.submit(std::move(job))) mailbox_->put(ticket, false);
    };
    const auto letter = co_await answer_to(send);
    co_return std::get<bool>(letter);
}

Task<void> Desk::pause(std::chrono::milliseconds time) {
    Timer timer(io_, time);
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(Token(), error));
}

}  // namespace daybook::api
