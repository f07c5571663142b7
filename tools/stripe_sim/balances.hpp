// Who has how much, per account and currency: kept beside the balance transactions, equal to them.
#pragma once

#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace daybook::sim {

/// Minor units of one currency.
struct Amounts {
    std::int64_t available = 0;
    std::int64_t pending = 0;
    std::int64_t reserved = 0;

    [[nodiscard]] std::int64_t total() const { return available + pending + reserved; }
};

/// Sums alone; Scope::post() writes the balance transactions that go with them.
class Balances {
public:
    using Purses = std::map<std::string, Amounts, std::less<>>;  ///< by currency

    /// Adds `net`, pending until `available_on` when that is after `now`.
    void add(std::string_view account, std::string_view currency, std::int64_t net,
             Seconds available_on, Seconds now);

    /// Moves from available to reserved, or back when negative.
    void reserve(std::string_view account, std::string_view currency, std::int64_t amount);

    /// Makes available what is due for `account` by `now`. True when anything was.
    bool settle(std::string_view account, Seconds now);

    [[nodiscard]] Amounts of(std::string_view account, std::string_view currency) const;
    [[nodiscard]] const Purses& of(std::string_view account) const;

    /// How often anything was added or reserved.
    [[nodiscard]] std::uint64_t moves() const { return moves_; }

    /// All of it as a document, and back.
    [[nodiscard]] json::object saved() const;
    void restore(const json::object& saved);

    /// Whether `account` has money that becomes available at exactly that time.
    [[nodiscard]] bool awaits(std::string_view account, Seconds available_on) const;

private:
    std::uint64_t moves_ = 0;
    std::map<std::string, Purses, std::less<>> purses_;
    std::map<std::string, std::map<Seconds, std::map<std::string, std::int64_t, std::less<>>>,
             std::less<>>
        waiting_;
};

}  // namespace daybook::sim
