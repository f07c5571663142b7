// Folding a long stretch of the log in memory.
#pragma once

#include <projections/rebuild.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace daybook::projections {

/// A projection folded up to a position, in memory.
struct BulkFold {
    const Projection* projection = nullptr;
    std::unique_ptr<Fold> fold;
    struct SetAside {
        std::string event_id;
        std::string error;
    };
    std::map<std::int64_t, SetAside> set_aside;  ///< by position
};

/// One scan of the log up to `upto` feeds all projections: two threads read and parse slices of it
/// (a fold does not care for order), and each projection folds on a thread of its own behind a
/// bounded queue.
std::vector<BulkFold> bulk_fold(const LogOptions& log,
                                const std::vector<const Projection*>& projections,
                                std::int64_t upto, const OnProgress& progress);

/// The digest alone, without a table.
Folded bulk_digest(BulkFold bulk, std::int64_t position);

}  // namespace daybook::projections
