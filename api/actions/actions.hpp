// Every action in flight on this node, and the thread that carries them out.
#pragma once

#include <api/actions/plan.hpp>
#include <api/actions/saga.hpp>
#include <api/metrics.hpp>
#include <api/query_pool.hpp>
#include <api/stripe/client.hpp>
#include <ledger/appender.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace daybook::api {

struct ActionLimits {
    std::size_t actions_max = 2048;          ///< in flight or waiting; more are refused with 503
    std::chrono::seconds dispatch_after{5};  ///< an action this old has lost its driver
    std::chrono::seconds dispatch_every{1};  ///< how often such actions are looked for
    SagaLimits saga{};
};

struct ActionServices {
    Appender& appender;
    QueryPool& queries;
    std::int32_t log_id = 0;
    stripe::ClientOptions stripe{};
    /// Whether this node is the one that looks for actions that lost their driver. Thread-safe.
    std::function<bool()> dispatches{};
};

/// Counters since the start.
struct ActionStats {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t indeterminate = 0;  ///< answered without a verdict
    std::uint64_t replayed = 0;       ///< repetitions that were answered from the record
    std::uint64_t dispatched = 0;     ///< taken up again after their driver was lost
    std::size_t in_flight = 0;
    Histogram seconds;  ///< from taking an action up to its answer
};

/// The saga of every action: `requested` is in the log before Stripe is called, the outcome is in
/// the log before the client is answered, and each key is carried out once, whatever happens in
/// between. Owns a thread; thread-safe.
class Actions {
public:
    /// Called once, on the actions thread; must not block.
    using Done = std::function<void(Response)>;

    /// What it is given outlives it.
    explicit Actions(ActionServices services, ActionLimits limits = {});
    /// Gives up what is in flight; the log knows of it and the next start goes on with it.
    ~Actions();

    /// Carries out the plan, or joins or repeats the action that has its id already.
    void submit(Plan plan, Done done);

    /// A read: passed through to Stripe, recorded nowhere.
    void pass(stripe::Call call, Done done);

    [[nodiscard]] ActionStats stats() const;
    [[nodiscard]] const stripe::Counters& stripe_counters() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::api
