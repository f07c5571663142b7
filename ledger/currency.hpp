// Stripe's currencies: how many digits each has, and which amounts can be charged in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// One currency. Amounts are in its minor unit.
struct Currency {
    int exponent = 2;          ///< digits after the point: 0 for jpy, 3 for bhd, 2 for nearly all
    std::int64_t minimum = 0;  ///< of one charge
    std::int64_t maximum = 0;  ///< of one charge
    std::int64_t step = 1;     ///< amounts must be a multiple of it: 10 for bhd, 100 for isk
};

/// By the code in lower case, such as "usd"; null unless Stripe charges in it.
std::optional<Currency> find_currency(std::string_view code);

/// Every code, sorted by exponent, separated by blanks: for messages.
std::string_view known_currencies();

/// 10 to the power of `exponent`, which is 0 to 18.
std::int64_t power_of_ten(int exponent);

/// `whole` x `part` / `of`, rounded to the nearest unit, halves away from zero. `of` is positive.
/// The exact result must fit into 64 bits; what lies between need not.
std::int64_t share(std::int64_t whole, std::int64_t part, std::int64_t of);

/// The same rounded down, for amounts that are not negative.
std::int64_t share_down(std::int64_t whole, std::int64_t part, std::int64_t of);

/// "10.50" for 1050 in a currency of two digits.
std::string decimal_amount(std::int64_t amount, int exponent);

}  // namespace daybook
