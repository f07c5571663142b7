// Talking an action through with Stripe, step by step.
#pragma once

#include <api/actions/desk.hpp>
#include <api/actions/record.hpp>

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

namespace daybook::api {

/// Where a conversation stands: the outcome, and why the last step got no answer, if it got none.
struct Said {
    Outcome outcome;
    stripe::Failure failure = stripe::Failure::unreachable;
    /// Stripe repeated the same error for our key: another try would hear it again.
    bool repeats_itself = false;
    bool resumed = false;  ///< an earlier driver may have come further
    /// A DELETE, which Stripe does again whatever its key, found nothing: by our own doing perhaps.
    bool gone = false;
};

/// Carries out the steps behind those that have an answer, each with its own idempotency key, until
/// one does not succeed. The state is then `succeeded`; `failed` when Stripe refused for good;
/// `indeterminate` when there was no answer, or one (401, 409, 429, 5xx) that leaves open what
/// became of the call.
Task<void> converse(Desk& desk, const Plan& plan, Said& said);

/// The call that a step makes. Null when it refers to something that no earlier answer has.
std::optional<stripe::Call> call_of(const Plan& plan, std::size_t step,
                                    const std::vector<StripeAnswer>& answers);

/// When the object in this answer was as it says, on Stripe's clock: `created` of what a POST to a
/// collection made, else the answer's Date less what the call took. `now` where neither is there.
Microseconds snapshot_time(const Step& step, const stripe::Answer& answer, Microseconds now);

/// The latest moment at which it can have been so: when Stripe wrote the answer.
Microseconds snapshot_end(const stripe::Answer& answer, Microseconds now);

}  // namespace daybook::api
