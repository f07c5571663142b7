// Answers to requirements, by Stripe's names, as parameters of an account.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// Tells an account the answers: {"individual.dob.day": "1", "external_account": "000123456789"}.
/// What belongs to the person who represents it may come under individual., representative. or the
/// person's id.
void answer_requirements(const Scope& scope, std::string_view account_id,
                         const json::object& answers);

/// Answers everything that is due with Stripe's test values.
void complete_onboarding(const Scope& scope, std::string_view account_id);

/// Texts of a page's parameter that may come as an array, as one text with commas, or indexed.
std::vector<std::string> list_in(const json::object& params, std::string_view name);

/// A time of a page's parameter, as a number or as text.
Seconds time_in(const json::object& params, std::string_view name, Seconds other);

}  // namespace daybook::sim
