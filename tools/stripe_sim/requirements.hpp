// What Stripe wants to know of an account, by country and kind of business, and what is missing.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// By Stripe's names: "individual.dob.day", "external_account".
struct Needs {
    std::vector<std::string> missing;     ///< never given
    std::vector<std::string> unverified;  ///< documents, for what did not match
    std::vector<std::string> eventually;  ///< not due yet
    std::vector<std::string> pending;     ///< given, being looked at
    json::array errors;                   ///< {code, reason, requirement}
};

/// `owner` is the account's own scope, where its persons and external accounts are.
Needs needs_of(const Scope& owner, const json::object& account);

/// What is missing of a person who represents the account, without a prefix.
std::vector<std::string> person_needs(const json::object& account, const json::object& person);

/// The person who represents the account; null when there is none yet.
const json::object* representative_of(const Scope& owner);

/// Looks at what was just told about a person, with Stripe's test values: a date of birth of 1902
/// or an id number of 111111111 need a document, a date of birth of 1900 stays under review.
void verify_person(json::object& person, const json::object& params);

/// What makes a requirement good in a test; "" when any text does.
std::string_view test_value(std::string_view requirement);

}  // namespace daybook::sim
