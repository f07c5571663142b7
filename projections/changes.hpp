// The rows that a batch changed, gathered over all its entities, and how they are written.
#pragma once

#include <projections/digest.hpp>
#include <projections/group.hpp>

#include <ledger/pg/connection.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// One thread. Old and new rows of every touched entity are added; what is equal falls out, and a
/// row that moved from one entity to another is one update.
class Changes {
public:
    explicit Changes(const Group& group);

    /// Collects everything that differs from the fold's baseline.
    void collect(Fold& fold);

    /// What these changes make of a member's digest.
    [[nodiscard]] Digest applied_to(Digest digest, std::size_t member) const;

    /// Sends the statements into an open transaction in pipeline mode; returns how many answers
    /// to read.
    int send(pg::Connection& db, std::string_view schema, std::int32_t log_id) const;

private:
    struct Pair {
        std::string before;  ///< empty: there was no row
        std::string after;   ///< empty: there is none any more
    };
    using RowsByKey = std::map<std::string, Pair>;  // encoded key columns -> encoded rows

    int send_table(pg::Connection& db, std::string_view schema, std::int32_t log_id,
                   std::size_t table) const;
    int send_states(pg::Connection& db, std::string_view schema, std::int32_t log_id) const;

    const Group& group_;
    std::vector<RowsByKey> tables_;
    std::map<std::string, Resting> states_;
};

}  // namespace daybook::projections
