// Which balance transactions wait for an automatic payout, and which one paid the others out.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::sim {

/// Every new balance transaction waits for the next automatic payout. Sees to it that the task
/// "payout.run" comes when this one is due.
void await_payout(const Scope& scope, const json::object& transaction);

/// What of one currency is due by now.
struct Due {
    std::string currency;
    std::int64_t net = 0;
    std::vector<std::string> transactions;  ///< oldest first
};

/// Per currency, in order; nothing changes.
std::vector<Due> due_for_payout(const Scope& scope);

/// Takes what is due out of the queue and remembers it as the contents of an automatic payout,
/// whose own transaction waits for nothing either.
void pay_out(const Scope& scope, const Due& due, const json::object& payout);

/// The transactions of an automatic payout; null when it has none.
const json::array* contents_of(const Scope& scope, std::string_view payout);

/// Whether the task that runs now is the one that is awaited; then none is any more.
bool begin_run(const Scope& scope);

/// Schedules "payout.run" for the first transaction that is not due yet, or, with `again`, for
/// what is due already: when the account can be paid out at last.
void await_run(const Scope& scope, bool again);

}  // namespace daybook::sim
