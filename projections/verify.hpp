// Proof on demand: the log has no gap and no altered byte, and the tables are what it folds to.
#pragma once

#include <projections/rebuild.hpp>

#include <ledger/segments.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace daybook::projections {

struct VerifiedLog {
    std::int64_t head = 0;     ///< what the head row says
    std::int64_t events = 0;   ///< how many rows there are
    std::int64_t highest = 0;  ///< the highest position; all three are equal without gaps
    std::int64_t altered = 0;  ///< payloads whose SHA-256 is not the recorded one
    VerifiedSegments segments;
    [[nodiscard]] bool ok() const {
        return head == events && events == highest && altered == 0 && segments.altered == 0;
    }
};

struct VerifiedProjection {
    std::string name;
    std::int64_t position = 0;
    int version = 0;             ///< of the rules that made the tables
    bool same_rules = true;      ///< they are this binary's; otherwise `refolded` may differ
    bool readable = true;        ///< false: those rules have other columns; `tables` is empty
    std::int64_t set_aside = 0;  ///< events that it could not fold, and left out
    std::string stored;          ///< digest in the checkpoint (hex)
    std::string tables;          ///< digest of the rows that are in the tables now
    std::string refolded;        ///< digest of the log folded anew, in memory, to the same position
    [[nodiscard]] bool ok() const {
        return readable && stored == tables && (tables == refolded || !same_rules);
    }
};

struct Verified {
    VerifiedLog log;
    std::vector<VerifiedProjection> projections;
    [[nodiscard]] bool ok() const;
};

/// Reads everything; changes nothing. Live projectors may go on meanwhile. `set` is "live" or the
/// name of a replay. Without projections those that it holds are verified; throws
/// std::invalid_argument when there is no such set, or it does not hold one that is named.
Verified verify(const LogOptions& log, std::vector<const Projection*> projections,
                std::string_view set = "live", const OnProgress& progress = {});

}  // namespace daybook::projections
