// Stripe's refusals of currencies and amounts, and what processing costs.
#include <tools/stripe_sim/money.hpp>

#include <ledger/currency.hpp>
#include <tools/stripe_sim/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace daybook::sim {

int exponent_of(std::string_view currency) {
    const auto known = find_currency(currency);
    return known ? known->exponent : 2;
}

std::string checked_currency(std::string_view given) {
    std::string currency(given);
    for (char& c : currency)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (find_currency(currency)) return currency;
    throw invalid(
        fmt::format("Invalid currency: {}. Stripe currently supports these currencies: {}",
                    currency, known_currencies()))
        .param("currency")
        .unexecuted();
}

void check_charge_amount(std::int64_t amount, std::string_view currency, std::string_view param) {
    if (amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param(param);
    const auto limits = find_currency(currency).value_or(Currency{});
    if (amount < limits.minimum)
        throw invalid(
            fmt::format("Amount must be at least {}", shown_amount(limits.minimum, currency)))
            .code("amount_too_small")
            .param(param);
    if (amount > limits.maximum)
        throw invalid(
            fmt::format("Amount must be no more than {}", shown_amount(limits.maximum, currency)))
            .code("amount_too_large")
            .param(param);
    if (amount % limits.step != 0)
        throw invalid(fmt::format("Invalid amount: {} must be a multiple of {} in {}.", param,
                                  limits.step, currency))
            .param(param);
}

bool is_too_small(std::int64_t amount, std::string_view currency) {
    return amount < find_currency(currency).value_or(Currency{}).minimum;
}

std::int64_t processing_fee(std::int64_t amount, std::string_view currency, bool foreign) {
    const std::int64_t per_mille = foreign ? 44 : 29;
    std::int64_t fixed = 30;
    if (currency == "eur") fixed = 25;
    if (currency == "gbp") fixed = 20;
    if (exponent_of(currency) == 0) fixed = 0;
    if (exponent_of(currency) == 3) fixed = 100;
    return std::min(amount, share(amount, per_mille, 1000) + fixed);
}

std::string shown_amount(std::int64_t amount, std::string_view currency) {
    const auto* sign = currency == "usd"   ? "$"
                       : currency == "eur" ? "€"
                       : currency == "gbp" ? "£"
                                           : "";
    return fmt::format("{}{} {}", sign, decimal_amount(amount, exponent_of(currency)), currency);
}

}  // namespace daybook::sim
