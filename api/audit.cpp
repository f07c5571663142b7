// GET /audit, /actions/{id}: who asked for what, and what came of it.
#include <api/actions/plan.hpp>
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/problem.hpp>
#include <api/redact.hpp>
#include <api/scopes.hpp>
#include <ledger/json_text.hpp>

#include <simdjson.h>

#include <optional>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"requested_at", "position"};
constexpr std::string_view types[] = {"timestamptz", "bigint"};
constexpr std::string_view states[] = {"requested", "indeterminate", "failed", "succeeded"};
constexpr Filter filters[] = {
    {"key", "key_id = "},
    {"state", "state = ", Value::text, states},
    {"kind", "kind = "},
    {"object", "object_id = "},
    {"account", "account_id = "},
    {"created_after", "requested_at >= ", Value::time},
    {"created_before", "requested_at < ", Value::time},
};

using Json = simdjson::dom::element;

/// An event of an action, parsed.
class Record {
public:
    Record(std::int64_t position, std::string_view payload) : position_(position) {
        if (parser_.parse(payload.data(), payload.size()).get(root_) != simdjson::SUCCESS)
            throw std::runtime_error("the record of an action is not JSON");
    }
    [[nodiscard]] std::int64_t position() const { return position_; }

    /// JSON pointers; what is not there is null.
    [[nodiscard]] std::string raw(std::string_view pointer) const {
        Json value;
        if (root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return "null";
        return simdjson::minify(value);
    }
    [[nodiscard]] std::string text(std::string_view pointer) const {
        std::string_view value;
        if (root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return {};
        return std::string(value);
    }

private:
    std::int64_t position_;
    simdjson::dom::parser parser_;
    Json root_;
};

/// All that the log has of one action.
struct Records {
    std::optional<Record> requested, indeterminate, outcome;
};

Records records_of(Context& context, const std::string& id) {
    const auto open = indeterminate_id(id);
    const auto final = outcome_id(id);
    const auto rows = context.db.run(
        "SELECT event_id, position, convert_from(payload, 'UTF8') FROM ledger.events "
        "WHERE log_id = $1 AND source = 'action' AND event_id IN ($2, $3, $4) "
        "AND (event_id <> $2 OR type = 'action.requested')",
        pg::Params().number(context.node.log_id).text(id).text(open).text(final));
    Records records;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto event_id = rows.text(row, 0);
        auto& record = event_id == id     ? records.requested
                       : event_id == open ? records.indeterminate
                                          : records.outcome;
        record.emplace(rows.number(row, 1), rows.text(row, 2));
    }
    return records;
}

std::string state_of(const Records& records) {
    if (records.outcome) return records.outcome->text("/type").substr(sizeof "action." - 1);
    return records.indeterminate ? "indeterminate" : "requested";
}

/// What the client was given. A body that is not there is the object as Stripe sent it.
std::string answer_json(const Record& outcome) {
    JsonObject answer;
    answer.raw("status", outcome.raw("/answer/status"));
    auto body = outcome.raw("/data/object");
    if (outcome.raw("/answer/body") != "null") {
        const auto text = outcome.text("/answer/body");
        simdjson::dom::parser parser;
        Json json;
        body = parser.parse(text.data(), text.size()).get(json) == simdjson::SUCCESS
                   ? std::string(simdjson::minify(json))
                   : JsonArray().text(text).str();
    }
    return answer.raw("body", body).str();
}

void add_outcome(JsonObject& body, const Record* record) {
    for (const auto* name : {"status", "error", "object_type", "object_id", "stripe_request_id",
                             "settled_by", "attempts", "answered_at"})
        body.raw(name, record ? record->raw(std::string("/action/") + name) : "null");
}

}  // namespace

Response get_audit(const Request& request, Context& context) {
    return list(request, context,
                {.table = "actions",
                 .key = key,
                 .types = types,
                 .filters = filters,
                 .account = "account_id"});
}

Response get_action(const Request& request, Context& context) {
    allow_parameters(request, {});
    const auto records = records_of(context, request.id);
    if (!records.requested) throw Refused(Problem::no_such_record);
    const auto& asked = *records.requested;
    refuse_unless_about(context, asked.text("/action/account"));
    if (why_not_mode(context.caller.scopes, asked.raw("/livemode") == "true"))
        throw Refused(Problem::no_such_record);
    JsonObject body;
    body.text("action_id", request.id)
        .text("state", state_of(records))
        .number("position", asked.position());
    if (records.outcome)
        body.number("outcome_position", records.outcome->position());
    else
        body.null("outcome_position");
    body.raw("livemode", asked.raw("/livemode")).raw("requested_at", asked.raw("/created"));
    for (const auto* name : {"kind", "method", "path", "account", "idempotency_key", "requester",
                             "steps", "decisions"})
        body.raw(name, asked.raw(std::string("/action/") + name));
    const auto* last = records.outcome         ? &*records.outcome
                       : records.indeterminate ? &*records.indeterminate
                                               : nullptr;
    add_outcome(body, last);
    body.raw("answer", records.outcome ? answer_json(*records.outcome) : "null")
        .raw("object", records.outcome ? records.outcome->raw("/data/object") : "null");
    Response response;
    response.body = without_secrets(body.str());
    return response;
}

}  // namespace daybook::api
