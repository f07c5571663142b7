// Rows of the log as the events command selects and prints them.
#pragma once

#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::tools {

struct EventFilter {
    std::string type;         ///< exact, or a prefix with * behind it; empty: any
    std::string account;      ///< empty: any
    std::int64_t after = -1;  ///< exclusive; negative: from the end
    int limit = 20;
    bool oldest_first = false;
};

/// Column 0 is the position.
pg::Result select_events(pg::Connection& db, const EventFilter& filter);
/// By id, or by position when it is a number. With the payload.
pg::Result select_event(pg::Connection& db, std::string_view id_or_position);

void print_events(const pg::Result& events, bool json);
/// Without headings, for lines that come one after the other.
void follow_events(const pg::Result& events, bool json);
/// Client secrets, signing secrets and the like are left out.
void print_event(const pg::Result& event, bool json);
/// The bytes of its payload and nothing else.
void print_payload(const pg::Result& event);

}  // namespace daybook::tools
