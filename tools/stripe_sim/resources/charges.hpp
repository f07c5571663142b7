// Charges: one attempt each to take a payment intent's money.
#pragma once

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/scope.hpp>

namespace daybook::sim {

enum class ChargeStatus { succeeded, pending, failed };

/// Makes and stores the charge of an attempt, not captured yet, and makes it the intent's latest.
/// Emits nothing. The intent's payment method is there; an intent of no id is nobody's, and stands
/// for what a request for a mere charge says.
json::object& make_charge(const Scope& scope, json::object& intent, ChargeStatus status);

/// Marks `amount` of it as captured. No money moves before settle_charge().
void capture_charge(const Scope& scope, json::object& charge, std::int64_t amount);

/// Writes the balance transaction of a captured charge, and makes the transfer and the application
/// fee that it entails. Does nothing the second time.
void settle_charge(const Scope& scope, json::object& charge);

/// The same with charge.updated, for what needs the money before its time came.
void settle_now(const Scope& scope, json::object& charge);

/// The same a moment later, with charge.updated: what capture_method=automatic_async means.
void settle_charge_later(const Scope& scope, const json::object& charge);

/// Releases an authorised charge that nobody will capture; emits charge.refunded, or charge.expired
/// when `expired`.
void release_charge(const Scope& scope, json::object& charge, bool expired);

/// Captures a charge that has no intent, by the parameters of POST /v1/charges/{charge}/capture.
json::object& capture_of_itself(Call& call, json::object& charge);

}  // namespace daybook::sim
