// Turns rows of the log into the events that folds see.
#pragma once

#include <ledger/arena.hpp>
#include <ledger/log.hpp>
#include <projections/event.hpp>

#include <memory>

namespace daybook::projections::stripe {

/// One thread at a time: it owns a parser.
class Codec {
public:
    Codec();
    ~Codec();
    Codec(Codec&&) noexcept;
    Codec& operator=(Codec&&) noexcept;

    /// Fills `out` with everything in `arena`, nothing in `row`. Types that no fold knows are not
    /// even parsed. An object that cannot be read is not there and `out.error` says why; bad input
    /// never throws.
    void read(const LogRow& row, Arena& arena, Event& out);

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace daybook::projections::stripe
