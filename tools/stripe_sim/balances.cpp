// Sums per purse, and what is on its way into them by the time it arrives.
#include <tools/stripe_sim/balances.hpp>

namespace daybook::sim {

void Balances::add(std::string_view account, std::string_view currency, std::int64_t net,
                   Seconds available_on, Seconds now) {
    ++moves_;
    auto& purse = purses_[std::string(account)][std::string(currency)];
    if (available_on <= now) {
        purse.available += net;
        return;
    }
    purse.pending += net;
    waiting_[std::string(account)][available_on][std::string(currency)] += net;
}

void Balances::reserve(std::string_view account, std::string_view currency, std::int64_t amount) {
    ++moves_;
    auto& purse = purses_[std::string(account)][std::string(currency)];
    purse.available -= amount;
    purse.reserved += amount;
}

bool Balances::settle(std::string_view account, Seconds now) {
    const auto found = waiting_.find(account);
    if (found == waiting_.end()) return false;
    auto& by_time = found->second;
    bool any = false;
    while (!by_time.empty() && by_time.begin()->first <= now) {
        for (const auto& [currency, net] : by_time.begin()->second) {
            auto& purse = purses_[found->first][currency];
            purse.pending -= net;
            purse.available += net;
        }
        by_time.erase(by_time.begin());
        any = true;
    }
    return any;
}

Amounts Balances::of(std::string_view account, std::string_view currency) const {
    const auto& purses = of(account);
    const auto found = purses.find(currency);
    return found == purses.end() ? Amounts() : found->second;
}

const Balances::Purses& Balances::of(std::string_view account) const {
    static const Purses none;
    const auto found = purses_.find(account);
    return found == purses_.end() ? none : found->second;
}

json::object Balances::saved() const {
    json::array purses;
    for (const auto& [account, by_currency] : purses_)
        for (const auto& [currency, amounts] : by_currency)
            purses.push_back({{"account", account},
                              {"currency", currency},
                              {"available", amounts.available},
                              {"pending", amounts.pending},
                              {"reserved", amounts.reserved}});
    json::array waiting;
    for (const auto& [account, by_time] : waiting_)
        for (const auto& [time, by_currency] : by_time)
            for (const auto& [currency, net] : by_currency)
                waiting.push_back({{"account", account},
                                   {"available_on", time},
                                   {"currency", currency},
                                   {"net", net}});
    return {{"purses", std::move(purses)}, {"waiting", std::move(waiting)}};
}

void Balances::restore(const json::object& saved) {
    const auto name = [](const json::object& line, std::string_view member) {
        return std::string(text(line, member));
    };
    for (const auto& item : array(saved, "purses")) {
        const auto& line = item.as_object();
        purses_[name(line, "account")][name(line, "currency")] = {
            integer(line, "available"), integer(line, "pending"), integer(line, "reserved")};
    }
    for (const auto& item : array(saved, "waiting")) {
        const auto& line = item.as_object();
        waiting_[name(line, "account")][integer(line, "available_on")][name(line, "currency")] =
            integer(line, "net");
    }
}

bool Balances::awaits(std::string_view account, Seconds available_on) const {
    const auto found = waiting_.find(account);
    return found != waiting_.end() && found->second.contains(available_on);
}

}  // namespace daybook::sim
