// Stripe's bodies are embedded verbatim, last, so that an answer can be given again byte for byte.
#include <api/actions/record.hpp>

#include <api/actions/sensitive.hpp>
#include <ledger/json_text.hpp>
#include <ledger/log.hpp>
#include <ledger/pg/binary.hpp>

#include <simdjson.h>

#include <boost/beast/core/detail/base64.hpp>

#include <memory>
#include <stdexcept>

namespace daybook::api {
namespace {

namespace base64 = boost::beast::detail::base64;
using Json = simdjson::dom::element;
constexpr Microseconds per_second = 1'000'000;

std::string to_base64(std::string_view bytes) {
    std::string out(base64::encoded_size(bytes.size()), '\0');
    out.resize(base64::encode(out.data(), bytes.data(), bytes.size()));
    return out;
}

std::string from_base64(std::string_view text) {
    std::string out(base64::decoded_size(text.size()), '\0');
    out.resize(base64::decode(out.data(), text.data(), text.size()).first);
    return out;
}

// --- reading -------------------------------------------------------------------------------------

std::string text_of(const Json& json, std::string_view name) {
    std::string_view value;
    return json.at_key(name).get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

std::int64_t number_of(const Json& json, std::string_view name) {
    std::int64_t value = 0;
    return json.at_key(name).get(value) == simdjson::SUCCESS ? value : 0;
}

Headers headers_of(const Json& json, std::string_view name) {
    Headers headers;
    simdjson::dom::array all;
    if (json.at_key(name).get(all) != simdjson::SUCCESS) return headers;
    for (const auto pair : all) {
        std::string_view key;
        std::string_view value;
        if (pair.at(0).get(key) == simdjson::SUCCESS && pair.at(1).get(value) == simdjson::SUCCESS)
            headers.emplace_back(key, value);
    }
    return headers;
}

Json parsed(simdjson::dom::parser& parser, std::string_view payload) {
    Json root;
    if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS ||
        !root.is_object())
        throw std::runtime_error("the record of an action is not a JSON object");
    return root;
}

Json member(const Json& json, std::string_view name) {
    Json value;
    if (json.at_key(name).get(value) != simdjson::SUCCESS)
        throw std::runtime_error("the record of an action has no " + std::string(name));
    return value;
}

/// Bytes as a member of a JSON object: as text where they are text.
void add_bytes(JsonObject& out, std::string_view bytes) {
    if (simdjson::validate_utf8(bytes.data(), bytes.size()))
        out.text("body", bytes);
    else
        out.text("body_base64", to_base64(bytes));
}

std::string bytes_of(const Json& json) {
    Json encoded;
    if (json.at_key("body_base64").get(encoded) == simdjson::SUCCESS)
        return from_base64(text_of(json, "body_base64"));
    return text_of(json, "body");
}

Step step_of(const Json& json) {
    return {.method = text_of(json, "method"),
            .path = text_of(json, "path"),
            .body = bytes_of(json),
            .content_type = text_of(json, "content_type"),
            .account = text_of(json, "account"),
            .version = text_of(json, "version"),
            .headers = headers_of(json, "headers")};
}

// --- writing -------------------------------------------------------------------------------------

std::string headers_json(const Headers& headers) {
    JsonArray all;
    for (const auto& [name, value] : headers)
        all.add(JsonArray().text(name).text(value).str());
    return all.str();
}

std::string step_json(const Step& step) {
    const auto path = target_without_sensitive(step.path);
    const auto body = without_sensitive(step.body, step.content_type);
    JsonObject out;
    out.text("method", step.method).text("path", path);
    add_bytes(out, body);
    return out.text("content_type", step.content_type)
        .text_or_null("account", step.account)
        .text_or_null("version", step.version)
        .raw("headers", headers_json(step.headers))
        .boolean("redacted", path != step.path || body != step.body)
        .str();
}

std::string requester_json(const Requester& requester) {
    return JsonObject()
        .text("key_id", requester.key_id)
        .text("remote", requester.remote)
        .text("user_agent", requester.user_agent)
        .text("request_id", requester.request_id)
        .str();
}

/// What all events of an action have in common; `action` gets its further members.
JsonObject action_json(const Plan& plan) {
    JsonObject action;
    action.text("id", plan.id)
        .text("kind", plan.kind)
        .text("method", plan.method)
        .text("path", plan.path)
        .text_or_null("account", plan.account);
    return action;
}

NewEvent event_of(const Plan& plan, std::string event_id, std::string_view type,
                  Microseconds occurred_at) {
    NewEvent event;
    event.event_id = std::move(event_id);
    event.source = Source::action;
    event.type = type;
    event.object_id = plan.id;
    event.account = plan.account;
    event.livemode = plan.livemode;
    event.occurred_at = occurred_at;
    event.causation_id = plan.requester.request_id;
    event.correlation_id = plan.id;
    return event;
}

JsonObject envelope(const NewEvent& event) {
    JsonObject root;
    root.text("id", event.event_id)
        .text("object", "daybook.action")
        .text("type", event.type)
        .number("created", event.occurred_at / per_second)
        .boolean("livemode", event.livemode);
    return root;
}

/// The body when it is a JSON object, which alone can be embedded; `named` gets what it says.
struct Embedded {
    std::string_view json = "null";
    std::string type;
    std::string id;
    std::string error = "null";
};

Embedded embedded(std::string_view body) {
    simdjson::dom::parser parser;
    Json root;
    Embedded out;
    if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS || !root.is_object())
        return out;
    out.json = body;
    out.type = text_of(root, "object");
    out.id = text_of(root, "id");
    Json error;
    if (root.at_key("error").get(error) == simdjson::SUCCESS && error.is_object())
        out.error = JsonObject()
                        .text_or_null("type", text_of(error, "type"))
                        .text_or_null("code", text_of(error, "code"))
                        .text_or_null("decline_code", text_of(error, "decline_code"))
                        .text_or_null("message", text_of(error, "message"))
                        .text_or_null("param", text_of(error, "param"))
                        .str();
    return out;
}

std::string earlier_steps_json(const std::vector<StripeAnswer>& answers) {
    JsonArray steps;
    for (std::size_t i = 0; i + 1 < answers.size(); ++i)
        steps.add(JsonObject()
                      .number("status", answers[i].status)
                      .text_or_null("request_id", answers[i].header("Request-Id"))
                      .raw("object", embedded(answers[i].body).json)
                      .str());
    return steps.str();
}

std::string type_of(ActionState state) {
    return std::string("action.").append(name(state));
}

}  // namespace

