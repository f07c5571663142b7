#include <ledger/pg/connection.hpp>

#include <ledger/pg/binary.hpp>

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <new>
#include <utility>

namespace daybook::pg {
namespace {

/// What every connection of ours needs, added to what the operator wrote. The limits stand on the
/// server as well, so that a statement cannot outlive our patience.
std::map<std::string, std::string> completed(const std::string& conninfo,
                                             std::chrono::seconds statement_timeout) {
    std::map<std::string, std::string> settings = {
        {"connect_timeout", "5"},
        {"tcp_user_timeout", "10000"},
        {"keepalives_idle", "30"},
        {"gssencmode", "disable"},
        {"application_name", "daybook"},
        {"client_encoding", "UTF8"},
        {"target_session_attrs", "read-write"},
    };
    char* complaint = nullptr;
    PQconninfoOption* options = PQconninfoParse(conninfo.c_str(), &complaint);
    if (!options) {
        const std::string message = complaint ? complaint : "bad connection string";
        PQfreemem(complaint);
        throw Error("", message);
    }
    for (auto* option = options; option->keyword; ++option)
        if (option->val) settings[option->keyword] = option->val;
    PQconninfoFree(options);
    // A pause inside a transaction is bounded like a statement: whoever freezes there holds locks.
    const auto limit = std::to_string(statement_timeout.count()) + "s";
    settings["options"] +=
        " -c TimeZone=UTC -c DateStyle=ISO -c client_min_messages=warning -c jit=off"
        " -c idle_in_transaction_session_timeout=" +
        limit + " -c statement_timeout=" + limit;
    return settings;
}

}  // namespace

Error::Error(std::string sqlstate, const std::string& message)
    : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}

bool Error::connection_lost() const {
    return sqlstate_.empty() || sqlstate_.starts_with("08") || sqlstate_.starts_with("57P0") ||
           sqlstate_ == "25P03";
}

Params& Params::text(std::string_view value) {
    add(std::string(value), 0, 0);
    return *this;
}
Params& Params::text_or_null(std::string_view value) {
    return value.empty() ? null() : text(value);
}
Params& Params::number(std::int64_t value) {
    add(std::to_string(value), 0, 0);
    return *this;
}
Params& Params::boolean(bool value) {
    return text(value ? "t" : "f");
}
Params& Params::null() {
    add(std::nullopt, 0, 0);
    return *this;
}
Params& Params::binary(std::string value, Oid type) {
    add(std::move(value), type, 1);
    return *this;
}
void Params::add(std::optional<std::string> value, Oid type, int format) {
    values_.push_back(std::move(value));
    types_.push_back(type);
    formats_.push_back(format);
}

std::int64_t Result::number(int row, int column) const {
    const auto digits = text(row, column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::int64_t Result::affected() const {
    const std::string_view digits = PQcmdTuples(result_.get());
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

Connection::Connection(const std::string& conninfo, std::chrono::seconds statement_timeout) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    const auto settings = completed(conninfo, statement_timeout);
    for (const auto& [keyword, value] : settings) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 0));
    if (!connection_) throw std::bad_alloc();
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    PQsetNoticeReceiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
}

void Connection::fail() const {
    throw Error("", PQerrorMessage(connection_.get()));
}

Result Connection::take(PGresult* raw) const {
    Result result(raw);
    if (!raw) fail();
    switch (PQresultStatus(raw)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_SINGLE_TUPLE:
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_EMPTY_QUERY:
        case PGRES_PIPELINE_SYNC: return result;
        case PGRES_PIPELINE_ABORTED: throw Error("25P02", "an earlier statement was refused");
        case PGRES_COPY_BOTH:
        case PGRES_BAD_RESPONSE:
        case PGRES_NONFATAL_ERROR:
        case PGRES_FATAL_ERROR: break;
    }
    const char* sqlstate = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
    throw Error(sqlstate ? sqlstate : "", PQresultErrorMessage(raw));
}

namespace {

/// Parameters in the shape that libpq wants them.
struct Bound {
    explicit Bound(const std::vector<std::optional<std::string>>& from) {
        for (const auto& value : from) {
            values.push_back(value ? value->c_str() : nullptr);
            lengths.push_back(value ? static_cast<int>(value->size()) : 0);
        }
    }
    std::vector<const char*> values;
    std::vector<int> lengths;
};

}  // namespace

Result Connection::run(const char* sql, const Params& params, bool binary) {
    const Bound bound(params.values_);
    return take(PQexecParams(connection_.get(), sql, params.size(), params.types_.data(),
                             bound.values.data(), bound.lengths.data(), params.formats_.data(),
                             binary ? 1 : 0));
}

