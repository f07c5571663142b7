#include <ledger/append_batch.hpp>

#include <ledger/pg/binary.hpp>
#include <ledger/sha256.hpp>

#include <poll.h>

#include <map>
#include <string_view>

namespace daybook {
namespace {

constexpr char advance_name[] = "advance_head";
constexpr char advance_sql[] =
    "UPDATE ledger.heads SET position = position + $2::bigint,"
    " recorded_at = greatest(recorded_at, clock_timestamp())"
    " WHERE log_id = $1::int RETURNING position";

constexpr char insert_name[] = "insert_events";
constexpr char insert_sql[] = R"sql(
    INSERT INTO ledger.events (log_id, position, event_id, source, type, object_id, account,
        livemode, api_version, occurred_at, recorded_at, causation_id, correlation_id, payload,
        payload_sha256)
    SELECT head.log_id, head.position - $2::bigint + new.place, new.event_id, new.source,
           new.type, new.object_id, new.account, new.livemode, new.api_version, new.occurred_at,
           head.recorded_at, new.causation_id, new.correlation_id, new.payload, new.payload_sha256
    FROM ledger.heads head,
         unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
                $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::bytea[],
                $14::bytea[])
         WITH ORDINALITY AS new(event_id, source, type, object_id, account, livemode, api_version,
                                occurred_at, causation_id, correlation_id, payload,
                                payload_sha256, place)
    WHERE head.log_id = $1::int
    ORDER BY new.place
    ON CONFLICT (log_id, event_id) DO NOTHING)sql";

constexpr char find_name[] = "find_events";
constexpr char find_sql[] =
    "SELECT event_id, position FROM ledger.events"
    " WHERE log_id = $1::int AND event_id = ANY ($2::text[])";

constexpr char notify_name[] = "notify_log";
constexpr char notify_sql[] = "SELECT pg_notify('daybook_log', $1::text)";

/// A text column cannot hold U+0000; JSON can. The payload keeps the original.
std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text)
        c == '\0' ? shown.append("\xEF\xBF\xBD") : shown.append(1, c);
    return shown;
}

void add(pg::ArrayBuilder& column, const std::string& text) {
    if (text.find('\0') == std::string::npos)
        column.text_or_null(text);
    else
        column.element(printable(text));
}

}  // namespace

AppendConnection::AppendConnection(const std::string& conninfo, std::int32_t log_id,
                                   bool prepared_statements)
    : db_(conninfo, std::chrono::seconds(15)), log_id_(log_id), prepared_(prepared_statements) {
    PQsetNoticeReceiver(
        db_.raw(),
        [](void* warned, const PGresult*) { *static_cast<bool*>(warned) = true; }, &warned_);
    db_.enter_pipeline();
    if (!prepared_) return;
    db_.prepare(advance_name, advance_sql);
    db_.prepare(insert_name, insert_sql);
    db_.prepare(find_name, find_sql);
    db_.prepare(notify_name, notify_sql);
    db_.sync();
    for (int statement = 0; statement < 4; ++statement)
        db_.next();
    db_.synced();
}

void AppendConnection::send(const char* name, const char* sql, const pg::Params& params) {
    if (prepared_)
        db_.send_prepared(name, params);
    else
        db_.send(sql, params);
}

void AppendConnection::begin_and_advance(std::size_t count) {
    warned_ = false;
    db_.send("BEGIN", {});
    pg::Params params;
    params.number(log_id_).number(static_cast<std::int64_t>(count));
    send(advance_name, advance_sql, params);
}

void AppendConnection::send_insert(const std::vector<const NewEvent*>& events) {
    using namespace pg::oid;
    pg::ArrayBuilder event_id(text), source(text), type(text), object_id(text), account(text),
        livemode(boolean), api_version(text), occurred_at(timestamptz), causation_id(text),
        correlation_id(text), payload(bytea), hash(bytea);
    for (const NewEvent* event : events) {
        add(event_id, event->event_id);
        source.element(name(event->source));
        add(type, event->type);
        add(object_id, event->object_id);
        add(account, event->account);
        livemode.boolean(event->livemode);
        add(api_version, event->api_version);
        occurred_at.time(event->occurred_at);
        add(causation_id, event->causation_id);
        add(correlation_id, event->correlation_id);
        payload.element(event->payload);
        hash.element(sha256(event->payload));
    }
    pg::Params params;
    params.number(log_id_).number(static_cast<std::int64_t>(events.size()));
    for (auto* column : {&event_id, &source, &type, &object_id, &account})
        params.binary(column->take_bytes(), text_array);
    params.binary(livemode.take_bytes(), boolean_array);
    params.binary(api_version.take_bytes(), text_array);
    params.binary(occurred_at.take_bytes(), timestamptz_array);
    params.binary(causation_id.take_bytes(), text_array);
    params.binary(correlation_id.take_bytes(), text_array);
    params.binary(payload.take_bytes(), bytea_array);
    params.binary(hash.take_bytes(), bytea_array);
    send(insert_name, insert_sql, params);
}

