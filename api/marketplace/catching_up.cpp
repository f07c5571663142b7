// Waiting for the projector, which hurries meanwhile.
#include <api/marketplace/catching_up.hpp>

#include <chrono>
#include <future>
#include <memory>

namespace daybook::api {
namespace {

constexpr auto patience = std::chrono::seconds(1);

}  // namespace

void catch_up(Context& context, std::string_view projection) {
    const auto head = context.db
                          .run("SELECT position FROM ledger.heads WHERE log_id = $1",
                               pg::Params().number(context.node.log_id))
                          .number(0, 0);
    const auto end = std::chrono::steady_clock::now() + patience;
    const auto there = std::make_shared<std::promise<void>>();
    auto reached = there->get_future();
    context.node.projectors.when_at(projection, head, end, [there] { there->set_value(); });
    reached.wait_until(end);
}

}  // namespace daybook::api
