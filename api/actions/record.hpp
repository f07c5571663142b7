// Actions as events of the log: how requests and outcomes are written, and read again.
#pragma once

#include <api/actions/plan.hpp>
#include <ledger/event.hpp>
#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::api {

/// How far an action has come.
enum class ActionState { requested, indeterminate, failed, succeeded };

std::string_view name(ActionState state);

/// What became of an action, before it is written.
struct Outcome {
    ActionState state = ActionState::indeterminate;  ///< never requested
    std::vector<StripeAnswer> answers;               ///< of the steps that were answered, in order
    std::string_view settled_by = "answer";          ///< or "reading", "dispatcher"
    int attempts = 1;
    Microseconds answered_at = 0;
    /// On Stripe's clock: when the last answer's object was as it says, never later.
    Microseconds snapshot_at = 0;
    Microseconds snapshot_until = 0;  ///< the latest moment at which it can have been so
    /// What the client gets, now and for every repetition of its key. Without the position.
    Response response;
};

/// The event that goes to the log before Stripe is called. Values that must not be kept (card
/// numbers and the like) are left out of it; then the action cannot be repeated from the record.
NewEvent requested_event(const Plan& plan);

/// The event of a final outcome, or of the first time that an action was left undecided.
NewEvent outcome_event(const Plan& plan, const Outcome& outcome);

/// An action as the log has it.
struct RecordedAction {
    Plan plan;
    bool repeatable = true;  ///< false when something was left out of the record
    std::int64_t position = 0;
    Microseconds recorded_at = 0;

    struct Final {
        ActionState state = ActionState::failed;
        std::int64_t position = 0;
        Response response;  ///< as it was given to the client, without the position
    };
    std::optional<Final> outcome;
};

/// Null when the log has no such action. Two index look-ups in one round trip.
std::optional<RecordedAction> find_action(pg::Connection& db, std::int32_t log_id,
                                          std::string_view id);

/// The same from payloads, for those who have read them. Throws std::runtime_error for what is no
/// record of an action.
Plan plan_of(std::string_view requested_payload);
RecordedAction::Final final_of(std::string_view outcome_payload, std::int64_t position);

/// Whether a record is whole, with nothing sensitive left out, so that the request can be made
/// again from it alone.
bool is_repeatable(std::string_view requested_payload);

}  // namespace daybook::api
