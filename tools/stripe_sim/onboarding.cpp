// From the names of requirements to nested, typed parameters.
#include <tools/stripe_sim/onboarding.hpp>

#include <tools/stripe_sim/requirements.hpp>
#include <tools/stripe_sim/resources/accounts.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <charconv>

namespace daybook::sim {
namespace {

constexpr int rounds_max = 5;

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

json::value bank_account(const json::object& account, std::string_view number) {
    return {{"object", "bank_account"},
            {"country", account.at("country")},
            {"currency", account.at("default_currency")},
            {"routing_number", "110000000"},
            {"account_number", json::string(number)}};
}

/// The path of the parameter that answers a requirement.
std::string path_of(std::string_view requirement) {
    std::string path(requirement);
    if (path.starts_with("person_") || path.starts_with("representative."))
        path = fmt::format("individual{}", requirement.substr(requirement.find('.')));
    if (path.ends_with("verification.document")) path += ".front";
    return path;
}

json::value value_of(const json::object& account, std::string_view requirement,
                     std::string_view answer) {
    if (requirement == "external_account") return bank_account(account, answer);
    if (requirement.contains(".dob.") || requirement.ends_with(".date")) return number_of(answer);
    if (requirement.ends_with("_provided")) return answer == "true";
    return json::string(answer);
}

std::string test_answer(const Scope& scope, std::string_view requirement) {
    if (requirement == "tos_acceptance.date") return std::to_string(scope.now());
    const auto value = test_value(requirement);
    return std::string(value.empty() ? "test" : value);
}

}  // namespace

void answer_requirements(const Scope& scope, std::string_view account_id,
                         const json::object& answers) {
    const auto& account = scope.on("").get("account", account_id, "account");
    json::object params;
    for (const auto& [requirement, answer] : answers)
        if (answer.is_string() && !answer.get_string().empty())
            set(params, path_of(requirement)) = value_of(account, requirement, answer.get_string());
    tell_account(scope, account_id, params);
}

void complete_onboarding(const Scope& scope, std::string_view account_id) {
    const auto& account = scope.on("").get("account", account_id, "account");
    // The kind of business decides what else is wanted, hence the rounds.
    for (int round = 0; round < rounds_max; ++round) {
        json::object answers;
        for (const auto& field : array(account, "requirements.eventually_due"))
            answers[field.as_string()] = test_answer(scope, field.as_string());
        if (answers.empty()) return;
        answer_requirements(scope, account_id, answers);
    }
}

std::vector<std::string> list_in(const json::object& params, std::string_view name) {
    std::vector<std::string> all;
    const auto add = [&all](std::string_view one) {
        if (!one.empty()) all.emplace_back(one);
    };
    const auto* given = at(params, name);
    if (!given) return all;
    if (const auto* items = given->if_array())
        for (const auto& item : *items)
            if (item.is_string()) add(item.get_string());
    if (const auto* indexed = given->if_object())
        for (const auto& [index, item] : *indexed)
            if (item.is_string()) add(item.get_string());
    if (!given->is_string()) return all;
    std::string_view rest(given->get_string());
    for (auto comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',')) {
        add(rest.substr(0, comma));
        rest.remove_prefix(comma + 1);
    }
    add(rest);
    return all;
}

Seconds time_in(const json::object& params, std::string_view name, Seconds other) {
    const auto* given = at(params, name);
    if (!given) return other;
    return given->is_string() ? number_of(given->get_string()) : integer(params, name, other);
}

}  // namespace daybook::sim
