// Folding a long stretch of the log in memory, and writing what came out by COPY.
#pragma once

#include <projections/checkpoint.hpp>
#include <projections/rebuild.hpp>

#include <ledger/pg/connection.hpp>

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

/// One scan of the log up to `upto` feeds all projections: this thread reads and parses, and each
/// projection folds on a thread of its own behind a bounded queue.
std::vector<BulkFold> bulk_fold(const LogOptions& log,
                                const std::vector<const Projection*>& projections,
                                std::int64_t upto, const OnProgress& progress);

/// Creates the tables in `place.schema` (which must exist and be empty) and writes the fold into
/// them by COPY, then keys and indexes, exceptions, and last the checkpoint. Empties the fold.
Folded bulk_write(const LogOptions& log, const Place& place, std::int64_t position, BulkFold bulk,
                  const OnProgress& progress);

/// bulk_write for each, two at a time, each into the schema that `schema_of` names.
std::vector<Folded> bulk_write_all(const LogOptions& log, std::int64_t position,
                                   std::vector<BulkFold> folds,
                                   const std::function<std::string(const Projection&)>& schema_of,
                                   const OnProgress& progress);

/// The digest alone, without a table.
Folded bulk_digest(BulkFold bulk, std::int64_t position);

}  // namespace daybook::projections
