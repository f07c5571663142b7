// Patience with the projections: what was written a moment ago is there a moment later.
#pragma once

#include <api/context.hpp>

#include <string_view>

namespace daybook::api {

/// Waits, for a second at most, until the tables of this projection hold what the log holds now.
/// For a handler that misses a record to which the request refers; it blocks its query thread.
void catch_up(Context& context, std::string_view projection);

/// What `look` finds; when `lacks` says that it is not enough, what it finds after catching up.
template <class Look, class Lacks>
auto look_again(Context& context, std::string_view projection, const Look& look,
                const Lacks& lacks) {
    auto found = look();
    if (!lacks(found)) return found;
    catch_up(context, projection);
    return look();
}

}  // namespace daybook::api
