// A projector: keeps one set of tables of one group current, a batch a transaction.
#pragma once

#include <projections/checkpoint.hpp>
#include <projections/feed.hpp>
#include <projections/group.hpp>

#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace daybook::projections {

/// One thread. Rows, checkpoints and the events set aside are committed together, so each event is
/// folded exactly once. The commit need not wait for the disk: what a crash takes back, the
/// checkpoint takes back with it, and the log still has it.
class Projector {
public:
    /// Goes on from the members' checkpoints, which the caller owns by their fences.
    Projector(pg::Connection& db, Site site, std::vector<Checkpoint> checkpoints);

    /// Folds the events behind the position and commits, if any are of a type that is handled; else
    /// the tables are what they would be, and the checkpoint may wait for flush(). Throws LostLease
    /// when the checkpoint moved under us, pg::Error when the database failed; then this object is
    /// done with.
    void apply(const Batches& batches);

    /// Commits a checkpoint that waits.
    void flush();
    [[nodiscard]] bool flushed() const { return position_ == checkpoints_.front().position; }

    /// Where the tables stand; the checkpoints in the database may be behind it until flush().
    [[nodiscard]] std::int64_t position() const { return position_; }
    /// Which lease of ours it is.
    [[nodiscard]] std::int64_t fence() const { return checkpoints_.front().fence; }
    /// Of a member's rows.
    [[nodiscard]] const Digest& digest(std::size_t member) const {
        return checkpoints_[member].digest;
    }
    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] std::uint64_t set_aside() const { return set_aside_total_; }

private:
    using Poisoned = std::map<std::int64_t, std::string>;  // position -> what went wrong

    using Events = std::vector<const Event*>;

    Poisoned fold(const Events& events);
    bool fold_once(const Events& events, Poisoned& poisoned);
    void load(std::vector<std::string> keys);
    int send_set_aside(const Events& events, const Poisoned& poisoned);
    void commit(const Events& events, const Poisoned& poisoned);

    pg::Connection& db_;
    const Site site_;
    const Group& group_;
    std::vector<Checkpoint> checkpoints_;  ///< as the database has them, of each member
    std::int64_t position_;                ///< of the tables; never behind them
    std::unique_ptr<Fold> fold_;
    std::uint64_t events_ = 0;
    std::uint64_t set_aside_total_ = 0;
};

}  // namespace daybook::projections
