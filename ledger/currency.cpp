// The table of Stripe's currencies and exact arithmetic on their minor units.
#include <ledger/currency.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook {
namespace {

__extension__ using Wide = unsigned __int128;  // a product of two amounts needs all of it

constexpr std::string_view codes =
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd "
    "cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd "
    "hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt "
    "mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub "
    "sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst "
    "xcd xcg yer zar zmw "
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf "
    "bhd jod kwd omr tnd";
constexpr auto zero_decimal = codes.find("bif");
constexpr auto three_decimal = codes.find("bhd");
constexpr std::string_view whole_hundreds = "isk ugx";

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

std::int64_t minimum_of(std::string_view code, int exponent) {
    const auto* found = std::ranges::find(minimums, code, &Minimum::currency);
    if (found != minimums.end()) return found->amount;
    if (exponent == 0) return 1;
    return exponent == 3 ? 200 : 50;
}

std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

}  // namespace

std::optional<Currency> find_currency(std::string_view code) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    if (code.size() != 3 || !std::ranges::all_of(code, letter)) return std::nullopt;
    const auto place = codes.find(code);
    if (place == std::string_view::npos) return std::nullopt;
    Currency currency;
    if (place >= zero_decimal) currency.exponent = place >= three_decimal ? 3 : 0;
    currency.minimum = minimum_of(code, currency.exponent);
    // Eight digits; Indonesia's currency needs more.
    currency.maximum = code == "idr" ? 999'999'999'999 : 99'999'999;
    if (currency.exponent == 3) currency.step = 10;
    if (whole_hundreds.contains(code)) currency.step = 100;
    return currency;
}

std::string_view known_currencies() {
    return codes;
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (; exponent > 0; --exponent)
        power *= 10;
    return power;
}

std::int64_t share(std::int64_t whole, std::int64_t part, std::int64_t of) {
    const bool negative = (whole < 0) != (part < 0);
    const Wide product = static_cast<Wide>(magnitude(whole)) * magnitude(part);
    const auto divisor = static_cast<Wide>(of);
    const Wide rounded = product / divisor + (2 * (product % divisor) >= divisor ? 1 : 0);
    return static_cast<std::int64_t>(negative ? 0 - rounded : rounded);
}

std::int64_t share_down(std::int64_t whole, std::int64_t part, std::int64_t of) {
    return static_cast<std::int64_t>(static_cast<Wide>(magnitude(whole)) * magnitude(part) /
                                     static_cast<Wide>(of));
}

std::string decimal_amount(std::int64_t amount, int exponent) {
    if (exponent == 0) return std::to_string(amount);
    const auto unit = static_cast<std::uint64_t>(power_of_ten(exponent));
    const auto size = magnitude(amount);
    return fmt::format("{}{}.{:0{}}", amount < 0 ? "-" : "", size / unit, size % unit, exponent);
}

}  // namespace daybook
