// One attempt from its turn to its outcome, and attempts until there is a verdict.
#include <api/stripe/client.hpp>

#include <api/stripe/gate.hpp>
#include <api/stripe/pool.hpp>
#include <api/stripe/request.hpp>
#include <api/stripe/retry.hpp>
#include <api/stripe/settings.hpp>
#include <ledger/logging.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace daybook::api::stripe {
namespace {

std::optional<Endpoint> proxy_of(const ClientOptions& options) {
    if (options.proxy.empty()) return {};
    try {
        return parse_proxy(options.proxy);
    } catch (const std::invalid_argument& bad) {
        throw std::invalid_argument(fmt::format("the proxy {}", bad.what()));
    }
}

Endpoint base_of(const ClientOptions& options) {
    try {
        return parse_base(options.base);
    } catch (const std::invalid_argument& bad) {
        throw std::invalid_argument(fmt::format("Stripe's base URL {}", bad.what()));
    }
}

RequestFrame frame_of(const ClientOptions& options, const PoolOptions& to) {
    if (!is_header_value(options.secret_key))
        throw std::invalid_argument("Stripe's secret key is not fit for a request");
    RequestFrame frame;
    frame.version = options.version;
    frame.headers = fmt::format("Host: {}\r\nAuthorization: Bearer {}\r\nUser-Agent: {}\r\n",
                                to.base.authority(), options.secret_key, options.user_agent);
    if (!to.proxy || to.base.tls) return frame;
    frame.prefix = "http://" + to.base.authority();
    frame.headers += proxy_authorization(to.proxy->user);
    return frame;
}

Outcome outcome_of(const Result& result) {
    if (!result) {
        switch (result.error()) {
            case Failure::busy: return Outcome::busy;
            case Failure::unreachable: return Outcome::unreachable;
            case Failure::timed_out: return Outcome::timed_out;
            case Failure::cut:
            case Failure::stopping: return Outcome::cut;
        }
    }
    const int status = result->status;
    if (status == 409) return Outcome::conflict;
    if (status == 429) return Outcome::rate_limited;
    if (status / 100 == 2) return Outcome::ok;
    if (status / 100 == 4) return Outcome::refused;
    return status >= 500 ? Outcome::server_error : Outcome::other;
}

}  // namespace

ClientOptions options_of(const StripeSettings& settings) {
    ClientOptions options;
    options.base = settings.base;
    options.secret_key = settings.secret_key;
    options.proxy = settings.proxy;
    options.in_flight_max = settings.in_flight_max;
    options.rate = settings.rate;
    options.burst = std::max(settings.rate / 4, 1U);
    return options;
}

/// Every call under way holds it, so that it outlives the Client and ends with the last of them.
class Client::Impl {
public:
    Impl(boost::asio::io_context& io, ClientOptions options)
        : options_(std::move(options)),
          to_{.base = base_of(options_),
              .proxy = proxy_of(options_),
              .ca_file = options_.ca_file,
              .idle_max = options_.in_flight_max,
              .idle_for = options_.idle_max,
              .connect_max = options_.connect_max},
          frame_(frame_of(options_, to_)),
          gate_(io.get_executor(),
                {.at_once = options_.in_flight_max,
                 .waiting_max = options_.waiting_max,
                 .rate = options_.rate,
                 .burst = options_.burst},
                counters_.in_flight, counters_.waiting),
          pool_(io.get_executor(), to_),
          pauses_(io.get_executor()) {}

    static Task<Result> send(std::shared_ptr<Impl> self, Call call) {
        const auto request = request_of(call, self->frame_);
        auto attempt = co_await self->attempt(call, request, Clock::time_point::max(), false);
        co_return std::move(attempt.result);
    }

    static Task<Result> perform(std::shared_ptr<Impl> self, Call call, Patience patience);

    void stop() {
        stopped_ = true;
        gate_.close();
        pauses_.dismiss_all();
        pool_.close_idle();
    }
    void abort() {
        stop();
        pool_.close_all();
    }

    const Counters& counters() const { return counters_; }

private:
    struct Attempt {
        Result result;
        bool stale = false;  ///< lost on a used connection before it was answered with one byte
    };
    Task<Attempt> attempt(const Call& call, const std::string& request, Clock::time_point end,
                          bool fresh);
    Task<Attempt> exchange(const Call& call, const std::string& request, Clock::time_point end,
                           bool fresh);
    Task<bool> pause(int retry, const Result& result, Clock::time_point end);
    Attempt unreachable(const Pool::Taken& taken);
    void count(const Call& call, const Result& result);

    const ClientOptions options_;
    const PoolOptions to_;
    const RequestFrame frame_;
    Counters counters_;
    Gate gate_;
    Pool pool_;
    Waiting pauses_;
    std::minstd_rand random_{std::random_device()()};
    bool stopped_ = false;
    bool reached_ = true;  ///< the last connection could be opened
};

