// What must be there before a node's projectors can go on.
#pragma once

#include <projections/projection.hpp>
#include <projections/projectors.hpp>

#include <ledger/pg/connection.hpp>

#include <vector>

namespace daybook::projections {

/// Makes the tables that are not there yet. The projections that need a rebuild: they are new to a
/// long log, or their tables are of an older version or of the other kind of money. Throws
/// std::runtime_error while another node keeps tables of the other kind.
std::vector<const Projection*> prepare_tables(pg::Connection& db, const ProjectorOptions& options);

}  // namespace daybook::projections