std::string_view name(ActionState state) {
    switch (state) {
        case ActionState::requested: return "requested";
        case ActionState::indeterminate: return "indeterminate";
        case ActionState::failed: return "failed";
        case ActionState::succeeded: return "succeeded";
    }
    return {};
}

bool is_repeatable(std::string_view requested_payload) {
    simdjson::dom::parser parser;
    const auto root = parsed(parser, requested_payload);
    simdjson::dom::array steps;
    if (member(root, "action").at_key("steps").get(steps) != simdjson::SUCCESS) return true;
    for (const auto step : steps) {
        bool redacted = false;
        if (step.at_key("redacted").get(redacted) == simdjson::SUCCESS && redacted) return false;
    }
    return true;
}

NewEvent requested_event(const Plan& plan) {
    auto event =
        event_of(plan, plan.id, type_of(ActionState::requested), plan.requested_at * per_second);
    JsonArray steps;
    for (const auto& step : plan.steps)
        steps.add(step_json(step));
    auto action = action_json(plan);
    action.text_or_null("idempotency_key", plan.idempotency_key)
        .text("fingerprint", plan.fingerprint)
        .raw("requester", requester_json(plan.requester))
        .raw("steps", steps.str())
        .raw("decisions", plan.decisions);
    event.payload = envelope(event).raw("action", action.str()).str();
    return event;
}

NewEvent outcome_event(const Plan& plan, const Outcome& outcome) {
    const bool final = outcome.state != ActionState::indeterminate;
    auto event = event_of(
        plan, final ? outcome_id(plan.id) : indeterminate_id(plan.id), type_of(outcome.state),
        outcome.state == ActionState::succeeded ? outcome.snapshot_at : outcome.answered_at);
    static const StripeAnswer none;
    const auto& last = outcome.answers.empty() ? none : outcome.answers.back();
    const auto object = embedded(last.body);
    auto action = action_json(plan);
    action.number("requested_at", plan.requested_at)
        .number("answered_at", outcome.answered_at / per_second)
        .number("answered_at_us", outcome.answered_at)
        .number("snapshot_until", outcome.snapshot_until / per_second)
        .number("attempts", outcome.attempts)
        .text("settled_by", outcome.settled_by)
        .number("status", last.status)
        .text_or_null("stripe_request_id", last.header("Request-Id"))
        .raw("error", object.error)
        .text_or_null("object_type", object.type)
        .text_or_null("object_id", object.id);
    JsonObject answer;
    answer.number("status", outcome.response.status)
        .text("content_type", outcome.response.content_type)
        .text("headers", outcome.response.headers);
    const bool verbatim = outcome.response.body == object.json;
    if (verbatim)
        answer.number("verbatim_bytes", static_cast<std::int64_t>(object.json.size()));
    else
        add_bytes(answer, outcome.response.body);
    event.payload = envelope(event)
                        .raw("action", action.str())
                        .raw("answer", answer.str())
                        .raw("steps", earlier_steps_json(outcome.answers))
                        .raw("data", JsonObject().raw("object", object.json).str())
                        .str();
    return event;
}

