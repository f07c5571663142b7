// The actions projection: every command of a client, who gave it, and what came of it.
#include <projections/latest.hpp>
#include <projections/projection.hpp>
#include <projections/stripe/json_list.hpp>

#include <algorithm>

namespace daybook::projections {

namespace {

constexpr Column columns[] = {{"action_id", Type::text, Use::key},
                              {"state"},
                              {"kind"},
                              {"method"},
                              {"path"},
                              {"account_id"},
                              {"idempotency_key"},
                              {"key_id"},
                              {"remote"},
                              {"user_agent"},
                              {"request_id"},
                              {"status", Type::bigint},
                              {"object_type"},
                              {"object_id"},
                              {"error", Type::json},
                              {"stripe_request_id"},
                              {"settled_by"},
                              {"attempts", Type::bigint},
                              {"requested_at", Type::timestamp},
                              {"answered_at", Type::timestamp},
                              {"events", Type::json, Use::trace},
                              {"position", Type::bigint, Use::trace}};
constexpr const char* indexes[] = {"requested_at, position", "state, requested_at",
                                   "key_id, requested_at", "object_id"};
constexpr Table tables[] = {{"actions", columns, indexes}};

constexpr std::string_view types[] = {"action.requested", "action.indeterminate",
                                      "action.succeeded", "action.failed"};

struct AskedState {
    std::string kind, method, path, account, idempotency_key, key_id, remote, user_agent,
        request_id;
    std::int64_t requested_at = 0;
    BOOST_DESCRIBE_CLASS(AskedState, (),
                         (kind, method, path, account, idempotency_key, key_id, remote, user_agent,
                          request_id, requested_at),
                         (), ())
};

struct OutcomeState {
    std::string state, kind, method, path, account, object_type, object_id, error,
        stripe_request_id, settled_by;
    std::int64_t status = 0, attempts = 0, requested_at = 0, answered_at = 0;
    [[nodiscard]] std::int64_t finality() const { return state == "indeterminate" ? 0 : 1; }
    BOOST_DESCRIBE_CLASS(OutcomeState, (),
                         (state, kind, method, path, account, object_type, object_id, error,
                          stripe_request_id, settled_by, status, attempts, requested_at,
                          answered_at),
                         (), ())
};

struct ActionFacts {
    Newest<AskedState> asked;
    Newest<OutcomeState> outcome;
    std::vector<std::int64_t> positions;
    BOOST_DESCRIBE_CLASS(ActionFacts, (), (asked, outcome, positions), (), ())
};

AskedState asked_of(const stripe::Action& action, std::int64_t created) {
    return {.kind = std::string(action.kind),
            .method = std::string(action.method),
            .path = std::string(action.path),
            .account = std::string(action.account),
            .idempotency_key = std::string(action.idempotency_key),
            .key_id = std::string(action.key_id),
            .remote = std::string(action.remote),
            .user_agent = std::string(action.user_agent),
            .request_id = std::string(action.request_id),
            .requested_at = action.requested_at > 0 ? action.requested_at : created};
}

OutcomeState outcome_of(const stripe::Action& action, std::string_view state) {
    return {.state = std::string(state),
            .kind = std::string(action.kind),
            .method = std::string(action.method),
            .path = std::string(action.path),
            .account = std::string(action.account),
            .object_type = std::string(action.object_type),
            .object_id = std::string(action.object_id),
            .error = std::string(action.error),
            .stripe_request_id = std::string(action.stripe_request_id),
            .settled_by = std::string(action.settled_by),
            .status = action.status,
            .attempts = action.attempts,
            .requested_at = action.requested_at,
            .answered_at = action.answered_at};
}

struct Rules {
    using State = ActionFacts;

    static void apply(const Event& event, Rows<State>& rows) {
        if (!event.action) return;
        const auto& action = *event.action;
        auto& facts = rows.at(action.id);
        const auto place = std::ranges::lower_bound(facts.positions, event.position);
        if (place == facts.positions.end() || *place != event.position)
            facts.positions.insert(place, event.position);
        if (event.type == "action.requested") {
            facts.asked.see(event.created, event.order, asked_of(action, event.created));
        } else {
            const auto state = event.type.substr(event.type.find('.') + 1);
            facts.outcome.see(event.created, event.order, outcome_of(action, state));
        }
    }

    static void derive(std::string_view key, const State& facts, RowSink& sink) {
        const auto& asked = facts.asked.value;
        const auto& outcome = facts.outcome.value;
        const bool known = facts.asked.seen();  // an outcome may be folded before its request
        sink.row(0)
            .text(key)
            .text(facts.outcome.seen() ? outcome.state : "requested")
            .text_or_null(known ? asked.kind : outcome.kind)
            .text_or_null(known ? asked.method : outcome.method)
            .text_or_null(known ? asked.path : outcome.path)
            .text_or_null(known ? asked.account : outcome.account)
            .text_or_null(asked.idempotency_key)
            .text_or_null(asked.key_id)
            .text_or_null(asked.remote)
            .text_or_null(asked.user_agent)
            .text_or_null(asked.request_id)
            .number_or_null(outcome.status > 0 ? std::optional(outcome.status) : std::nullopt)
            .text_or_null(outcome.object_type)
            .text_or_null(outcome.object_id)
            .json(outcome.error.empty() ? "null" : outcome.error)
            .text_or_null(outcome.stripe_request_id)
            .text_or_null(outcome.settled_by)
            .number_or_null(outcome.attempts > 0 ? std::optional(outcome.attempts) : std::nullopt)
            .time_or_null(known ? asked.requested_at : outcome.requested_at)
            .time_or_null(outcome.answered_at)
            .json(stripe::json_list(facts.positions))
            .number(facts.positions.front());
    }
};

}  // namespace

extern const Projection actions;
const Projection actions = {"actions", 2, tables, types, make_fold<Rules>};

}  // namespace daybook::projections
