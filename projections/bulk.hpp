// Folding a long stretch of the log in memory.
#pragma once

#include <projections/group.hpp>
#include <projections/rebuild.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace daybook::projections {

/// A group folded up to a position, in memory.
struct BulkFold {
    const Group* group = nullptr;
    std::unique_ptr<Fold> fold;
    struct SetAside {
        std::string event_id;
        std::string error;
    };
    std::map<std::int64_t, SetAside> set_aside;  ///< by position
};

/// One scan of the log up to `upto` feeds all groups: two threads read and parse slices of it (a
/// fold does not care for order), and each group folds on a thread of its own behind a bounded
/// queue.
std::vector<BulkFold> bulk_fold(const LogOptions& log, const Groups& groups, std::int64_t upto,
                                const OnProgress& progress);

/// What the members came to before any row.
std::vector<Folded> nothing_folded(const BulkFold& bulk, std::int64_t position);

/// Adds an entity's rows to what the members came to.
void count_rows(const Group& group, const RowSink& rows, std::vector<Folded>& members);

/// The digests alone, without a table.
std::vector<Folded> bulk_digests(BulkFold bulk, std::int64_t position);

}  // namespace daybook::projections