Plan plan_of(std::string_view requested_payload) {
    simdjson::dom::parser parser;
    const auto root = parsed(parser, requested_payload);
    const auto action = member(root, "action");
    const auto requester = member(action, "requester");
    Plan plan;
    plan.id = text_of(action, "id");
    plan.kind = text_of(action, "kind");
    plan.method = text_of(action, "method");
    plan.path = text_of(action, "path");
    plan.idempotency_key = text_of(action, "idempotency_key");
    plan.fingerprint = text_of(action, "fingerprint");
    plan.account = text_of(action, "account");
    plan.requested_at = number_of(root, "created");
    plan.requester = {text_of(requester, "key_id"), text_of(requester, "remote"),
                      text_of(requester, "user_agent"), text_of(requester, "request_id")};
    bool livemode = false;
    if (root.at_key("livemode").get(livemode) == simdjson::SUCCESS) plan.livemode = livemode;
    simdjson::dom::array steps;
    if (action.at_key("steps").get(steps) == simdjson::SUCCESS)
        for (const auto step : steps)
            plan.steps.push_back(step_of(step));
    plan.decisions = simdjson::minify(member(action, "decisions"));
    return plan;
}

RecordedAction::Final final_of(std::string_view outcome_payload, std::int64_t position) {
    simdjson::dom::parser parser;
    const auto root = parsed(parser, outcome_payload);
    const auto answer = member(root, "answer");
    RecordedAction::Final out;
    out.position = position;
    out.state = text_of(root, "type") == type_of(ActionState::succeeded) ? ActionState::succeeded
                                                                         : ActionState::failed;
    out.response.status = static_cast<int>(number_of(answer, "status"));
    // A gateway's answer has its own among its headers; the others are literals of this service.
    out.response.content_type = {};
    for (const std::string_view known : {"application/json", "application/problem+json"})
        if (text_of(answer, "content_type") == known) out.response.content_type = known;
    out.response.headers = text_of(answer, "headers");
    const auto verbatim = static_cast<std::size_t>(number_of(answer, "verbatim_bytes"));
    constexpr std::size_t closing = 2;  // the braces of data and of the envelope
    if (verbatim > 0 && verbatim + closing <= outcome_payload.size())
        out.response.body =
            outcome_payload.substr(outcome_payload.size() - closing - verbatim, verbatim);
    else
        out.response.body = bytes_of(answer);
    return out;
}

std::optional<RecordedAction> find_action(pg::Connection& db, std::int32_t log_id,
                                          std::string_view id) {
    const auto rows = db.run(
        "SELECT event_id, position, (extract(epoch FROM recorded_at) * 1000000)::bigint, payload "
        "FROM ledger.events WHERE log_id = $1 AND event_id IN ($2, $3) "
        "AND (event_id <> $2 OR type = 'action.requested') ORDER BY position",
        pg::Params().number(log_id).text(id).text(outcome_id(id)), true);
    std::optional<RecordedAction> found;
    for (int row = 0; row < rows.rows(); ++row) {
        auto position_bytes = rows.text(row, 1);
        auto recorded_bytes = rows.text(row, 2);
        const auto position = pg::take<std::int64_t>(position_bytes);
        if (rows.text(row, 0) == id) {
            found.emplace();
            found->plan = plan_of(rows.text(row, 3));
            found->position = position;
            found->recorded_at = pg::take<std::int64_t>(recorded_bytes);
            found->repeatable = is_repeatable(rows.text(row, 3));
        } else if (found) {
            found->outcome = final_of(rows.text(row, 3), position);
        }
    }
    return found;
}

}  // namespace daybook::api
