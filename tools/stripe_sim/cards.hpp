// Stripe's test cards: what each looks like and how it behaves.
#pragma once

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>

namespace daybook::sim {

/// Whether paying with it asks the buyer to authenticate (3D Secure).
enum class Authentication {
    none,
    required,        ///< a challenge whenever the buyer is there; refused off session
    unless_set_up,   ///< likewise, but not after a set-up for off-session use
    set_up_already,  ///< challenged on session, fine off session
    required_then_declined,
    lookup_fails,
};

/// What follows a successful charge.
enum class Aftermath {
    none,
    fraudulent_dispute,
    not_received_dispute,
    inquiry,
    early_fraud_warning,
    several_disputes,
    refund_pending,  ///< its refunds are pending first
    refund_fails,    ///< its refunds succeed and then fail
};

struct Card {
    std::string_view number;
    std::string_view pm;  ///< pm_card_visa; "" when there is none
    std::string_view brand = "visa";
    std::string_view funding = "credit";
    std::string_view country = "US";
    std::string_view code;          ///< of the refusal: card_declined, expired_card, ...; "" pays
    std::string_view decline_code;  ///< generic_decline, insufficient_funds, ...
    Authentication authentication = Authentication::none;
    Aftermath aftermath = Aftermath::none;
    bool attaches = true;         ///< whether it can be stored with a customer
    bool bypass_pending = false;  ///< funds are available at once
    std::string_view risk_level = "normal";
    bool blocked = false;  ///< by Radar
    std::string_view cvc_check = "pass";
    std::string_view line1_check;  ///< "" where no address was given
    std::string_view postal_check;

    [[nodiscard]] std::string_view last4() const { return number.substr(number.size() - 4); }
    [[nodiscard]] std::string fingerprint() const;
};

/// Null when it is no test card.
const Card* card_by_number(std::string_view number);
const Card* card_by_pm(std::string_view pm);

/// The card behind a payment method or a charge; the plain Visa when it is none of the table's.
const Card& card_of(const json::object& document);

/// The refusal of a card that refuses.
StripeError decline(const Card& card);

/// The payment method of this id. Test ids (pm_card_visa, pm_usBankAccount_success, tok_visa) make
/// a new one each time. Throws Stripe's 404 that names `param`.
const json::object& payment_method(const Scope& scope, std::string_view id,
                                   std::string_view param = "payment_method");

/// Makes and stores a payment method from payment_method_data, or from the parameters of
/// POST /v1/payment_methods, which look the same. Throws for cards that Stripe would not take.
json::object& make_payment_method(const Scope& scope, const json::object& data);

/// The payment method that a confirmation token stands for, made now; the token remembers which
/// intent it was used for. Throws Stripe's 404.
const json::object& method_of_token(const Scope& scope, std::string_view token,
                                    const json::object& intent);

/// What a card shows of itself, from the number and expiry or the token in `given`. Throws for
/// cards that Stripe would not take.
json::object card_details(const Scope& scope, const json::object& given);

/// The payment method as a charge tells of it: what charges and payment methods both declare.
json::object payment_method_details(const Scope& scope, const json::object& payment_method);

/// How a type of payment method takes its course.
enum class Course {
    at_once,   ///< card, link
    redirect,  ///< paypal, klarna, ideal, ...: the buyer approves elsewhere
    delayed,   ///< sepa_debit, us_bank_account, ...: days pass before it is known
};
Course course_of(std::string_view type);

}  // namespace daybook::sim
