// Waiting by asking the projectors of this node how far they are.
#include <api/marketplace/catching_up.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace daybook::api {
namespace {

constexpr auto patience = std::chrono::seconds(1);
constexpr auto pause = std::chrono::milliseconds(2);

}  // namespace

void catch_up(Context& context, std::string_view projection) {
    const auto head = context.db
                          .run("SELECT position FROM ledger.heads WHERE log_id = $1",
                               pg::Params().number(context.node.log_id))
                          .number(0, 0);
    const auto there = [&] {
        const auto statuses = context.node.projectors();
        const auto found =
            std::ranges::find(statuses, projection, &projections::ProjectorStatus::name);
        return found == statuses.end() || found->position >= head;
    };
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!there() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(pause);
}

}  // namespace daybook::api
