// Projections that take their rows from the same states, folded together.
#pragma once

#include <projections/projection.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::projections {

/// What has one thread, one state table and one transaction a batch: most projections alone, and
/// those together that would otherwise keep the same states twice. Each has its own tables, digest
/// and checkpoint; the checkpoints of a group move as one. Immutable.
class Group {
public:
    explicit Group(std::vector<const Projection*> members);

    [[nodiscard]] std::string name() const { return members_.front()->states; }
    [[nodiscard]] std::span<const Projection* const> members() const { return members_; }

    /// The tables of all members, one member's after the other's.
    [[nodiscard]] std::span<const Table> tables() const { return tables_; }
    /// Which member the table with this index is of.
    [[nodiscard]] std::size_t member_of(std::size_t table) const { return member_of_[table]; }

    /// The event types that any member handles, each once, sorted.
    [[nodiscard]] std::span<const std::string_view> types() const { return types_; }
    [[nodiscard]] bool handles(std::string_view type) const;
    [[nodiscard]] std::unique_ptr<Fold> fold() const;  ///< a new, empty fold

private:
    std::vector<const Projection*> members_;
    std::vector<Table> tables_;
    std::vector<std::size_t> member_of_;
    std::vector<std::string_view> types_;
};

using Groups = std::vector<const Group*>;

/// All projections of this build.
Groups all_groups();

/// The groups that these projections are in, whole and each once.
Groups groups_of(std::span<const Projection* const> projections);

/// The event types that any of these handles, each once, sorted.
std::vector<std::string_view> types_of(const Groups& groups);

}  // namespace daybook::projections
