// Lists the projections of this build; a new one is declared and added here.
#include <projections/projection.hpp>

#include <algorithm>
#include <array>

namespace daybook::projections {

extern const Projection orders;
extern const Projection entitlements;
extern const Projection accounts;
extern const Projection payouts;

std::span<const Projection* const> all_projections() {
    static constexpr std::array<const Projection*, 4> all = {&orders, &entitlements, &accounts,
                                                             &payouts};
    return all;
}

const Projection* find_projection(std::string_view name) {
    const auto all = all_projections();
    const auto found = std::ranges::find(all, name, &Projection::name);
    return found == all.end() ? nullptr : *found;
}

}  // namespace daybook::projections
