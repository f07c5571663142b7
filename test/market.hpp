// Sellers on a platform of a simulated world, as payout tests need them.
#pragma once

#include <test/sim.hpp>

#include <string>
#include <string_view>

namespace daybook::test {

/// A platform that keeps its money, and a seller who is paid out daily.
class Market {
public:
    using Answer = Sim::Answer;

    Market() : seller(join("US")) {}

    /// A new seller who may be paid out, in the currency of the country.
    std::string join(std::string_view country);
    /// When an account ("" is the platform) is paid out: daily, manual, ...
    Answer settings(std::string_view account, std::string_view interval);
    /// A destination charge; `terms` say what the platform keeps.
    Answer pay(std::string_view terms, std::string_view destination,
               std::string_view currency = "usd", std::string_view method = "pm_card_visa",
               std::int64_t amount = 10'000);
    /// Requests as an account.
    Answer as(std::string_view account, std::string_view path, std::string_view form);
    Answer look(std::string_view account, std::string_view path, std::string_view query = "");
    /// Replaces the account's bank account in dollars.
    void use_bank(std::string_view account, std::string_view number);
    /// Newest first.
    daybook::sim::json::array payouts(std::string_view account);
    /// The newest.
    daybook::sim::json::object payout(std::string_view account) {
        return payouts(account).at(0).as_object();
    }
    std::int64_t available(std::string_view account, std::string_view currency = "usd") {
        return sim.world.balances.of(account, currency).available;
    }

    Sim sim;
    std::string seller;
};

/// Each transaction in one payout at most, and each payout exactly what its transactions come to.
void check_contents(Market& market, std::string_view account);

}  // namespace daybook::test
