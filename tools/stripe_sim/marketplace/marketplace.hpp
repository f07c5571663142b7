// A made-up marketplace: sellers, buyers and their orders over some virtual days, through the same
// code as requests over HTTP. The same seeds and plan make the same events.
#pragma once

#include <tools/stripe_sim/marketplace/orders.hpp>
#include <tools/stripe_sim/marketplace/people.hpp>
#include <tools/stripe_sim/marketplace/plan.hpp>
#include <tools/stripe_sim/marketplace/shop.hpp>

#include <cstddef>
#include <vector>

namespace daybook::sim {

class Marketplace {
public:
    /// The sellers of the beginning join. Throws StripeError 400 unless the plan can be lived.
    Marketplace(World& world, const Plan& plan);
    Marketplace(const Marketplace&) = delete;
    Marketplace& operator=(const Marketplace&) = delete;

    /// Moves virtual time on to the next order, making what was due on the way happen. False when
    /// the plan's days are over.
    bool go_on();

    /// How often what happened so far.
    [[nodiscard]] const Tally& tally() const { return shop_.tally; }

private:
    Shop shop_;
    People people_;
    Orders orders_;
    Seconds start_;
    std::vector<Seconds> arrivals_;  ///< of orders, from the start
    std::size_t next_ = 0;
};

/// All of it at once. Returns how often what happened.
Tally live(World& world, const Plan& plan);

}  // namespace daybook::sim
