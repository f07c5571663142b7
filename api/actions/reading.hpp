// Finding out by reading whether Stripe carried out a call whose answer nobody has.
#pragma once

#include <api/actions/desk.hpp>
#include <api/actions/plan.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace daybook::api {

/// How far Stripe's lists were read, which have the newest first: the entry behind which the rest
/// begins, or empty.
struct ListsRead {
    std::string events;
    std::string objects;
};

/// What reading came to.
struct Findings {
    bool complete = false;  ///< everything there is to look at was looked at
    bool blind = false;     ///< there is nothing to look at: it may have taken place
    std::optional<stripe::Answer>
        object;      ///< the object as Stripe has it, when the call took place
    ListsRead read;  ///< where to go on when it was not complete
};

/// Looks for the traces of step `index`: webhooks in our log and events at Stripe that name its
/// idempotency key, and objects whose metadata name the action; then fetches the object itself. Of
/// a DELETE: whether its object is deleted or canceled. Reads 2,000 entries of a list at most, of
/// those behind what was `read`: sound when nothing has carried the call out since that began.
Task<Findings> find_executed(Desk& desk, const Plan& plan, std::size_t index, ListsRead read = {});

}  // namespace daybook::api
