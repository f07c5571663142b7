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

    /// A statement that appends some events.
    struct Statement {
        const char* name = nullptr;
        const char* sql = nullptr;
        pg::Params params;
    };

    /// The rows of these events in the form in which they are sent: most of the work of a group,
    /// and none of it needs the connection.
    static Statement encoded(std::int32_t log_id, const std::vector<const NewEvent*>& events);

    /// Sends a group off as one transaction. Several may be under way: each `appended` waits for
    /// the end of the oldest.
    void send(const Statement& append);

    /// The new head once the oldest group is committed; nullopt when some of its events were in the
    /// log already: then nothing was appended, and `settle` is to be asked. Throws pg::Error; when
    /// connection_lost(), or when the COMMIT came with a warning (a synchronous standby did not
    /// confirm), the outcome is unknown and `settle` must be asked on a healthy connection.
    std::optional<std::int64_t> appended();

    struct Committed {
        std::vector<Appended> outcomes;  ///< one per event, in order
        std::int64_t head = 0;
    };

    /// Appends events of which some may be in the log already: takes the head lock first, so that
    /// any earlier transaction has ended, looks the ids up, and appends the rest.
    Committed settle(const std::vector<const NewEvent*>& events);

    /// False once the server has hung up; cheap, no round trip.
    bool alive();

private:
    void send(const char* name, const char* sql, const pg::Params& params);
    void commit();
    void recover();  ///< after a refused statement: back to a clean connection

    pg::Connection db_;
    std::int32_t log_id_;
    bool prepared_;
    bool warned_ = false;
};

}  // namespace daybook
