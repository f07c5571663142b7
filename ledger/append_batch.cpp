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

constexpr char append_name[] = "append";
constexpr char append_sql[] =
    "SELECT ledger.append($1::int, $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],"
    " $7::boolean[], $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::bytea[],"
    " $13::bytea[])";

constexpr char lock_name[] = "lock_head";
constexpr char lock_sql[] =
    "UPDATE ledger.heads SET position = position WHERE log_id = $1::int RETURNING position";

constexpr char find_name[] = "find_events";
constexpr char find_sql[] =
    "SELECT event_id, position FROM ledger.events"
    " WHERE log_id = $1::int AND event_id = ANY ($2::text[])";

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
    db_.prepare(lock_name, lock_sql);
    db_.prepare(find_name, find_sql);
    db_.sync();
    for (int statement = 0; statement < 3; ++statement)
        db_.next();
    db_.synced();
}

void AppendConnection::send(const char* name, const char* sql, const pg::Params& params) {
    if (prepared_)
        db_.send_prepared(name, params);
    else
        db_.send(sql, params);
}

pg::Params AppendConnection::encoded(std::int32_t log_id,
                                     const std::vector<const NewEvent*>& events) {
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
    return params;
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

void AppendConnection::send(const pg::Params& events) {
    send(append_name, append_sql, events);
    db_.sync();  // a statement by itself is a transaction, committed before the sync is answered
}

std::optional<std::int64_t> AppendConnection::appended() {
    std::optional<std::int64_t> head;
    try {
        const auto answer = db_.next();
        if (!answer.null(0, 0)) head = answer.number(0, 0);
    } catch (const pg::Error& error) {
        if (!error.connection_lost()) db_.synced();
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
            send(append_name, append_sql, encoded(log_id_, missing));
            db_.flush();
            const auto answer = db_.next();
            if (answer.null(0, 0)) throw pg::Error("40001", "the log changed under its lock");
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