void AppendConnection::rollback() {
    db_.send("ROLLBACK", {});
    db_.sync();
    db_.next();
    db_.synced();
}

void AppendConnection::recover() {
    db_.sync();
    db_.synced();
    rollback();
}

void AppendConnection::commit() {
    db_.send("COMMIT", {});
    db_.sync();
    const auto answer = db_.next();
    db_.synced();
    // A cancelled wait for a synchronous standby is a success with a WARNING: not durable enough.
    if (warned_ || std::string_view(PQcmdStatus(answer.raw())) != "COMMIT")
        throw pg::Error("", "COMMIT was not confirmed");
}

std::optional<std::int64_t> AppendConnection::try_append(
    const std::vector<const NewEvent*>& events) {
    begin_and_advance(events.size());
    send_insert(events);
    // NOTIFY once per group: it takes a database-wide lock at commit.
    send(notify_name, notify_sql, pg::Params().text(""));
    db_.flush();
    db_.next();
    const auto advanced = db_.next();
    if (advanced.rows() != 1) throw pg::Error("P0002", "the log has no head row");
    const auto inserted = db_.next().affected();
    db_.next();
    if (inserted != static_cast<std::int64_t>(events.size())) return std::nullopt;
    commit();
    return advanced.number(0, 0);
}

AppendConnection::Committed AppendConnection::append(const std::vector<const NewEvent*>& events) {
    try {
        Committed committed;
        const auto head = try_append(events);
        if (!head) {
            rollback();
            return settle(events);
        }
        committed.head = *head;
        auto position = *head - static_cast<std::int64_t>(events.size());
        for (std::size_t i = 0; i < events.size(); ++i)
            committed.outcomes.push_back({++position, false});
        return committed;
    } catch (const pg::Error& error) {
        if (!error.connection_lost()) recover();
        throw;
    }
}

AppendConnection::Committed AppendConnection::settle(const std::vector<const NewEvent*>& events) {
    try {
        begin_and_advance(0);
        pg::ArrayBuilder ids(pg::oid::text);
        for (const NewEvent* event : events)
            ids.element(printable(event->event_id));
        pg::Params params;
        params.number(log_id_).binary(ids.take_bytes(), pg::oid::text_array);
        send(find_name, find_sql, params);
        db_.flush();
        db_.next();
        const auto locked = db_.next();
        if (locked.rows() != 1) throw pg::Error("P0002", "the log has no head row");
        Committed committed;
        committed.head = locked.number(0, 0);
        std::map<std::string, std::int64_t, std::less<>> known;
        const auto found = db_.next();
        for (int row = 0; row < found.rows(); ++row)
            known.emplace(found.text(row, 0), found.number(row, 1));

        std::vector<const NewEvent*> missing;
        for (const NewEvent* event : events) {
            const auto id = printable(event->event_id);
            const auto [place, fresh] = known.try_emplace(id, committed.head + 1);
            committed.outcomes.push_back({place->second, !fresh});
            if (!fresh) continue;
            ++committed.head;
            missing.push_back(event);
        }
        if (!missing.empty()) {
            pg::Params advance;
            advance.number(log_id_).number(static_cast<std::int64_t>(missing.size()));
            send(advance_name, advance_sql, advance);
            send_insert(missing);
            send(notify_name, notify_sql, pg::Params().text(""));
            db_.flush();
            db_.next();
            if (db_.next().affected() != static_cast<std::int64_t>(missing.size()))
                throw pg::Error("40001", "the log changed under its lock");
            db_.next();
        }
        commit();
        return committed;
    } catch (const pg::Error& error) {
        if (!error.connection_lost()) recover();
        throw;
    }
}

bool AppendConnection::alive() {
    pollfd socket{PQsocket(db_.raw()), POLLIN, 0};
    if (poll(&socket, 1, 0) <= 0) return true;
    return PQconsumeInput(db_.raw()) == 1 && PQstatus(db_.raw()) == CONNECTION_OK;
}

}  // namespace daybook
