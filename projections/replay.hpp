// Replays: the fold up to a chosen position, kept in a named set of tables beside the live ones.
#pragma once

#include <projections/rebuild.hpp>

#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// `^[a-z0-9_]{1,40}$`, and not "live".
bool is_replay_name(std::string_view name);

/// Throws std::invalid_argument unless this is "live" or the name of a replay that there is.
void require_set(pg::Connection& db, std::int32_t log_id, std::string_view name);

/// The schema that holds a replay's tables: replay_<name>. "live" is schema app.
std::string schema_of(std::string_view replay);

/// The position that `as_of` means: a number is a position (at most the head), anything else a
/// time (RFC 3339, or a date, which means its last microsecond in UTC) for "recorded by then".
/// Throws std::invalid_argument when it is neither, or a time that is not over.
std::int64_t resolve_as_of(const LogOptions& log, std::string_view as_of);

struct Replay {
    std::string name;
    std::int64_t position = 0;
    std::string as_of;       ///< as it was asked for
    std::string created_at;  ///< RFC 3339
    std::vector<std::string> projections;
};

/// Folds these projections, and those that share states with them, into schema replay_<name>.
/// Throws std::invalid_argument for a bad name, or one in use.
std::vector<Folded> replay(const LogOptions& log, std::string_view as_of, std::string_view name,
                           std::vector<const Projection*> projections,
                           const OnProgress& progress = {});

std::vector<Replay> list_replays(const LogOptions& log);

/// False when there is none of this name.
bool drop_replay(const LogOptions& log, std::string_view name);

}  // namespace daybook::projections
