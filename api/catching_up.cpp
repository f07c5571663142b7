// Waiting for the projector, which hurries meanwhile.
#include <api/catching_up.hpp>

#include <api/problem.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <semaphore>

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
    const auto reached = std::make_shared<std::counting_semaphore<>>(0);
    for (const auto projection : projections)
        context.node.projectors.when_at(projection, head, end, [reached] { reached->release(); });
    return std::ranges::all_of(projections,
                               [&](auto /*each*/) { return reached->try_acquire_until(end); });
}

void require_caught_up(Context& context, std::string_view projection) {
    if (!catch_up(context, {projection}))
        throw Refused(Problem::projection_behind,
                      fmt::format("{} have not folded the end of the log", projection));
}

}  // namespace daybook::api
