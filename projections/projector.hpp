// A projector: keeps one set of tables of one projection current, a batch a transaction.
#pragma once

#include <projections/checkpoint.hpp>
#include <projections/feed.hpp>
#include <projections/projection.hpp>

#include <ledger/pg/connection.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace daybook::projections {

/// One thread. Rows, checkpoint and the events set aside are committed together, so each event is
/// folded exactly once. The commit need not wait for the disk: what a crash takes back, the
/// checkpoint takes back with it, and the log still has it.
class Projector {
public:
    /// Goes on from `checkpoint`, which the caller owns by its fence.
    Projector(pg::Connection& db, const Projection& projection, Place place, Checkpoint checkpoint);

    /// Folds the events behind the position and commits, if any are of a type that is handled; else
    /// the tables are what they would be, and the checkpoint may wait for flush(). Throws LostLease
    /// when the checkpoint moved under us, pg::Error when the database failed; then this object is
    /// done with.
    void apply(const Batches& batches);

    /// Commits a checkpoint that waits.
    void flush();
    [[nodiscard]] bool flushed() const { return position_ == checkpoint_.position; }

    /// Where the tables stand; the one in the database may be behind it until flush().
    [[nodiscard]] Checkpoint checkpoint() const {
        auto here = checkpoint_;
        here.position = position_;
        return here;
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
    const Projection& projection_;
    const Place place_;
    Checkpoint checkpoint_;  ///< as the database has it
    std::int64_t position_;  ///< of the tables; never behind it
    std::unique_ptr<Fold> fold_;
    std::uint64_t events_ = 0;
    std::uint64_t set_aside_total_ = 0;
};

/// Whether the projection folds events of this type.
bool handles(const Projection& projection, std::string_view type);

}  // namespace daybook::projections
