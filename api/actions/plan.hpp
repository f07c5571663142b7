// What a client asked for and which calls to Stripe that takes: recorded before the first of them.
#pragma once

#include <api/http.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace daybook::api {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One call to Stripe.
///
/// In `path` and `body` of our own API, `{0.id}` stands for the field `id` of the object that step
/// 0 answered, `{1.latest_invoice.id}` for one inside (percent-encoded in its place). What the
/// gateway forwards is never changed.
struct Step {
    std::string method = "POST";
    std::string path;  ///< as it goes on the wire, with the query: /v1/refunds
    std::string body;
    std::string content_type = "application/x-www-form-urlencoded";
    std::string account;  ///< Stripe-Account, or empty
    std::string version;  ///< Stripe-Version, or empty: whatever the platform's account has
    Headers headers;      ///< further ones
};

/// Who asked. Recorded with the action; GET /audit shows it.
struct Requester {
    std::string key_id;      ///< key_…
    std::string remote;      ///< address of the peer
    std::string user_agent;  ///< cut to 255 bytes
    std::string request_id;
};

/// An action before it is carried out. The whole of it stands in its `action.requested` event, so
/// that any node can finish it after a crash.
struct Plan {
    std::string id;    ///< act_…; see action_id()
    std::string kind;  ///< "gateway", or the name of an ActionKind
    std::string method;
    std::string path;             ///< what the client called, without the query
    std::string idempotency_key;  ///< the client's, or empty
    std::string fingerprint;      ///< hexadecimal; equal for equal requests
    std::string account;          ///< the connected account it acts on, or empty
    bool livemode = false;
    Requester requester;
    std::vector<Step> steps;        ///< at least one
    std::string decisions = "{}";   ///< a JSON object: what our own API decided, and why
    std::int64_t requested_at = 0;  ///< Unix seconds
};

/// What Stripe said to one step.
struct StripeAnswer {
    int status = 0;
    Headers headers;
    std::string body;

    /// The first header of this name, without regard to case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// A kind of action of our own API: how its answer is made. Pure, because after a crash it is made
/// from the record alone, on any node.
struct ActionKind {
    std::string_view name;  ///< stored with each action, so it is frozen
    /// Called when all steps succeeded; `answers` are theirs. A 2xx answer must be a JSON object:
    /// the position is added to it as its first member.
    Response (*compose)(const Plan& plan, std::span<const StripeAnswer> answers);
};

/// Null when there is none of this name. The table is in api/marketplace/kinds.cpp.
const ActionKind* find_action_kind(std::string_view name);

/// What a handler makes of a request: an answer at once, or a plan. It fills in `kind`, `steps`,
/// `decisions` and, where it matters, `account`; the rest is filled in around it.
using Prepared = std::variant<Response, Plan>;

/// The id of the action that a client's idempotency key stands for. The same key means the same
/// action for ever, within one mode and one connected account. Without a key every call is its own.
std::string action_id(std::string_view idempotency_key, bool livemode, std::string_view account);

/// Stripe's idempotency key of a step; for the first it is the action's id.
std::string step_key(std::string_view action_id, std::size_t step);

/// The event of the action's final outcome; there is never more than one.
std::string outcome_id(std::string_view action_id);

/// The event that says that nobody knows the outcome yet.
std::string indeterminate_id(std::string_view action_id);

}  // namespace daybook::api
