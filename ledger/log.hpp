// Reading the log: by position range, streaming, one event, and its head.
#pragma once

#include <ledger/event.hpp>
#include <ledger/pg/connection.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace daybook {

/// What a fold needs of an event; views live until the callback returns.
struct LogRow {
    std::int64_t position = 0;
    std::string_view event_id;
    std::string_view type;
    std::string_view account;
    bool livemode = false;
    Microseconds occurred_at = 0;
    std::string_view payload;
};

struct LogRange {
    std::int64_t after = 0;                   ///< exclusive
    std::int64_t upto = 0;                    ///< inclusive
    std::optional<bool> livemode;             ///< only this mode
    std::span<const std::string_view> types;  ///< only these types; empty: all
};

/// The highest position ever handed out by this log; 0 when it is empty.
std::int64_t head_position(pg::Connection& db, std::int32_t log_id);

/// The last position recorded at or before `time`; 0 when there is none.
std::int64_t position_at(pg::Connection& db, std::int32_t log_id, Microseconds time);

/// Streams the rows of the range in position order (COPY binary underneath).
void scan(pg::Connection& db, std::int32_t log_id, const LogRange& range,
          const std::function<void(const LogRow&)>& row);

std::optional<StoredEvent> find_event(pg::Connection& db, std::int32_t log_id,
                                      std::string_view event_id);

}  // namespace daybook
