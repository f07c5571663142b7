// GET /events, /events/{id}: the log itself.
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/problem.hpp>
#include <api/redact.hpp>
#include <api/rows.hpp>
#include <api/scopes.hpp>
#include <api/time.hpp>
#include <ledger/json_parse.hpp>
#include <ledger/json_text.hpp>
#include <ledger/log.hpp>
#include <ledger/sha256.hpp>
#include <ledger/whole_number.hpp>

namespace daybook::api {
namespace {

constexpr std::string_view key[] = {"position"};
constexpr std::string_view types[] = {"bigint"};
constexpr std::string_view columns =
    "t.position, t.event_id, t.source, t.type, t.object_id, t.account, t.livemode, "
    "t.api_version, t.occurred_at, t.recorded_at, t.causation_id, t.correlation_id, "
    "t.payload_sha256";
// since and until become positions: both axes grow together, and the position is the key.
constexpr Filter filters[] = {
    {"type", "type = "},
    {"account", "account = "},
    {"object_id", "object_id = "},
    {"after", "position > ", Value::number},
};

constexpr std::string_view recorded[] = {"since", "until"};

Microseconds time_of(std::string_view parameter, const std::string& given) {
    const auto time = parse_time(given);
    if (!time)
        throw Refused(Problem::invalid_parameter,
                      std::string(parameter).append(" must be Unix seconds or an RFC 3339 time"));
    return *time;
}

/// since and until as conditions on the position, and the mode that the key is kept to.
std::vector<Condition> recorded_range(const Request& request, Context& context) {
    std::vector<Condition> conditions;
    const auto position_before = [&context](Microseconds time) {
        return std::to_string(position_at(context.db, context.node.log_id, time - 1));
    };
    if (const auto* since = request.parameter("since"))
        conditions.push_back({"t.position > ", position_before(time_of("since", *since))});
    if (const auto* until = request.parameter("until"))
        conditions.push_back({"t.position <= ", position_before(time_of("until", *until))});
    // The log takes events of either mode, and the key may be kept to ours.
    if (why_not_mode(context.caller.scopes, !context.node.livemode))
        conditions.push_back({"t.livemode = ", context.node.livemode ? "true" : "false"});
    return conditions;
}

bool is_json(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    return parse_json(parser, text, root) == simdjson::SUCCESS;
}

/// By its id or, since all else names positions, by where it stands.
std::optional<StoredEvent> event_named(Context& context, const std::string& name) {
    const auto log_id = context.node.log_id;
    if (auto event = find_event(context.db, log_id, name)) return event;
    const auto position = whole_number(name);
    if (!position) return std::nullopt;
    const auto there =
        context.db.run("SELECT event_id FROM ledger.events WHERE log_id = $1 AND position = $2",
                       pg::Params().number(log_id).number(*position));
    if (there.rows() == 0) return std::nullopt;
    return find_event(context.db, log_id, there.text(0, 0));
}

}  // namespace

Response get_events(const Request& request, Context& context) {
    // The index on what events are about counts as dear where objects are as good as random.
    pg::Transaction transaction(context.db, "BEGIN READ ONLY");
    context.db.run("SET LOCAL enable_seqscan = off");
    // Whoever names a position reads on from there, upwards; else the newest come first.
    auto response = list(request, context,
                         {.columns = columns,
                          .table = "ledger.events",
                          .key = key,
                          .types = types,
                          .descending = !request.parameter("after"),
                          .filters = filters,
                          .account = "account",
                          .further = recorded},
                         recorded_range(request, context));
    transaction.commit();
    return response;
}

Response get_event(const Request& request, Context& context) {
    allow_parameters(request, {});
    const auto event = event_named(context, request.id);
    if (!event || why_not_mode(context.caller.scopes, event->livemode))
        throw Refused(Problem::no_such_record);
    refuse_unless_about(context, event->account);
    JsonObject body;
    body.number("position", event->position)
        .text("event_id", event->event_id)
        .text("source", name(event->source))
        .text("type", event->type)
        .text_or_null("object_id", event->object_id)
        .text_or_null("account", event->account)
        .boolean("livemode", event->livemode)
        .text_or_null("api_version", event->api_version)
        .number("occurred_at", unix_seconds(event->occurred_at))
        .number("recorded_at", unix_seconds(event->recorded_at))
        .text_or_null("causation_id", event->causation_id)
        .text_or_null("correlation_id", event->correlation_id)
        .text("payload_sha256", hex(event->payload_sha256))
        .number("payload_bytes", static_cast<std::int64_t>(event->payload.size()));
    // Webhooks were parsed before they were stored; other sources might not be JSON. Of actions, no
    // bytes are shown in which nobody looked for secrets.
    if (is_json(event->payload))
        body.raw("payload", without_secrets(event->payload));
    else if (event->source == Source::action)
        body.null("payload");
    else
        body.null("payload").text("payload_hex", hex(event->payload));
    Response response;
    response.body = body.str();
    return response;
}

}  // namespace daybook::api
