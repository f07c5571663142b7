// Waiting for the projector, which hurries meanwhile.
#include <api/catching_up.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

namespace daybook::api {
namespace {

constexpr auto patience = std::chrono::seconds(1);

}  // namespace

bool catch_up(Context& context, const std::set<std::string_view>& projections) {
    const auto head = context.db
                          .run("SELECT position FROM ledger.heads WHERE log_id = $1",
                               pg::Params().number(context.node.log_id))
                          .number(0, 0);
    const auto end = std::chrono::steady_clock::now() + patience;
    std::vector<std::future<void>> reached;
    for (const auto projection : projections) {
        const auto there = std::make_shared<std::promise<void>>();
        reached.push_back(there->get_future());
        context.node.projectors.when_at(projection, head, end, [there] { there->set_value(); });
    }
    return std::ranges::all_of(reached, [end](const auto& there) {
        return there.wait_until(end) == std::future_status::ready;
    });
}

}  // namespace daybook::api
