// One transaction of the appender: a group of events goes into the log, gapless and once each.
#pragma once

#include <ledger/appender.hpp>
#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace daybook {

/// The appender's side of one connection. One thread.
class AppendConnection {
public:
    AppendConnection(const std::string& conninfo, std::int32_t log_id, bool prepared_statements);

    struct Committed {
        std::vector<Appended> outcomes;  ///< one per event, in order
        std::int64_t head = 0;
    };

    /// Appends the events in one transaction. Throws pg::Error; when connection_lost(), or when
    /// the COMMIT came with a warning (a synchronous standby did not confirm), the outcome is
    /// unknown and `settle` must be asked on a healthy connection.
    Committed append(const std::vector<const NewEvent*>& events);

    /// The same when some of the events may be in the log already: takes the head lock first, so
    /// that any earlier transaction has ended, looks the ids up, and appends the rest.
    Committed settle(const std::vector<const NewEvent*>& events);

    /// False once the server has hung up; cheap, no round trip.
    bool alive();

private:
    /// nullopt: some event was in the log already, and the transaction was rolled back.
    std::optional<std::int64_t> try_append(const std::vector<const NewEvent*>& events);
    void begin_and_advance(std::size_t count);
    void send_insert(const std::vector<const NewEvent*>& events);
    void send(const char* name, const char* sql, const pg::Params& params);
    void rollback();
    void commit();
    void recover();  ///< after a refused statement: back to a clean connection

    pg::Connection db_;
    std::int32_t log_id_;
    bool prepared_;
    bool warned_ = false;
};

}  // namespace daybook
