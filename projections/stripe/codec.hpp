// Turns rows of the log into the events that folds see.
#pragma once

#include <ledger/arena.hpp>
#include <ledger/log.hpp>
#include <projections/event.hpp>

#include <memory>
#include <string>
#include <vector>

namespace daybook::projections::stripe {

/// One thread at a time: it owns a parser.
class Codec {
public:
    Codec();
    ~Codec();
    Codec(Codec&&) noexcept;
    Codec& operator=(Codec&&) noexcept;

    /// Appends the event, its text in `arena`, nothing of it in `row`; behind an action.succeeded
    /// also one event for each object that Stripe answered, of the same position. Types that no
    /// fold knows are not even parsed. An object that cannot be read is not there and its event's
    /// `error` says why; bad input never throws.
    void read(const LogRow& row, Arena& arena, std::vector<Event>& out);

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
    std::string scratch_;
};

}  // namespace daybook::projections::stripe
