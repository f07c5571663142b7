// Patience with the projections: what was written a moment ago is there a moment later.
#pragma once

#include <api/context.hpp>

#include <set>
#include <string_view>

namespace daybook::api {

/// Waits, for a second at most, until the tables of these projections hold what the log holds now.
/// False when they do not by then. It blocks its query thread.
bool catch_up(Context& context, const std::set<std::string_view>& projections);

/// The same for whom tables that are behind will not do: throws Refused(projection_behind).
void require_caught_up(Context& context, std::string_view projection);

/// What `look` finds; when `lacks` says that it is not enough, what it finds after catching up. For
/// a handler that goes on without the record; what it refuses is judged again anyway.
template <class Look, class Lacks>
auto look_again(Context& context, std::string_view projection, const Look& look,
                const Lacks& lacks) {
    auto found = look();
    if (!lacks(found)) return found;
    catch_up(context, {projection});
    return look();
}

}  // namespace daybook::api
