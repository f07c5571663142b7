// Rates and countries; all arithmetic in integers.
#include <tools/stripe_sim/settlement.hpp>

#include <tools/stripe_sim/money.hpp>
#include <tools/stripe_sim/world.hpp>

#include <algorithm>
#include <array>

namespace daybook::sim {
namespace {

constexpr std::int64_t million = 1'000'000;

struct Rate {
    std::string_view currency;
    std::int64_t per_dollar;  ///< millionths
};
/// About what they were in 2026; what is not listed is worth a dollar.
constexpr std::array rates = {
    Rate{"eur", 920'000},    Rate{"gbp", 790'000},     Rate{"cad", 1'360'000},
    Rate{"aud", 1'520'000},  Rate{"nzd", 1'650'000},   Rate{"chf", 880'000},
    Rate{"sek", 10'400'000}, Rate{"nok", 10'600'000},  Rate{"dkk", 6'860'000},
    Rate{"pln", 3'950'000},  Rate{"czk", 23'200'000},  Rate{"huf", 360'000'000},
    Rate{"ron", 4'580'000},  Rate{"jpy", 150'000'000}, Rate{"krw", 1'330'000'000},
    Rate{"hkd", 7'820'000},  Rate{"sgd", 1'340'000},   Rate{"twd", 31'500'000},
    Rate{"mxn", 17'000'000}, Rate{"brl", 5'000'000},   Rate{"inr", 83'000'000},
    Rate{"thb", 35'500'000}, Rate{"myr", 4'700'000},   Rate{"aed", 3'670'000},
    Rate{"bhd", 377'000},    Rate{"kwd", 308'000},     Rate{"isk", 138'000'000},
    Rate{"bgn", 1'800'000},
};

struct Country {
    std::string_view code;
    std::string_view currency;
};
constexpr std::array countries = {
    Country{"US", "usd"}, Country{"AE", "aed"}, Country{"AU", "aud"}, Country{"AT", "eur"},
    Country{"BE", "eur"}, Country{"BG", "eur"}, Country{"BR", "brl"}, Country{"CA", "cad"},
    Country{"CH", "chf"}, Country{"CY", "eur"}, Country{"CZ", "czk"}, Country{"DE", "eur"},
    Country{"DK", "dkk"}, Country{"EE", "eur"}, Country{"ES", "eur"}, Country{"FI", "eur"},
    Country{"FR", "eur"}, Country{"GB", "gbp"}, Country{"GR", "eur"}, Country{"HK", "hkd"},
    Country{"HR", "eur"}, Country{"HU", "huf"}, Country{"IE", "eur"}, Country{"IN", "inr"},
    Country{"IT", "eur"}, Country{"JP", "jpy"}, Country{"LI", "chf"}, Country{"LT", "eur"},
    Country{"LU", "eur"}, Country{"LV", "eur"}, Country{"MT", "eur"}, Country{"MX", "mxn"},
    Country{"MY", "myr"}, Country{"NL", "eur"}, Country{"NO", "nok"}, Country{"NZ", "nzd"},
    Country{"PL", "pln"}, Country{"PT", "eur"}, Country{"RO", "ron"}, Country{"SE", "sek"},
    Country{"SG", "sgd"}, Country{"SI", "eur"}, Country{"SK", "eur"}, Country{"TH", "thb"},
    Country{"TW", "twd"},
};

/// Wanders by up to half a percent to either side, each currency in its own step.
std::int64_t per_dollar(std::string_view currency, Seconds at) {
    const auto* found = std::ranges::find(rates, currency, &Rate::currency);
    if (found == rates.end()) return million;
    const std::int64_t step = (at / day * 7919 + found->per_dollar) % 101 - 50;
    return share(found->per_dollar, 10'000 + step, 10'000);
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (; exponent > 0; --exponent)
        power *= 10;
    return power;
}

bool holds(const Scope& scope, const json::object& account, std::string_view currency) {
    const auto own = text(account, "default_currency");
    if (own == currency || own.empty()) return true;
    for (const auto* type : {"bank_account", "card"}) {
        const ListQuery query{.limit = 1, .equal = {{"currency", std::string(currency)}}};
        if (!scope.world.store.page(scope.account, type, query).items.empty()) return true;
    }
    return false;
}

std::string settlement_currency(const Scope& scope, const Posting& posting) {
    if (!posting.settle_in.empty()) return posting.settle_in;
    if (scope.is_platform()) return posting.currency;
    const auto* account = scope.on("").find("account", scope.account);
    if (!account || holds(scope, *account, posting.currency)) return posting.currency;
    return std::string(text(*account, "default_currency"));
}

}  // namespace

std::int64_t rate_millionths(std::string_view from, std::string_view to, Seconds at) {
    return share(million, per_dollar(to, at), per_dollar(from, at));
}

std::int64_t Settlement::converted(std::int64_t amount) const {
    if (millionths == 0) return amount;
    return share(amount, numerator, denominator);
}

json::value Settlement::rate() const {
    if (millionths == 0) return nullptr;
    // A number in JSON; six decimals are read back as they were written.
    return static_cast<double>(millionths) / static_cast<double>(million);
}

Settlement settlement_of(const Scope& scope, const Posting& posting) {
    Settlement settlement;
    settlement.currency = settlement_currency(scope, posting);
    if (settlement.currency == posting.currency) return settlement;
    settlement.millionths = rate_millionths(posting.currency, settlement.currency, scope.now());
    settlement.numerator = settlement.millionths * power_of_ten(exponent_of(settlement.currency));
    settlement.denominator = million * power_of_ten(exponent_of(posting.currency));
    return settlement;
}

std::string_view currency_of_country(std::string_view country) {
    const auto* found = std::ranges::find(countries, country, &Country::code);
    return found == countries.end() ? std::string_view() : found->currency;
}

}  // namespace daybook::sim
