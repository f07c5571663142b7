// Lists the projections of this build; a new one is declared and added here.
#include <projections/projection.hpp>

#include <algorithm>
#include <array>

namespace daybook::projections {

extern const Projection orders;
extern const Projection entitlements;
extern const Projection accounts;
extern const Projection payouts;
extern const Projection customers;
extern const Projection products;
extern const Projection prices;
extern const Projection coupons;
extern const Projection promotion_codes;
extern const Projection subscriptions;
extern const Projection seller_revenue;
extern const Projection actions;

std::span<const Projection* const> all_projections() {
    static constexpr std::array<const Projection*, 12> all = {
        &orders, &entitlements, &accounts,        &payouts,       &customers,      &products,
        &prices, &coupons,      &promotion_codes, &subscriptions, &seller_revenue, &actions};
    return all;
}

const Projection* find_projection(std::string_view name) {
    const auto all = all_projections();
    const auto found = std::ranges::find(all, name, &Projection::name);
    return found == all.end() ? nullptr : *found;
}

}  // namespace daybook::projections
