// The platform's own server and its buyers' browsers, as the simulator sees them: requests, and
// what is planned for later.
#pragma once

#include <tools/stripe_sim/api.hpp>
#include <tools/stripe_sim/clock.hpp>
#include <tools/stripe_sim/marketplace/chance.hpp>
#include <tools/stripe_sim/marketplace/plan.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace daybook::sim {

class World;

/// How often what happened, by name.
using Tally = std::map<std::string, std::int64_t, std::less<>>;

class Shop {
public:
    Shop(World& in, const Plan& of) : world(in), plan(of), chance(of.seed), api_(in) {}

    /// A request as the platform, or as `account`. Throws the refusal.
    json::object get(std::string path, const json::object& params = {}, std::string account = "");
    json::object post(std::string path, const json::object& params, std::string account = "");
    json::object del(std::string path, const json::object& params = {});

    /// A request that may well be refused; nothing then. The refusal is counted, and noted in
    /// `code` when it is given.
    std::optional<json::object> try_post(std::string path, const json::object& params,
                                         std::string* code = nullptr);

    /// What buyers and banks do on pages of the simulator's own.
    json::object act(std::string path, const json::object& body);

    /// Plans something, `delay` from now.
    void later(Seconds delay, std::function<void()> what);
    void later(Seconds shortest, Seconds longest, std::function<void()> what) {
        later(chance.between(shortest, longest), std::move(what));
    }
    /// The same for what takes people days: so many times sooner as the plan is in haste.
    void in_days(Seconds shortest, Seconds longest, std::function<void()> what) {
        later(shortest / plan.haste, longest / plan.haste, std::move(what));
    }
    /// True as often as one of the plan's rates says.
    bool happens(int Rates::* rate) { return chance.in(plan.rates.*rate); }

    /// Lets time pass until `end`, doing what was planned, each thing at its time.
    void live_until(Seconds end);

    [[nodiscard]] Seconds now() const;
    void count(std::string_view what) { ++tally[std::string(what)]; }

    World& world;
    const Plan plan;
    Chance chance;
    Tally tally;

private:
    void refused(const StripeError& error);

    Api api_;
    std::multimap<Seconds, std::function<void()>> agenda_;
};

}  // namespace daybook::sim