Client::Impl::Attempt Client::Impl::unreachable(const Pool::Taken& taken) {
    // Said once, not by every call while it lasts.
    if (std::exchange(reached_, false) && !stopped_)
        logging::warn("Stripe cannot be reached", {{"host", to_.base.host_and_port()},
                                                   {"error", taken.error.message()},
                                                   {"detail", taken.complaint}});
    return {.result = std::unexpected(stopped_ ? Failure::stopping : Failure::unreachable)};
}

Task<Client::Impl::Attempt> Client::Impl::exchange(const Call& call, const std::string& request,
                                                   Clock::time_point end, bool fresh) {
    for (;;) {
        auto taken = co_await pool_.take(fresh, end);
        if (!taken.connection) co_return unreachable(taken);
        if (!taken.reused) counters_.connected();
        if (!std::exchange(reached_, true))
            logging::info("Stripe can be reached again", {{"host", to_.base.host_and_port()}});
        const Connection::Limits limits{
            .end = end, .silence = options_.read_max, .body_bytes_max = options_.body_bytes_max};
        auto heard = co_await taken.connection->exchange(request, limits);
        pool_.give_back(taken.connection);
        if (!heard.error) co_return Attempt{.result = std::move(heard.answer)};
        if (heard.sent_nothing && taken.reused) {
            fresh = true;  // the peer had closed it
            continue;
        }
        if (heard.sent_nothing) co_return unreachable(taken);
        const auto failure = heard.timed_out ? Failure::timed_out : Failure::cut;
        logging::warn("a call to Stripe went without an answer",
                      {{"route", route_of(call.method, call.target)},
                       {"outcome", name_of(failure)},
                       {"error", heard.error.message()},
                       {"detail", heard.complaint},
                       {"idempotency_key", call.idempotency_key}});
        co_return Attempt{.result = std::unexpected(failure),
                          .stale = taken.reused && heard.heard_nothing && !heard.timed_out};
    }
}

Task<Client::Impl::Attempt> Client::Impl::attempt(const Call& call, const std::string& request,
                                                  Clock::time_point end, bool fresh) {
    const auto turn_end = std::min(end, Clock::now() + options_.wait_max);
    const auto pass = co_await gate_.enter(turn_end);
    Attempt made;
    if (!pass) {
        made.result = std::unexpected(pass.error());
    } else {
        end = std::min(end, Clock::now() + options_.total_max);
        made = co_await exchange(call, request, end, fresh);
    }
    count(call, made.result);
    co_return made;
}

void Client::Impl::count(const Call& call, const Result& result) {
    if (!result && result.error() == Failure::stopping) return;
    const auto route = route_of(call.method, call.target);
    if (result)
        counters_.answered(route, outcome_of(result),
                           std::chrono::duration<double>(result->took).count());
    else
        counters_.failed(route, outcome_of(result));
}

/// False when there is no time for another attempt, or no wish.
Task<bool> Client::Impl::pause(int retry, const Result& result, Clock::time_point end) {
    std::uniform_real_distribution<double> jitter(0.5, 1.0);
    const auto resume = Clock::now() + pause_before(retry, result, options_.pause_min,
                                                    options_.pause_max, jitter(random_));
    if (stopped_ || resume >= end) co_return false;
    co_await pauses_.until(resume);
    co_return !stopped_;
}

Task<Result> Client::Impl::perform(std::shared_ptr<Impl> self, Call call, Patience patience) {
    const auto request = request_of(call, self->frame_);
    const auto end = Clock::now() + patience.within;
    Result result;
    bool doubtful = false;
    bool stale = false;
    int retries = 0;
    for (int attempts = 1;; ++attempts) {
        auto attempt = co_await self->attempt(call, request, end, stale);
        if (attempts == 1 || !unsent(attempt.result)) {
            result = attempt.result;
            if (result) result->doubtful = doubtful;
        }
        if (result) result->attempts = attempts;
        doubtful = doubtful || leaves_doubt(attempt.result);
        if (!repeatable(call) || !worth_retrying(attempt.result)) break;
        // It met the end of a connection that had rested too long: that is nobody's failure.
        const bool at_once = attempt.stale && !std::exchange(stale, true);
        if (at_once) {
            self->pool_.close_idle();
        } else {
            if (++retries > patience.retries) break;
            const bool again = co_await self->pause(retries, attempt.result, end);
            if (!again) break;
        }
        self->counters_.retried();
    }
    co_return result;
}

Client::Client(boost::asio::io_context& io, ClientOptions options)
    : impl_(std::make_shared<Impl>(io, std::move(options))) {}
Client::~Client() {
    impl_->abort();
}

Task<Result> Client::send(Call call) {
    return Impl::send(impl_, std::move(call));
}
Task<Result> Client::perform(Call call, Patience patience) {
    return Impl::perform(impl_, std::move(call), patience);
}
void Client::stop() {
    impl_->stop();
}
void Client::abort() {
    impl_->abort();
}
const Counters& Client::counters() const {
    return impl_->counters();
}

}  // namespace daybook::api::stripe
