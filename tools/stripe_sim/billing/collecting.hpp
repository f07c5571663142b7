// Getting invoices paid: their payment intents, attempts, retries, and what comes of them.
#pragma once

#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/routes.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace daybook::sim {

/// How long a draft waits for changes before it is finalized by itself.
constexpr Seconds draft_lasts = hour;

/// Makes the payment intent of an open invoice, and the invoice payment that ties them.
json::object& open_payment(const Scope& scope, const json::object& invoice);

/// A payment intent that has succeeded pays the open invoice, as far as it goes. What it brought
/// beyond is the customer's credit.
void take_payment(const Scope& scope, const json::object& invoice, std::string_view intent,
                  bool is_default = true);

/// Cancels the open payments of an invoice.
void abandon_payment(const Scope& scope, const json::object& invoice, std::string_view reason);

/// The payment intent that the invoice awaits or was paid by; null when there is none.
json::object* intent_of(const Scope& scope, const json::object& invoice);

/// The invoice that a payment intent is for; null when it is for none.
const json::object* invoice_of(const Scope& scope, const json::object& intent);

/// With what an invoice would be paid: its own payment method, its subscription's, its customer's;
/// "" when there is none.
std::string payment_method_for(const Scope& scope, const json::object& invoice);

/// Whether paying with this method without the buyer would be refused, and why.
std::optional<StripeError> foreseen_refusal(const Scope& scope, std::string_view method);

/// Tries to pay an open invoice, with the given method or payment_method_for(). Returns the
/// refusal; also where the buyer must act first.
std::optional<StripeError> collect(const Scope& scope, json::object& invoice,
                                   std::string_view method = "");

/// Whether the last of the scheduled attempts has failed.
bool given_up(const json::object& invoice);

/// What is due follows the invoice's amount_remaining after a credit note or a part payment.
void adjust_payment(const Scope& scope, const json::object& invoice);

/// Finalizes the draft by itself later, and collects.
void advance_later(const Scope& scope, json::object& invoice);

/// Watches payment intents, and registers the tasks of invoices.
void add_collecting(Routes& on);

}  // namespace daybook::sim
