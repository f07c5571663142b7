// Ids as Stripe's look, from a seed: the same run makes the same ids.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace daybook::sim {

class Ids {
public:
    explicit Ids(std::uint64_t seed) : random_(seed) {}

    /// "pi_" gives pi_3 and 23 more characters, "cus_" 14, "cs_test_" 58, and so on.
    std::string make(std::string_view prefix);

    /// Letters and digits.
    std::string letters(std::size_t count);

    /// What the browser may hold: "<id>_secret_<25 characters>".
    std::string client_secret(std::string_view id);

    /// Even over [0, bound).
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// Where the sequence stands, as text, and back; for saved states.
    [[nodiscard]] std::string position() const;
    void resume(const std::string& position);

private:
    std::mt19937_64 random_;  // the standard fixes its sequence; no distribution is used
};

}  // namespace daybook::sim
