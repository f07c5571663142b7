#include <api/redact.hpp>
#include <ledger/json_text.hpp>
#include <ledger/sha256.hpp>
#include <tools/daybook/event_rows.hpp>
#include <tools/daybook/json_pretty.hpp>
#include <tools/daybook/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace daybook::tools {
namespace {

constexpr auto columns =
    "position, event_id, source, type, object_id, account, livemode, api_version,"
    " to_char(occurred_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
    " to_char(recorded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), causation_id, correlation_id";

enum Column {
    position,
    event_id,
    source,
    type,
    object_id,
    account,
    livemode,
    api_version,
    occurred_at,
    recorded_at,
    causation_id,
    correlation_id,
    payload,
    payload_sha256
};

/// Postgres's text form of bytea: \x and hexadecimal digits.
std::string from_hex(std::string_view text) {
    const auto digit = [](char letter) { return letter <= '9' ? letter - '0' : letter - 'a' + 10; };
    std::string bytes;
    for (std::size_t at = 2; at + 1 < text.size(); at += 2)
        bytes += static_cast<char>(digit(text[at]) * 16 + digit(text[at + 1]));
    return bytes;
}

JsonObject envelope(const pg::Result& events, int row) {
    JsonObject object;
    object.number("position", events.number(row, position))
        .text("event_id", events.text(row, event_id))
        .text("source", events.text(row, source))
        .text("type", events.text(row, type))
        .text_or_null("object_id", events.text(row, object_id))
        .text_or_null("account", events.text(row, account))
        .boolean("livemode", events.boolean(row, livemode))
        .text_or_null("api_version", events.text(row, api_version))
        .text("occurred_at", events.text(row, occurred_at))
        .text("recorded_at", events.text(row, recorded_at))
        .text_or_null("causation_id", events.text(row, causation_id))
        .text_or_null("correlation_id", events.text(row, correlation_id));
    return object;
}

/// A LIKE pattern for the filter's type: what the user wrote is no pattern but for the last *.
std::string type_pattern(std::string_view filter) {
    const bool prefix = filter.ends_with('*');
    if (prefix) filter.remove_suffix(1);
    std::string pattern;
    for (const char letter : filter) {
        if (letter == '%' || letter == '_' || letter == '\\') pattern += '\\';
        pattern += letter;
    }
    return prefix ? pattern + '%' : pattern;
}

}  // namespace

pg::Result select_events(pg::Connection& db, const EventFilter& filter) {
    std::string sql =
        fmt::format("SELECT {} FROM ledger.events WHERE log_id = 0 AND position > $1", columns);
    pg::Params params;
    params.number(std::max(filter.after, std::int64_t{0}));
    if (!filter.type.empty()) {
        params.text(type_pattern(filter.type));
        sql += fmt::format(" AND type LIKE ${}", params.size());
    }
    if (!filter.account.empty()) {
        params.text(filter.account);
        sql += fmt::format(" AND account = ${}", params.size());
    }
    params.number(filter.limit);
    sql += fmt::format(" ORDER BY position {} LIMIT ${}", filter.oldest_first ? "" : "DESC",
                       params.size());
    return db.run(sql, params);
}

pg::Result select_event(pg::Connection& db, std::string_view id_or_position) {
    const bool number =
        id_or_position.size() <= 18 && std::ranges::all_of(id_or_position, [](unsigned char byte) {
            return std::isdigit(byte) != 0;
        });
    return db.run(fmt::format("SELECT {}, payload, payload_sha256 FROM ledger.events"
                              " WHERE log_id = 0 AND {} = $1",
                              columns, number ? "position" : "event_id"),
                  pg::Params().text(id_or_position));
}

void print_events(const pg::Result& events, bool json) {
    if (json) return follow_events(events, true);
    TextTable table({">position", "recorded", "type", "event", "object", "account"});
    for (int row = 0; row < events.rows(); ++row)
        table.add({std::string(events.text(row, position)),
                   std::string(events.text(row, recorded_at).substr(0, 19)) + "Z",
                   std::string(events.text(row, type)), std::string(events.text(row, event_id)),
                   std::string(events.text(row, object_id)),
                   std::string(events.text(row, account))});
    fmt::print("{}", table.empty() ? "no events\n" : table.str());
}

void follow_events(const pg::Result& events, bool json) {
    for (int row = 0; row < events.rows(); ++row) {
        if (json)
            fmt::print("{}\n", envelope(events, row).str());
        else
            fmt::print("{:>10}  {}Z  {:<40}  {}  {}  {}\n", events.text(row, position),
                       events.text(row, recorded_at).substr(0, 19), events.text(row, type),
                       events.text(row, event_id), events.text(row, object_id),
                       events.text(row, account));
    }
    std::fflush(stdout);
}

void print_payload(const pg::Result& event) {
    fmt::print("{}", from_hex(event.text(0, payload)));
}

void print_event(const pg::Result& event, bool json) {
    const auto bytes = from_hex(event.text(0, payload));
    const auto shown = api::without_secrets(bytes);
    const auto sum = hex(from_hex(event.text(0, payload_sha256)));
    if (json) {
        fmt::print("{}\n", envelope(event, 0)
                               .text("payload_sha256", sum)
                               .raw("payload", one_line_json(shown))
                               .str());
        return;
    }
    constexpr std::array names = {"position",    "event",       "source",    "type",
                                  "object",      "account",     "livemode",  "API version",
                                  "occurred at", "recorded at", "caused by", "correlation"};
    for (int column = 0; column <= correlation_id; ++column) {
        if (event.null(0, column)) continue;
        const auto text = event.text(0, column);
        fmt::print("{:<12}  {}\n", names[static_cast<std::size_t>(column)],
                   column == livemode ? (text == "t" ? "true" : "false") : text);
    }
    fmt::print("{:<12}  {}{}\n", "SHA-256", sum,
               hex(sha256(bytes)) == sum ? "" : "  (THE PAYLOAD BELOW HAS ANOTHER)");
    fmt::print("\n{}\n", pretty_json(shown));
}

}  // namespace daybook::tools
