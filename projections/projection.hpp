// A projection: its name, its version, its tables, and a pure fold of events into keyed rows.
#pragma once

#include <projections/event.hpp>
#include <projections/fold.hpp>
#include <projections/pack.hpp>
#include <projections/rows.hpp>
#include <projections/table.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// What the runtime knows of a projection. `make_fold<Rules>` takes its rules from a type:
///
///     struct Rules {
///         using State = …;                                     // described, so that it packs
///         static void apply(const Event&, Rows<State>&);       // pure; validates before it writes
///         static void derive(std::string_view key, const State&, RowSink&);  // pure
///     };
///
/// Neither may look at a clock, at randomness, at I/O, or depend on the order of an unordered
/// container: the same set of events must give the same rows in any order and any multiplicity.
struct Projection {
    const char* name;  ///< identity of its checkpoint; never changes
    int version;       ///< raise it with every change of the rules: that triggers a rebuild
    std::span<const Table> tables;
    std::span<const std::string_view> types;  ///< the event types it handles
    std::unique_ptr<Fold> (*fold)();          ///< a new, empty fold
    /// Projections that say the same here have the same State and the same apply, and are folded
    /// together (projections/group.hpp).
    const char* states = name;
};

/// All projections of this build, in the order they are shown.
std::span<const Projection* const> all_projections();

/// Null when there is none of this name.
const Projection* find_projection(std::string_view name);

template <class Rules>
std::unique_ptr<Fold> make_fold() {
    return std::make_unique<FoldOver<typename Rules::State>>(Rules::apply, Rules::derive);
}

}  // namespace daybook::projections
