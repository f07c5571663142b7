// Looking an embedded file up.
#include <tools/stripe_sim/embedded.hpp>

#include <ledger/invariant.hpp>

#include <algorithm>

namespace daybook::sim::embedded {

std::string_view file(std::string_view name) {
    const auto all = files();
    const auto found = std::ranges::find(all, name, &File::name);
    invariant(found != all.end());
    return found->content;
}

}  // namespace daybook::sim::embedded
