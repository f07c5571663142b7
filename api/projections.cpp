// GET /projections, /exceptions, /replays: how far the tables are, and what could not be folded.
#include <api/handlers.hpp>
#include <api/list.hpp>
#include <api/rows.hpp>
#include <ledger/json_text.hpp>

#include <algorithm>

namespace daybook::api {
namespace {

constexpr std::string_view exception_key[] = {"noted_at", "projection", "position"};
constexpr std::string_view exception_types[] = {"timestamptz", "text", "bigint"};
constexpr Filter exception_filters[] = {
    {"projection", "projection = "},
    {"event_id", "event_id = "},
};

constexpr std::string_view of_replays[] = {"replay"};
constexpr std::string_view replay_key[] = {"created_at", "name"};
constexpr std::string_view replay_types[] = {"timestamptz", "text"};

struct Row {
    std::string_view name{};
    std::int64_t version = 0;
    std::int64_t position = 0;
    std::int64_t head = 0;
    std::string_view digest{};
    std::int64_t exceptions = 0;
    bool leased = false;
};

/// What this process knows comes first; of projections it does not run the lease tells.
std::string state_of(const Row& row, const std::vector<projections::ProjectorStatus>& running) {
    const auto same = [&row](const auto& status) { return status.name == row.name; };
    const auto found = std::ranges::find_if(running, same);
    if (found != running.end() && found->state == "rebuilding") return found->state;
    if (row.exceptions > 0) return "degraded";
    if (found != running.end()) return found->state;
    return row.leased ? "standby" : "stopped";
}

std::string projection_json(const Row& row, const std::string& state) {
    return JsonObject()
        .text("name", row.name)
        .number("version", row.version)
        .text("state", state)
        .number("position", row.position)
        .number("lag", std::max<std::int64_t>(0, row.head - row.position))
        .text_or_null("digest", row.digest)
        .number("exceptions", row.exceptions)
        .str();
}

pg::Result checkpoints(Context& context, const std::string& schema) {
    return context.db.run(
        "SELECT p.name, p.version, p.position, h.position, encode(p.digest, 'hex'), "
        "(SELECT count(*) FROM ledger.exceptions e WHERE e.log_id = p.log_id "
        "AND e.schema_name = p.schema_name AND e.projection = p.name), "
        "coalesce(p.lease_until > now(), false) "
        "FROM ledger.projections p JOIN ledger.heads h ON h.log_id = p.log_id "
        "WHERE p.log_id = $1 AND p.schema_name = $2 ORDER BY p.name",
        pg::Params().number(context.node.log_id).text(schema));
}

}  // namespace

Response get_projections(const Request& request, Context& context) {
    allow_parameters(request, {"replay"});
    refuse_if_kept(context);
    const auto schema = schema_of(request, context);
    const bool live = schema == "app";
    const auto running =
        live ? context.node.projectors.status() : std::vector<projections::ProjectorStatus>();
    const auto rows = checkpoints(context, schema);
    JsonArray data;
    std::vector<std::string_view> stored;
    for (int row = 0; row < rows.rows(); ++row) {
        Row checkpoint{rows.text(row, 0),   rows.number(row, 1), rows.number(row, 2),
                       rows.number(row, 3), rows.text(row, 4),   rows.number(row, 5),
                       rows.boolean(row, 6)};
        // What no row depends on is written later: this process knows better where it stands.
        for (const auto& status : running)
            if (status.name == checkpoint.name && status.state == "live")
                checkpoint.position = std::max(checkpoint.position, status.position);
        // A replay stands still on purpose, at the position it was asked for.
        data.add(projection_json(checkpoint, live ? state_of(checkpoint, running) : "replay"));
        stored.push_back(checkpoint.name);
    }
    for (const auto& status : running) {
        if (std::ranges::find(stored, status.name) != stored.end()) continue;
        const Row starting{.name = status.name,
                           .version = status.version,
                           .position = status.position,
                           .head = status.position + status.lag};
        data.add(projection_json(starting, status.state));
    }
    Response response;
    response.body =
        JsonObject().raw("data", data.str()).boolean("has_more", false).null("next_cursor").str();
    return response;
}

Response get_exceptions(const Request& request, Context& context) {
    return list(request, context,
                {.columns = "t.projection, t.position, t.event_id, t.error, t.noted_at",
                 .table = "ledger.exceptions",
                 .key = exception_key,
                 .types = exception_types,
                 .filters = exception_filters,
                 .further = of_replays},
                {{"t.schema_name = ", schema_of(request, context)}});
}

Response get_replays(const Request& request, Context& context) {
    return list(
        request, context,
        {.table = "ledger.replays", .key = replay_key, .types = replay_types, .further = {}});
}

}  // namespace daybook::api
