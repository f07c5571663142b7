// One look-up for all that wait for it.
#include <api/stripe/addresses.hpp>

#include <boost/asio/ip/address.hpp>

namespace daybook::api::stripe {
namespace {

// Stripe moves its addresses with short notice; a look-up for each connection is too many.
constexpr std::chrono::seconds fresh_for{30};

}  // namespace

Addresses::Addresses(Executor executor, const std::string& host, std::uint16_t port)
    : host_(host), service_(std::to_string(port)), resolver_(executor), waiting_(executor) {
    boost::system::error_code not_literal;
    const auto address = boost::asio::ip::make_address(host, not_literal);
    literal_ = !not_literal;
    if (literal_) found_.emplace_back(address, port);
}

Task<Addresses::Endpoints> Addresses::get(Clock::time_point deadline) {
    if (literal_ || Clock::now() < fresh_until_) co_return found_;
    look_up();
    co_await waiting_.until(deadline);
    if (looking_up_ && found_.empty()) error_ = boost::asio::error::timed_out;
    co_return found_;  // those of before, if there are no newer ones
}

void Addresses::look_up() {
    if (looking_up_) return;
    looking_up_ = true;
    resolver_.async_resolve(
        host_, service_,
        [weak = weak_from_this()](const boost::system::error_code& error, const auto& results) {
            const auto self = weak.lock();
            if (!self) return;
            self->looking_up_ = false;
            self->error_ = error;
            if (!error) {
                self->found_.assign(results.begin(), results.end());
                self->fresh_until_ = Clock::now() + fresh_for;
            }
            self->waiting_.dismiss_all();
        });
}

}  // namespace daybook::api::stripe
