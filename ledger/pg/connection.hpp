// One PostgreSQL connection, used by one thread at a time, with blocking calls that have limits.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::pg {

/// The server said no, or went away. `sqlstate` is empty when there was no server to ask.
class Error : public std::runtime_error {
public:
    Error(std::string sqlstate, const std::string& message);

    [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
    /// True when the statement's outcome is unknown and the connection must be opened again
    /// (no SQLSTATE, class 08, 57P01…57P03: the server is going away or coming up, or 25P03: it
    /// ended a transaction that we left alone too long).
    [[nodiscard]] bool connection_lost() const;

private:
    std::string sqlstate_;
};

/// Binds $1, $2, … in order. Numbers travel as text, `bytes` in binary.
class Params {
public:
    Params& text(std::string_view value);
    Params& text_or_null(std::string_view value);  ///< empty becomes NULL
    Params& number(std::int64_t value);
    Params& boolean(bool value);
    Params& null();
    /// A value in Postgres's binary format, of the type with this oid (17 is bytea).
    Params& binary(std::string value, Oid type = 17);

    [[nodiscard]] int size() const { return static_cast<int>(values_.size()); }

private:
    friend class Connection;
    void add(std::optional<std::string> value, Oid type, int format);

    std::vector<std::optional<std::string>> values_;
    std::vector<Oid> types_;
    std::vector<int> formats_;
};

/// The rows of one statement. Views point into the result and live as long as it does.
class Result {
public:
    Result() = default;
    explicit Result(PGresult* result) : result_(result) {}

    [[nodiscard]] int rows() const { return result_ ? PQntuples(result_.get()) : 0; }
    [[nodiscard]] int columns() const { return result_ ? PQnfields(result_.get()) : 0; }
    [[nodiscard]] std::string_view column(int index) const { return PQfname(result_.get(), index); }
    [[nodiscard]] bool null(int row, int column) const {
        return PQgetisnull(result_.get(), row, column) == 1;
    }
    /// Empty for NULL.
    [[nodiscard]] std::string_view text(int row, int column) const {
        return {PQgetvalue(result_.get(), row, column),
                static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
    }
    /// A bigint in text format; 0 for NULL.
    [[nodiscard]] std::int64_t number(int row, int column) const;
    [[nodiscard]] bool boolean(int row, int column) const { return text(row, column) == "t"; }
    /// How many rows the statement wrote.
    [[nodiscard]] std::int64_t affected() const;
    [[nodiscard]] PGresult* raw() const { return result_.get(); }

private:
    struct Clear {
        void operator()(PGresult* result) const { PQclear(result); }
    };
    std::unique_ptr<PGresult, Clear> result_;
};

/// Not thread-safe: one owner at a time. Every member throws Error; after an Error for which
/// connection_lost() is true the object is only good for destruction.
class Connection {
public:
    /// Connects within `connect_timeout` seconds (rounded up to 2 by libpq). `conninfo` is a
    /// libpq string or URL; what Daybook needs (UTC, statement_timeout, …) is added to it.
    explicit Connection(const std::string& conninfo,
                        std::chrono::seconds statement_timeout = std::chrono::seconds(30));

    Connection(Connection&&) noexcept = default;
    Connection& operator=(Connection&&) noexcept = default;

    /// One statement, one round trip. `binary` asks for results in binary format.
    Result run(const char* sql, const Params& params = {}, bool binary = false);
    Result run(const std::string& sql, const Params& params = {}, bool binary = false) {
        return run(sql.c_str(), params, binary);
    }

    /// The same for a statement that runs again and again: it is parsed the first time only.
    /// `name` is its own on this connection.
    Result run_prepared(const char* name, const char* sql, const Params& params,
                        bool binary = false);

    /// Several statements in one string, no parameters: migrations and DDL.
    void script(const std::string& sql);

    // --- pipeline mode: send many, read the answers in order ---------------------------------
    void enter_pipeline();
    void leave_pipeline();
    void prepare(const char* name, const char* sql);  ///< inside a pipeline; answers like a send
    void send(const char* sql, const Params& params, bool binary = false);
    void send_prepared(const char* name, const Params& params, bool binary = false);
    /// Asks the server to answer what was sent so far, without ending the transaction.
    void flush();
    /// Ends the implicit transaction; its own answer is read by `synced()`.
    void sync();
    /// The next statement's answer. A refused statement throws its Error; those after it in the
    /// same sync are answered by Error with sqlstate "25P02".
    Result next();
    /// Reads up to the answer of the oldest sync. Throws what was refused before it and was not
    /// read yet: the commit of an implicit transaction is refused there and nowhere else.
    void synced();

    // --- COPY ------------------------------------------------------------------------------------
    void copy_in(const std::string& sql);
    void copy_put(std::string_view bytes);
    std::int64_t copy_end();
    /// Runs a COPY … TO STDOUT (FORMAT binary) and hands over the fields of each row.
    void copy_out(const std::string& sql, const std::function<void(std::string_view)>& row);

    /// Waits until a NOTIFY arrived or `limit` passed; true for a NOTIFY. LISTEN first.
    bool wait_for_notify(std::chrono::milliseconds limit);

    [[nodiscard]] PGconn* raw() const { return connection_.get(); }

private:
    struct Finish {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };
    [[noreturn]] void fail() const;
    Result take(PGresult* result) const;

    std::unique_ptr<PGconn, Finish> connection_;
    std::vector<std::string> prepared_;  ///< names that run_prepared knows
};

/// BEGIN on construction; ROLLBACK on destruction unless committed.
class Transaction {
public:
    explicit Transaction(Connection& connection, const char* begin = "BEGIN");
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Connection& connection_;
    bool open_ = true;
};

/// `identifier` in double quotes, for SQL that is built from names.
std::string quoted(std::string_view identifier);

}  // namespace daybook::pg
