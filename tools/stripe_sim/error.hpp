// What the simulator refuses, in Stripe's words and shape.
#pragma once

#include <tools/stripe_sim/json.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace daybook::sim {

/// A refusal on its way to the client. Handlers throw it; the members chain:
/// `throw invalid("No such coupon: 'x'").code("resource_missing").param("coupon");`
class StripeError : public std::exception {
public:
    StripeError(int status, std::string_view type, std::string_view message);

    StripeError& code(std::string_view code) { return with("code", text_or_null(code)); }
    StripeError& param(std::string_view param) { return with("param", text_or_null(param)); }
    StripeError& decline_code(std::string_view code) {
        return with("decline_code", text_or_null(code));
    }
    /// Any further member: charge, payment_intent, payment_method, advice_code, ...
    StripeError& with(std::string_view name, json::value value);
    /// Sets Stripe-Should-Retry.
    StripeError& retry(bool should) {
        should_retry_ = should ? "true" : "false";
        return *this;
    }
    /// The request never began to execute, so its idempotency key stays free.
    StripeError& unexecuted() {
        executed_ = false;
        return *this;
    }

    /// What led to it stays, as Stripe keeps an attempt to pay that was declined.
    StripeError& lasting() {
        lasting_ = true;
        return *this;
    }

    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] bool executed() const { return executed_; }
    [[nodiscard]] bool lasts() const { return lasting_; }
    [[nodiscard]] std::string_view should_retry() const { return should_retry_; }  ///< may be empty
    /// The members of "error", without what depends on the request.
    [[nodiscard]] const json::object& members() const { return members_; }
    /// The whole body for this request.
    [[nodiscard]] json::object body(std::string_view request_id) const;
    [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

private:
    int status_;
    bool executed_ = true;
    bool lasting_ = false;
    std::string_view should_retry_;
    std::string what_;
    json::object members_;
};

/// 400 invalid_request_error.
StripeError invalid(std::string_view message);
/// 400 "Missing required param: amount."
StripeError missing_param(std::string_view param);
/// 404 "No such customer: 'cus_1'"; `type` is the object's name.
StripeError no_such(std::string_view type, std::string_view id, std::string_view param = "id");
/// 402 card_error.
StripeError card_error(std::string_view code, std::string_view message);

}  // namespace daybook::sim
