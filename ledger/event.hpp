// One immutable row of the log: what arrived or was decided, with the bytes exactly as received.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

/// Where an event came from. The names are stored, so they are frozen.
enum class Source { webhook, action, fetch, backfill, staff };

std::string_view name(Source source);

/// Microseconds since the Unix epoch, UTC: the resolution of Postgres.
using Microseconds = std::int64_t;

/// An event that has no place in the log yet.
struct NewEvent {
    std::string event_id;  ///< its identity for ever; Stripe's evt_… for a webhook
    Source source = Source::webhook;
    std::string type;       ///< for example charge.succeeded
    std::string object_id;  ///< id of data.object, empty when it has none
    std::string account;    ///< the connected account (acct_…), empty for the platform's own
    bool livemode = false;
    std::string api_version;       ///< empty when the event names none
    Microseconds occurred_at = 0;  ///< when it happened at the source
    std::string causation_id;      ///< the event or request that caused it, or empty
    std::string correlation_id;    ///< what it belongs to (Stripe's idempotency key), or empty
    std::string payload;           ///< the bytes as received; what was signed
};

/// An event as the log holds it.
struct StoredEvent : NewEvent {
    std::int64_t position = 0;     ///< 1, 2, 3, … without gaps, in commit order
    Microseconds recorded_at = 0;  ///< when we committed it
    std::string payload_sha256;    ///< 32 bytes
};

}  // namespace daybook
