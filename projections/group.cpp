#include <projections/group.hpp>

#include <algorithm>
#include <functional>
#include <iterator>

namespace daybook::projections {
namespace {

/// What these handle, be they projections or groups.
std::vector<std::string_view> each_once(const auto& all, auto types_of_one) {
    std::vector<std::string_view> types;
    for (const auto* one : all)
        std::ranges::copy(std::invoke(types_of_one, one), std::back_inserter(types));
    std::ranges::sort(types);
    types.erase(std::ranges::unique(types).begin(), types.end());
    return types;
}

std::vector<Group> grouped(std::span<const Projection* const> projections) {
    std::vector<std::vector<const Projection*>> together;
    for (const auto* projection : projections) {
        const std::string_view states = projection->states;
        const auto same = std::ranges::find_if(
            together, [&](const auto& members) { return members.front()->states == states; });
        if (same == together.end())
            together.push_back({projection});
        else
            same->push_back(projection);
    }
    std::vector<Group> groups;
    for (auto& members : together)
        groups.emplace_back(std::move(members));
    return groups;
}

}  // namespace

Group::Group(std::vector<const Projection*> members)
    : members_(std::move(members)), types_(each_once(members_, &Projection::types)) {
    for (std::size_t member = 0; member < members_.size(); ++member) {
        std::ranges::copy(members_[member]->tables, std::back_inserter(tables_));
        member_of_.resize(tables_.size(), member);
    }
}

bool Group::handles(std::string_view type) const {
    return std::ranges::binary_search(types_, type);
}

std::unique_ptr<Fold> Group::fold() const {
    auto fold = members_.front()->fold();
    auto tables = members_.front()->tables.size();
    for (const auto* member : members().subspan(1)) {
        fold->also(*member->fold(), tables);
        tables += member->tables.size();
    }
    return fold;
}

Groups all_groups() {
    return groups_of(all_projections());
}

Groups groups_of(std::span<const Projection* const> projections) {
    static const auto all = grouped(all_projections());
    Groups found;
    for (const auto& group : all)
        if (std::ranges::any_of(projections, [&](const auto* projection) {
                return std::ranges::find(group.members(), projection) != group.members().end();
            }))
            found.push_back(&group);
    return found;
}

std::vector<std::string_view> types_of(const Groups& groups) {
    return each_once(groups, &Group::types);
}

}  // namespace daybook::projections
