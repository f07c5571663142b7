// Some months in the life of sellers, by chance: money is neither made nor lost.
#include <test/market.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

using namespace daybook::sim;
using daybook::test::check_contents;
using daybook::test::Market;

namespace {

/// One step of a run in which anything may happen.
class Chance {
public:
    Chance(Market& market, unsigned seed) : m_(market), random_(seed) {
        sellers_ = {m_.seller, m_.join("DE"), m_.join("GB"), m_.join("US")};
    }

    void step() {
        switch (below(9)) {
            case 0:
            case 1:
            case 2: charge(); break;
            case 3: m_.sim.world.advance(static_cast<Seconds>(below(3 * 24)) * hour); break;
            case 4: refund(); break;
            case 5: manual_payout(); break;
            case 6: transfer(); break;
            case 7: reverse(); break;
            default: rearrange();
        }
    }
    const std::vector<std::string>& sellers() const { return sellers_; }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    const std::string& any(const std::vector<std::string>& of) { return of[below(of.size())]; }

    void charge() {
        const auto amount = static_cast<std::int64_t>(500 + below(100'000));
        const auto answer = m_.pay(fmt::format("application_fee_amount={}", below(400)),
                                   any(sellers_), any({"usd", "eur", "gbp"}),
                                   any({"pm_card_visa", "pm_card_bypassPending"}), amount);
        if (answer.status == 200) charges_.emplace_back(text(answer.body, "latest_charge"));
    }
    void refund() {
        if (charges_.empty()) return;
        m_.sim.post("/v1/refunds", fmt::format("charge={}&amount={}&reverse_transfer=true&"
                                               "refund_application_fee=true",
                                               any(charges_), 1 + below(5000)));
    }
    void manual_payout() {
        const auto& seller = any(sellers_);
        const auto made =
            m_.as(seller, "/v1/payouts", fmt::format("amount={}&currency=usd", 1 + below(2000)));
        if (made.status == 200 && below(2) == 0)
            m_.as(seller, fmt::format("/v1/payouts/{}/cancel", made.id()), "");
    }
    void transfer() {
        const auto made = m_.sim.post(
            "/v1/transfers",
            fmt::format("currency=usd&destination={}&amount={}", any(sellers_), 1 + below(3000)));
        if (made.status == 200) transfers_.emplace_back(made.id());
    }
    void reverse() {
        if (!transfers_.empty())
            m_.sim.post(fmt::format("/v1/transfers/{}/reversals", any(transfers_)),
                        fmt::format("amount={}", 1 + below(500)));
    }
    void rearrange() {
        const auto& seller = any(sellers_);
        m_.settings(seller, any({"daily", "manual", "daily"}));
        if (below(3) == 0) m_.use_bank(seller, any({"000123456789", "000111111113"}));
        m_.as(seller, "/v1/balance_settings",
              fmt::format("payments[payouts][minimum_balance_by_currency][usd]={}", below(2000)));
    }

    Market& m_;
    std::mt19937 random_;
    std::vector<std::string> sellers_;
    std::vector<std::string> charges_;
    std::vector<std::string> transfers_;
};

/// The last event's id and all balances: what a whole run came to.
std::string outcome_of(unsigned seed) {
    Market market;
    Chance chance(market, seed);
    for (int step = 0; step < 400; ++step)
        chance.step();
    market.sim.world.advance(10 * day);
    CHECK(market.sim.world.imbalances().empty());
    check_contents(market, "");
    std::string outcome(market.sim.world.ids.make("evt_"));
    for (const auto& seller : chance.sellers()) {
        check_contents(market, seller);
        for (const auto& [currency, amounts] : market.sim.world.balances.of(seller))
            outcome += fmt::format(" {} {} {}", currency, amounts.available, amounts.pending);
    }
    return outcome;
}

}  // namespace

TEST_CASE("Whatever happens, no cent appears or vanishes, and the same seed does the same") {
    const auto seed = GENERATE(1U, 7U, 1904U);
    CHECK(outcome_of(seed) == outcome_of(seed));
}
