// The tables of Stripe's currencies.
#include <tools/stripe_sim/money.hpp>

#include <tools/stripe_sim/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace daybook::sim {
namespace {

constexpr std::string_view zero_decimal =
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
constexpr std::string_view three_decimal = "bhd jod kwd omr tnd";
constexpr std::string_view whole_hundreds = "isk ugx";
constexpr std::string_view two_decimal =
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd "
    "cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd "
    "hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt "
    "mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub "
    "sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst "
    "xcd xcg yer zar zmw";

/// Whether a list of codes, each three letters and a blank, has this one.
bool listed(std::string_view codes, std::string_view currency) {
    return currency.size() == 3 && codes.contains(currency);
}

struct Minimum {
    std::string_view currency;
    std::int64_t amount;
};
constexpr std::array minimums = {
    Minimum{"gbp", 30},   Minimum{"aed", 200},   Minimum{"czk", 1500}, Minimum{"dkk", 250},
    Minimum{"hkd", 400},  Minimum{"huf", 17500}, Minimum{"jpy", 50},   Minimum{"krw", 50},
    Minimum{"mxn", 1000}, Minimum{"myr", 200},   Minimum{"nok", 300},  Minimum{"pln", 200},
    Minimum{"ron", 200},  Minimum{"sek", 300},   Minimum{"thb", 1000}, Minimum{"isk", 100},
    Minimum{"ugx", 100},
};

std::int64_t minimum_of(std::string_view currency) {
    const auto* found = std::ranges::find(minimums, currency, &Minimum::currency);
    if (found != minimums.end()) return found->amount;
    switch (exponent_of(currency)) {
        case 0: return 1;
        case 3: return 200;
        default: return 50;
    }
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (; exponent > 0; --exponent)
        power *= 10;
    return power;
}

/// Eight digits; Indonesia's currency needs more.
std::int64_t maximum_of(std::string_view currency) {
    return currency == "idr" ? 999'999'999'999 : 99'999'999;
}

}  // namespace

int exponent_of(std::string_view currency) {
    if (listed(zero_decimal, currency)) return 0;
    return listed(three_decimal, currency) ? 3 : 2;
}

std::string checked_currency(std::string_view given) {
    std::string currency(given);
    for (char& c : currency)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    for (const auto codes : {two_decimal, zero_decimal, three_decimal})
        if (listed(codes, currency)) return currency;
    throw invalid(fmt::format("Invalid currency: {}. Stripe currently supports these currencies: "
                              "{} {} {}",
                              currency, two_decimal, zero_decimal, three_decimal))
        .param("currency")
        .unexecuted();
}

void check_charge_amount(std::int64_t amount, std::string_view currency, std::string_view param) {
    if (amount <= 0)
        throw invalid("Invalid positive integer").code("parameter_invalid_integer").param(param);
    if (amount < minimum_of(currency))
        throw invalid(
            fmt::format("Amount must be at least {}", shown_amount(minimum_of(currency), currency)))
            .code("amount_too_small")
            .param(param);
    if (amount > maximum_of(currency))
        throw invalid(fmt::format("Amount must be no more than {}",
                                  shown_amount(maximum_of(currency), currency)))
            .code("amount_too_large")
            .param(param);
    const std::int64_t step = listed(three_decimal, currency)    ? 10
                              : listed(whole_hundreds, currency) ? 100
                                                                 : 1;
    if (amount % step != 0)
        throw invalid(fmt::format("Invalid amount: {} must be a multiple of {} in {}.", param, step,
                                  currency))
            .param(param);
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

std::int64_t share(std::int64_t whole, std::int64_t part, std::int64_t of) {
    const bool negative = (whole < 0) != (part < 0);
    // Twelve digits by twelve digits need more than 64 bits.
    __extension__ using Wide = __int128;
    const Wide product = static_cast<Wide>(std::abs(whole)) * std::abs(part);
    const auto rounded =
        static_cast<std::int64_t>((2 * product + of) / (2 * static_cast<Wide>(of)));
    return negative ? -rounded : rounded;
}

std::string shown_amount(std::int64_t amount, std::string_view currency) {
    const int exponent = exponent_of(currency);
    const auto unit = power_of_ten(exponent);
    const auto* sign = currency == "usd"   ? "$"
                       : currency == "eur" ? "€"
                       : currency == "gbp" ? "£"
                                           : "";
    if (exponent == 0) return fmt::format("{}{} {}", sign, amount, currency);
    return fmt::format("{}{}.{:0{}} {}", sign, amount / unit, amount % unit, exponent, currency);
}

}  // namespace daybook::sim
