// What differs between two sets of tables: live and a replay, or two replays.
#pragma once

#include <projections/rebuild.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// One row that differs. `before` or `after` is empty when the row is in one set only.
struct RowDifference {
    std::string table;
    std::string key;                   ///< the key columns' values, joined by "/"
    std::string before;                ///< JSON object of the business columns in the first set
    std::string after;                 ///< the same in the second
    std::vector<std::int64_t> events;  ///< positions of events that touched it in one set only,
                                       ///< all of them when the two sets name the same ones
};

struct ProjectionDifference {
    std::string projection;
    std::int64_t position_a = 0, position_b = 0;
    int version_a = 0, version_b = 0;  ///< of the rules that made the tables
    std::string digest_a, digest_b;    ///< of the rows, hex; equal digests mean equal tables
    bool altered_a = false;            ///< the rows are not what was folded: changed by hand
    bool altered_b = false;
    bool compared = true;    ///< false when one set does not hold it, or not so that it can be read
    bool readable_a = true;  ///< false: made by rules that have other columns
    bool readable_b = true;
};

/// Compares `a` with `b` ("live" or a replay's name) in one snapshot: digests of the rows that are
/// there first, then rows of the projections whose digests differ, in key order. Throws
/// std::invalid_argument for a name that does not exist.
std::vector<ProjectionDifference> diff(const LogOptions& log, std::string_view a,
                                       std::string_view b,
                                       const std::vector<const Projection*>& projections,
                                       const std::function<void(const RowDifference&)>& row);

}  // namespace daybook::projections
