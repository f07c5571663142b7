#include <ledger/append_batch.hpp>

#include <ledger/pg/binary.hpp>
#include <ledger/sha256.hpp>
#include <ledger/storable_text.hpp>

#include <poll.h>

#include <map>
#include <string_view>
#include <utility>

namespace daybook {
namespace {

constexpr char unique_violation[] = "23505";

constexpr char append_name[] = "append";
constexpr char append_sql[] =
    "SELECT ledger.append($1::int, $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],"
    " $7::boolean[], $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::bytea[],"
    " $13::bytea[])";

// The same for one event, without what only a group needs (arrays, a function, a subtransaction):
// what is in the log already is found before the head is advanced, and what another node appends at
// the same moment is refused by its key.
constexpr char append_one_name[] = "append_one";
constexpr char append_one_sql[] =
    "WITH head AS (UPDATE ledger.heads SET position = position + 1,"
    " recorded_at = greatest(recorded_at, clock_timestamp()) WHERE log_id = $1::int"
    " AND NOT EXISTS (SELECT FROM ledger.events WHERE log_id = $1::int AND event_id = $2::text)"
    " RETURNING position, recorded_at)"
    " INSERT INTO ledger.events (log_id, position, recorded_at, event_id, source, type, object_id,"
    " account, livemode, api_version, occurred_at, causation_id, correlation_id, payload,"
    " payload_sha256) SELECT $1::int, position, recorded_at, $2::text, $3::text, $4::text,"
    " $5::text, $6::text, $7::boolean, $8::text, $9::timestamptz, $10::text, $11::text,"
    " $12::bytea, $13::bytea FROM head RETURNING position, pg_notify('daybook_log', '')";

constexpr char lock_name[] = "lock_head";
constexpr char lock_sql[] =
    "UPDATE ledger.heads SET position = position WHERE log_id = $1::int RETURNING position";

constexpr char find_name[] = "find_events";
// Id by id, which LIMIT makes the only way: a log that nobody has analyzed yet would be read whole.
constexpr char find_sql[] =
    "SELECT wanted.event_id, position FROM unnest($2::text[]) AS wanted(event_id),"
    " LATERAL (SELECT position FROM ledger.events e WHERE e.log_id = $1::int"
    " AND e.event_id = wanted.event_id LIMIT 1) AS found";

pg::Params row_of(std::int32_t log_id, const NewEvent& event) {
    pg::Params params;
    const auto text = [&](std::string_view value) { params.text_or_null(storable(value)); };
    params.number(log_id);
    text(event.event_id);
    text(name(event.source));
    text(event.type);
    text(event.object_id);
    text(event.account);
    params.boolean(event.livemode);
    text(event.api_version);
    std::string occurred_at;
    pg::put<std::int64_t>(occurred_at, event.occurred_at - pg::postgres_epoch_us);
    params.binary(std::move(occurred_at), pg::oid::timestamptz);
    text(event.causation_id);
    text(event.correlation_id);
    params.binary(event.payload).binary(sha256(event.payload));
    return params;
}

/// The head that an append answers with; nullopt when it found some of its events in the log.
std::optional<std::int64_t> head_of(const pg::Result& answer) {
    if (answer.rows() == 0 || answer.null(0, 0)) return std::nullopt;
    return answer.number(0, 0);
}

void add(pg::ArrayBuilder& column, const std::string& text) {
    if (is_storable(text))
        column.text_or_null(text);
    else
        column.element(storable(text));
}

}  // namespace

AppendConnection::AppendConnection(const std::string& conninfo, std::int32_t log_id,
                                   bool prepared_statements)
    : db_(conninfo, std::chrono::seconds(15)), log_id_(log_id), prepared_(prepared_statements) {
    PQsetNoticeReceiver(
        db_.raw(), [](void* warned, const PGresult*) { *static_cast<bool*>(warned) = true; },
        &warned_);
    db_.enter_pipeline();
    if (!prepared_) return;
    db_.prepare(append_name, append_sql);
    db_.prepare(append_one_name, append_one_sql);
    db_.prepare(lock_name, lock_sql);
    db_.prepare(find_name, find_sql);
    db_.sync();
    db_.synced();
}

void AppendConnection::send(const char* name, const char* sql, const pg::Params& params) {
    if (prepared_)
        db_.send_prepared(name, params);
    else
        db_.send(sql, params);
}

AppendConnection::Statement AppendConnection::encoded(std::int32_t log_id,
                                                      const std::vector<const NewEvent*>& events) {
    using namespace pg::oid;
    if (events.size() == 1)
        return {append_one_name, append_one_sql, row_of(log_id, *events.front())};
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
    params.number(log_id);
    for (auto* column : {&event_id, &source, &type, &object_id, &account})
        params.binary(column->take_bytes(), text_array);
    params.binary(livemode.take_bytes(), boolean_array);
    params.binary(api_version.take_bytes(), text_array);
    params.binary(occurred_at.take_bytes(), timestamptz_array);
    params.binary(causation_id.take_bytes(), text_array);
    params.binary(correlation_id.take_bytes(), text_array);
    params.binary(payload.take_bytes(), bytea_array);
    params.binary(hash.take_bytes(), bytea_array);
    return {append_name, append_sql, std::move(params)};
}

void AppendConnection::recover() {
    db_.sync();
    db_.synced();
    db_.send("ROLLBACK", {});
    db_.sync();
    db_.synced();
    warned_ = false;  // of a ROLLBACK with nothing to roll back
}

void AppendConnection::commit() {
    db_.send("COMMIT", {});
    db_.flush();
    const auto answer = db_.next();
    db_.sync();
    db_.synced();
    // A cancelled wait for a synchronous standby is a success with a WARNING: not durable enough.
    if (std::exchange(warned_, false) || std::string_view(PQcmdStatus(answer.raw())) != "COMMIT")
        throw pg::Error("", "COMMIT was not confirmed");
}

void AppendConnection::send(const Statement& append) {
    send(append.name, append.sql, append.params);
    db_.sync();  // a statement by itself is a transaction, committed before the sync is answered
}

std::optional<std::int64_t> AppendConnection::appended() {
    std::optional<std::int64_t> head;
    try {
        head = head_of(db_.next());
    } catch (const pg::Error& error) {
        if (!error.connection_lost()) db_.synced();
        if (error.sqlstate() == unique_violation) return std::nullopt;
        throw;
    }
    db_.synced();
    if (std::exchange(warned_, false)) throw pg::Error("", "COMMIT was not confirmed");
    return head;
}

AppendConnection::Committed AppendConnection::settle(const std::vector<const NewEvent*>& events) {
    try {
        db_.send("BEGIN", {});
        send(lock_name, lock_sql, pg::Params().number(log_id_));
        pg::ArrayBuilder ids(pg::oid::text);
        for (const NewEvent* event : events)
            ids.element(storable(event->event_id));
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
            const auto id = storable(event->event_id);
            const auto [place, fresh] = known.try_emplace(id, committed.head + 1);
            committed.outcomes.push_back({place->second, !fresh});
            if (!fresh) continue;
            ++committed.head;
            missing.push_back(event);
        }
        if (!missing.empty()) {
            const auto append = encoded(log_id_, missing);
            send(append.name, append.sql, append.params);
            db_.flush();
            if (!head_of(db_.next())) throw pg::Error("40001", "the log changed under its lock");
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
