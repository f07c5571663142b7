// Payment methods from card numbers, from other details, and from Stripe's test ids.
#include <tools/stripe_sim/cards.hpp>

#include <tools/stripe_sim/call.hpp>
#include <tools/stripe_sim/error.hpp>
#include <tools/stripe_sim/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace daybook::sim {
namespace {

constexpr std::int64_t token_exp_month = 12;
constexpr std::int64_t token_years_valid = 3;

std::int64_t year_of(Seconds time) {
    const std::chrono::sys_days at{std::chrono::days(time / day)};
    return static_cast<int>(std::chrono::year_month_day(at).year());
}

std::int64_t month_of(Seconds time) {
    const std::chrono::sys_days at{std::chrono::days(time / day)};
    return static_cast<unsigned>(std::chrono::year_month_day(at).month());
}

bool passes_luhn(std::string_view number) {
    int sum = 0;
    bool twice = false;
    for (auto i = number.size(); i-- > 0; twice = !twice) {
        if (number[i] < '0' || number[i] > '9') return false;
        const int digit = (number[i] - '0') * (twice ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return number.size() >= 12 && number.size() <= 19 && sum % 10 == 0;
}

json::object shown_card(const Card& card, std::int64_t month, std::int64_t year) {
    const json::object checks{{"address_line1_check", text_or_null(card.line1_check)},
                              {"address_postal_code_check", text_or_null(card.postal_check)},
                              {"cvc_check", card.cvc_check}};
    return {{"brand", card.brand},
            {"checks", checks},
            {"country", card.country},
            {"display_brand", card.brand},
            {"exp_month", month},
            {"exp_year", year},
            {"fingerprint", card.fingerprint()},
            {"funding", card.funding},
            {"last4", card.last4()},
            {"networks", {{"available", {card.brand}}, {"preferred", nullptr}}},
            {"regulated_status", "unregulated"},
            {"three_d_secure_usage", {{"supported", true}}}};
}

/// A number that older parameters declare as text; 0 when it is none.
std::int64_t number_in(const json::object& given, std::string_view name) {
    const auto digits = text(given, name);
    if (digits.empty()) return integer(given, name);
    std::int64_t number = 0;
    const auto* end = digits.data() + digits.size();
    return std::from_chars(digits.data(), end, number).ptr == end ? number : 0;
}

json::object bank_account(const json::object& given) {
    const auto number = text(given, "account_number");
    return {{"account_holder_type", "individual"},
            {"account_type", "checking"},
            {"bank_name", "STRIPE TEST BANK"},
            {"fingerprint", fmt::format("Ba{}", number)},
            {"last4",
             json::string(number.substr(number.size() - std::min<std::size_t>(number.size(), 4)))},
            {"routing_number", text_or_null(text(given, "routing_number"))}};
}

json::object sepa_debit(const json::object& given) {
    const auto iban = text(given, "iban");
    return {
        {"country", json::string(iban.substr(0, 2))},
        {"fingerprint", fmt::format("Se{}", iban)},
        {"last4", json::string(iban.substr(iban.size() - std::min<std::size_t>(iban.size(), 4)))}};
}

json::object details_of(const Scope& scope, std::string_view type, const json::object& given) {
    if (type == "card") return card_details(scope, given);
    if (type == "us_bank_account") return bank_account(given);
    if (type == "sepa_debit") return sepa_debit(given);
    return given;
}

/// A card that was stored as a source is a payment method of the same id, made when it is needed.
const json::object& method_of_source(const Scope& scope, const json::object& card) {
    auto method = scope.begin("payment_method", "");
    method["id"] = card.at("id");
    method["type"] = "card";
    method["allow_redisplay"] = "unspecified";
    method["customer"] = text_or_null(text(card, "customer"));
    scope.fill(method, "card",
               shown_card(card_of({{"card", card}}), integer(card, "exp_month"),
                          integer(card, "exp_year")));
    scope.fill(method, "billing_details",
               {{"address", json::object()}, {"name", text_or_null(text(card, "name"))}});
    return scope.put(std::move(method));
}

/// pm_usBankAccount_success and its kin; what follows the underscore is how it goes.
json::object test_bank_account(std::string_view id) {
    const auto outcome = id.substr(id.rfind('_') + 1);
    return {{"account_number", outcome == "success" ? "000123456789" : json::string(outcome)},
            {"routing_number", "110000000"}};
}

}  // namespace

/// Numbers that are no test card but are well-formed behave like the
/// plain Visa, where Stripe would refuse a real number.
json::object card_details(const Scope& scope, const json::object& given) {
    if (const auto token = text(given, "token"); !token.empty()) {
        if (const auto* stored = scope.find("token", token))
            return shown_card(card_of(*stored), integer(*stored, "card.exp_month"),
                              integer(*stored, "card.exp_year"));
        const auto* card = card_by_pm(fmt::format("pm_card_{}", token.substr(token.find('_') + 1)));
        if (!card) throw no_such("token", token, "card[token]");
        return shown_card(*card, token_exp_month, year_of(scope.now()) + token_years_valid);
    }
    const auto number = text(given, "number");
    if (!passes_luhn(number))
        throw card_error("incorrect_number", "Your card number is incorrect.").param("number");
    auto year = number_in(given, "exp_year");
    if (year < 100) year += 2000;
    const auto month = number_in(given, "exp_month");
    if (month < 1 || month > 12)
        throw card_error("invalid_expiry_month", "Your card's expiration month is invalid.")
            .param("exp_month");
    const auto this_year = year_of(scope.now());
    if (year < this_year || (year == this_year && month < month_of(scope.now())))
        throw card_error("invalid_expiry_year", "Your card's expiration year is invalid.")
            .param("exp_year");
    if (const auto* card = card_by_number(number)) return shown_card(*card, month, year);
    Card unknown;
    unknown.number = number;
    return shown_card(unknown, month, year);
}

json::object& make_payment_method(const Scope& scope, const json::object& data) {
    const std::string type(text(data, "type"));
    if (type.empty()) throw missing_param("type");
    auto made = scope.begin("payment_method", "pm_");
    made["type"] = type;
    if (type == "card" && object(data, type).empty()) throw missing_param("card");
    scope.fill(made, type, details_of(scope, type, object(data, type)));
    scope.fill(made, "billing_details", object(data, "billing_details"));
    if (made["billing_details"].as_object()["address"].is_null())
        set(made, "billing_details.address") = json::object();
    scope.fill(made, "billing_details", json::value(made["billing_details"]));
    made["allow_redisplay"] =
        has(data, "allow_redisplay") ? *at(data, "allow_redisplay") : "unspecified";
    Call::merge_metadata(made, data);
    return scope.put(std::move(made));
}

const json::object& payment_method(const Scope& scope, std::string_view id,
                                   std::string_view param) {
    if (const auto* found = scope.find("payment_method", id)) return *found;
    if (const auto* card = scope.find("card", id); card && !has(*card, "account"))
        return method_of_source(scope, *card);
    if (scope.find("token", id))
        return make_payment_method(scope,
                                   {{"type", "card"}, {"card", {{"token", json::string(id)}}}});
    const auto name =
        id.starts_with("tok_") ? fmt::format("pm_card_{}", id.substr(4)) : std::string(id);
    if (card_by_pm(name)) {
        const auto token = fmt::format("tok_{}", name.substr(8));
        return make_payment_method(scope, {{"type", "card"}, {"card", {{"token", token}}}});
    }
    if (id.starts_with("pm_usBankAccount"))
        return make_payment_method(
            scope, {{"type", "us_bank_account"}, {"us_bank_account", test_bank_account(id)}});
    throw no_such("PaymentMethod", id, param);
}

const json::object& method_of_token(const Scope& scope, std::string_view token,
                                    const json::object& intent) {
    auto& used = scope.edit("confirmation_token", token, "confirmation_token");
    used[text(intent, "object")] = intent.at("id");
    auto method = scope.begin("payment_method", "pm_");
    for (const auto& [name, value] : object(used, "payment_method_preview"))
        method[name] = value;
    return scope.put(std::move(method));
}

json::object payment_method_details(const Scope& scope, const json::object& payment_method) {
    const auto type = text(payment_method, "type");
    const auto* of_charge = scope.world.spec.object("charge")->find("payment_method_details");
    const auto* shape = of_charge->fields->find(type);
    json::object details;
    for (const auto& [name, value] : object(payment_method, type))
        if (shape && shape->fields && shape->fields->find(name)) details[name] = value;
    if (type == "card") details["network"] = details["brand"];
    return {{"type", json::string(type)}, {type, std::move(details)}};
}

}  // namespace daybook::sim
