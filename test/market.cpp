// The requests that a seller's life consists of.
#include <test/market.hpp>

#include <tools/stripe_sim/payout_queue.hpp>
#include <tools/stripe_sim/resources/accounts.hpp>
#include <tools/stripe_sim/scope.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <map>

namespace daybook::test {

using namespace sim;

std::string Market::join(std::string_view country) {
    return std::string(text(
        make_active_account(Scope(sim.world, ""), {{"country", json::string(country)}}), "id"));
}

Market::Answer Market::settings(std::string_view account, std::string_view interval) {
    return as(account, "/v1/balance_settings",
              fmt::format("payments[payouts][schedule][interval]={}", interval));
}

Market::Answer Market::pay(std::string_view terms, std::string_view destination,
                           std::string_view currency, std::string_view method,
                           std::int64_t amount) {
    return sim.post(
        "/v1/payment_intents",
        fmt::format("amount={}&currency={}&confirm=true&return_url=https://a.b&capture_method="
                    "automatic&payment_method={}&transfer_data[destination]={}&{}",
                    amount, currency, method, destination, terms));
}

Market::Answer Market::as(std::string_view account, std::string_view path, std::string_view form) {
    sim.act_as(account);
    auto answer = sim.post(path, form);
    sim.act_as("");
    return answer;
}

Market::Answer Market::look(std::string_view account, std::string_view path,
                            std::string_view query) {
    sim.act_as(account);
    auto answer = sim.get(path, query);
    sim.act_as("");
    return answer;
}

void Market::use_bank(std::string_view account, std::string_view number) {
    const auto answer = sim.post(
        fmt::format("/v1/accounts/{}", account),
        fmt::format("external_account[object]=bank_account&external_account[country]=US&"
                    "external_account[currency]=usd&external_account[routing_number]=110000000&"
                    "external_account[account_number]={}",
                    number));
    CHECK(answer.status == 200);
}

json::array Market::payouts(std::string_view account) {
    return array(look(account, "/v1/payouts", "limit=100").body, "data");
}

/// Each transaction in one payout at most, and each payout exactly what its transactions come to.
void check_contents(Market& market, std::string_view account) {
    std::map<std::string, int> times;
    const Scope scope(market.sim.world, std::string(account));
    for (const auto& one : market.payouts(account)) {
        const auto& payout = one.as_object();
        const auto* contents = contents_of(scope, text(payout, "id"));
        CHECK((contents != nullptr) == flag(payout, "automatic"));
        if (!contents) continue;
        std::int64_t sum = 0;
        for (const auto& id : *contents) {
            sum += integer(scope.get("balance_transaction", id.as_string()), "net");
            CHECK(++times[std::string(id.as_string())] == 1);
        }
        CHECK(sum == integer(payout, "amount"));
    }
}

}  // namespace daybook::test
