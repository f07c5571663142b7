// Writing folds that are in memory into new tables, by COPY.
#pragma once

#include <projections/bulk.hpp>
#include <projections/rebuild.hpp>

#include <functional>
#include <string>
#include <vector>

namespace daybook::projections {

/// Where the tables of a group go.
using SchemaOf = std::function<std::string(const Group&)>;

/// Creates the tables of each fold in the schema that `schema_of` names (which must exist and hold
/// none of them) and writes the fold into them by COPY, then keys and indexes, exceptions, and last
/// the checkpoints.
std::vector<Folded> bulk_write(const LogOptions& log, std::int64_t position,
                               std::vector<BulkFold> folds, const SchemaOf& schema_of,
                               const OnProgress& progress);

}  // namespace daybook::projections