Result Connection::run_prepared(const char* name, const char* sql, const Params& params,
                                bool binary) {
    if (std::ranges::find(prepared_, name) == prepared_.end()) {
        take(PQprepare(connection_.get(), name, sql, params.size(), params.types_.data()));
        prepared_.emplace_back(name);
    }
    const Bound bound(params.values_);
    return take(PQexecPrepared(connection_.get(), name, params.size(), bound.values.data(),
                               bound.lengths.data(), params.formats_.data(), binary ? 1 : 0));
}

void Connection::script(const std::string& sql) {
    take(PQexec(connection_.get(), sql.c_str()));
}

void Connection::enter_pipeline() {
    if (PQenterPipelineMode(connection_.get()) != 1) fail();
}
void Connection::leave_pipeline() {
    if (PQexitPipelineMode(connection_.get()) != 1) fail();
}
void Connection::prepare(const char* name, const char* sql) {
    if (PQsendPrepare(connection_.get(), name, sql, 0, nullptr) != 1) fail();
}
void Connection::send(const char* sql, const Params& params, bool binary) {
    const Bound bound(params.values_);
    if (PQsendQueryParams(connection_.get(), sql, params.size(), params.types_.data(),
                          bound.values.data(), bound.lengths.data(), params.formats_.data(),
                          binary ? 1 : 0) != 1)
        fail();
}
void Connection::send_prepared(const char* name, const Params& params, bool binary) {
    const Bound bound(params.values_);
    if (PQsendQueryPrepared(connection_.get(), name, params.size(), bound.values.data(),
                            bound.lengths.data(), params.formats_.data(), binary ? 1 : 0) != 1)
        fail();
}
void Connection::flush() {
    if (PQsendFlushRequest(connection_.get()) != 1 || PQflush(connection_.get()) < 0) fail();
}
void Connection::sync() {
    if (PQpipelineSync(connection_.get()) != 1) fail();
}

Result Connection::next() {
    PGresult* result = PQgetResult(connection_.get());
    if (!result) result = PQgetResult(connection_.get());  // the NULL that ends the one before
    return take(result);
}

void Connection::synced() {
    std::exception_ptr refused;
    // A dying server may never send the sync, so a second NULL in a row means a dead connection.
    for (int nulls = 0; nulls < 2;) {
        PGresult* result = PQgetResult(connection_.get());
        nulls = result ? 0 : nulls + 1;
        if (!result) continue;
        const auto status = PQresultStatus(result);
        try {
            take(result);
        } catch (const Error&) {
            if (status != PGRES_PIPELINE_ABORTED && !refused) refused = std::current_exception();
        }
        if (status != PGRES_PIPELINE_SYNC) continue;
        if (refused) std::rethrow_exception(refused);
        return;
    }
    fail();
}

void Connection::copy_in(const std::string& sql) {
    take(PQexec(connection_.get(), sql.c_str()));
}
void Connection::copy_put(std::string_view bytes) {
    if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) fail();
}
std::int64_t Connection::copy_end() {
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail();
    const auto result = take(PQgetResult(connection_.get()));
    while (PGresult* rest = PQgetResult(connection_.get()))
        PQclear(rest);
    return result.affected();
}

void Connection::copy_out(const std::string& sql,
                          const std::function<void(std::string_view)>& row) {
    take(PQexec(connection_.get(), sql.c_str()));
    for (bool first = true;;) {
        char* bytes = nullptr;
        const int size = PQgetCopyData(connection_.get(), &bytes, 0);
        if (size == -1) break;
        if (size < 0) fail();
        const std::unique_ptr<char, decltype(&PQfreemem)> owned(bytes, PQfreemem);
        std::string_view tuple(bytes, static_cast<std::size_t>(size));
        if (std::exchange(first, false)) tuple.remove_prefix(copy_header.size());
        if (pg::take<std::int16_t>(tuple) != -1) row(tuple);  // else it is the trailer
    }
    take(PQgetResult(connection_.get()));
    while (PGresult* rest = PQgetResult(connection_.get()))
        PQclear(rest);
}

bool Connection::wait_for_notify(std::chrono::milliseconds limit) {
    const auto drain = [this] {
        if (PQconsumeInput(connection_.get()) != 1) fail();
        bool any = false;
        while (PGnotify* notify = PQnotifies(connection_.get())) {
            PQfreemem(notify);
            any = true;
        }
        return any;
    };
    if (drain()) return true;
    pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
    if (poll(&socket, 1, static_cast<int>(limit.count())) <= 0) return false;
    return drain();
}

Transaction::Transaction(Connection& connection, const char* begin) : connection_(connection) {
    connection_.run(begin);
}

Transaction::~Transaction() {
    if (!open_) return;
    try {
        connection_.run("ROLLBACK");
    } catch (const Error&) {
        // The connection is gone, and the transaction with it.
    }
}

void Transaction::commit() {
    open_ = false;
    connection_.run("COMMIT");
}

std::string quoted(std::string_view identifier) {
    std::string out = "\"";
    for (const char c : identifier) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    out.push_back('"');
    return out;
}

}  // namespace daybook::pg
