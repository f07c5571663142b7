// What a fold sees of an event: its envelope and its object, parsed once for all projections.
#pragma once

#include <projections/stripe/action.hpp>
#include <projections/stripe/objects.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace daybook::projections {

/// The type of the events that the codec makes of the objects in an action.succeeded: each object
/// is one more snapshot, as a webhook's is. The log has no such type, so a projection that folds
/// them names both (projections/purchase_types.hpp).
inline constexpr std::string_view action_object = "action.object";

/// How Event::order begins for the event of a creation, for what the API answered to it, which was
/// later, and for what the API answered to a change. Ids of events lie before the last.
inline constexpr char order_of_creation = '+', order_of_made = ',', order_of_change = '~';

/// Views point into the batch that the event belongs to.
struct Event {
    std::int64_t position = 0;
    std::string_view id;  ///< evt_… or act_…
    std::string_view type;
    std::string_view account;  ///< the connected account that the object is on, else empty
    std::int64_t created = 0;  ///< Unix seconds at Stripe
    /// What decides between snapshots of one second when nothing else does; unique. It puts a
    /// creation below all others, what the API answered to it next, and what the API answered to a
    /// change above, in the order in which we had them.
    std::string_view order;
    /// Of the answer to a change alone, else 0: it was made in `created` or later, up to this
    /// second.
    std::int64_t until = 0;
    stripe::Object object;                           ///< std::monostate when no fold needs it
    std::shared_ptr<const stripe::Action> action{};  ///< of the log's action.* events
    std::string_view error;  ///< why it could not be read; then it is set aside
};

}  // namespace daybook::projections
