// What the commands that fold the log share: its options, projections by name, and results.
#pragma once

#include <projections/rebuild.hpp>
#include <tools/daybook/config.hpp>
#include <tools/daybook/database.hpp>

#include <span>
#include <string>
#include <vector>

namespace daybook::tools {

/// Of the mode that the live tables are of, whatever STRIPE_LIVEMODE says: only `serve` changes it,
/// and who folds the log from a shell without it means no other tables.
projections::LogOptions log_options(const Config& config, const Database& database);

/// All of them when `names` is empty. Throws std::invalid_argument for a name there is not.
std::vector<const projections::Projection*> projections_named(
    const std::vector<std::string>& names);

/// Prints a table, or a JSON array.
void print_folded(std::span<const projections::Folded> folded, bool json);

}  // namespace daybook::tools
