// Declines, refusals, limits and failures of Stripe as problems, with no more than may be told.
#include <api/marketplace/stripe_problem.hpp>

#include <api/marketplace/json_reader.hpp>
#include <api/problem.hpp>
#include <ledger/json_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace daybook::api {
namespace {

constexpr std::string_view generic = "Your card was declined. Please use another payment method.";

struct Text {
    std::string_view code;  ///< a code or a decline code
    std::string_view said;
};

// Everything else gets the generic text: above all lost_card, stolen_card, pickup_card, fraudulent,
// merchant_blacklist and what Stripe may add, since the wrong person may be reading it.
constexpr Text texts[] = {
    {"insufficient_funds", "Your card has insufficient funds. Please use another payment method."},
    {"withdrawal_count_limit_exceeded",
     "Your card has reached its limit. Please use another payment method."},
    {"card_velocity_exceeded",
     "Your card has reached its limit. Please use another payment method."},
    {"expired_card", "Your card has expired. Please use another card."},
    {"incorrect_cvc", "The security code of your card is incorrect. Please check it."},
    {"invalid_cvc", "The security code of your card is incorrect. Please check it."},
    {"incorrect_number", "The number of your card is incorrect. Please check it."},
    {"invalid_number", "The number of your card is incorrect. Please check it."},
    {"incorrect_zip", "The postal code does not belong to your card. Please check it."},
    {"invalid_expiry_month", "The expiry date of your card is incorrect. Please check it."},
    {"invalid_expiry_year", "The expiry date of your card is incorrect. Please check it."},
    {"currency_not_supported",
     "Your card does not support this currency. Please use another card."},
    {"card_not_supported",
     "Your card does not support this kind of purchase. Please use another card."},
    {"authentication_required",
     "Your bank asks you to confirm this payment. Please try again and follow its steps."},
    {"payment_intent_authentication_failure",
     "Your bank could not confirm that it is you. Please try again or use another payment "
     "method."},
    {"processing_error", "The payment could not be processed. Please try again in a moment."},
    {"try_again_later", "The payment could not be processed. Please try again in a moment."},
    {"issuer_not_available", "Your bank cannot be reached. Please try again in a moment."},
    {"approve_with_id", "The payment could not be processed. Please try again in a moment."},
};

std::string_view text_of(std::string_view code) {
    const auto* found = std::ranges::find(texts, code, &Text::code);
    return found == std::end(texts) ? std::string_view() : found->said;
}

Problem problem_of(int status, std::string_view type) {
    if (status == 402 || type == "card_error") return Problem::payment_declined;
    if (status == 404) return Problem::stripe_not_found;
    if (status == 409) return Problem::stripe_conflict;
    if (status == 429) return Problem::stripe_busy;
    // 401 and 403 are about this service's own key: not the client's fault, nor its business.
    if (status >= 500 || status < 400 || status == 401 || status == 403)
        return Problem::stripe_failed;
    return Problem::stripe_refused;
}

JsonObject decline_members(const JsonReader& error) {
    const auto code = error.text("/code");
    const auto decline_code = error.text("/decline_code");
    auto intent = error.text("/payment_intent/id");
    if (intent.empty()) intent = error.text("/payment_intent");
    JsonObject members;
    members.text_or_null("code", code).text_or_null("decline_code", decline_code);
    members.text("customer_message", customer_message(code, decline_code));
    return members.text_or_null("payment_intent_id", intent);
}

}  // namespace

std::string_view customer_message(std::string_view code, std::string_view decline_code) {
    const auto by_reason = text_of(decline_code);
    if (!by_reason.empty()) return by_reason;
    // A code of its own counts only without a reason: card_declined says nothing, and the reason
    // may be one that is not to be told.
    const auto by_code = decline_code.empty() ? text_of(code) : std::string_view();
    return by_code.empty() ? generic : by_code;
}

Response stripe_problem(const Plan& plan, const StripeAnswer& answer) {
    const JsonReader body(answer.body);
    const auto error = body.inner("/error");
    const auto problem = problem_of(answer.status, error.text("/type"));
    JsonObject members;
    const auto order_id = JsonReader(plan.decisions).text("/order_id");
    if (!order_id.empty()) members.text("order_id", order_id);

    if (problem == Problem::stripe_failed)
        return problem_response(problem, plan.requester.request_id,
                                answer.status == 401 || answer.status == 403
                                    ? "Stripe does not accept this service's key for it"
                                    : fmt::format("Stripe answered {}", answer.status),
                                members);
    JsonObject stripe;
    for (const char* name : {"type", "code", "message", "param"})
        stripe.text_or_null(name, error.text(std::string("/") + name));
    if (problem == Problem::payment_declined && error.text("/type") == "card_error")
        members.members(decline_members(error));
    members.raw("stripe", stripe.str());
    return problem_response(problem, plan.requester.request_id, error.text("/message"), members);
}

}  // namespace daybook::api
