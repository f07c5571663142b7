// What the log needs to know of a webhook body; everything else stays in the bytes.
#pragma once

#include <ledger/event.hpp>

#include <expected>
#include <string>

namespace daybook::api {

enum class EnvelopeFailure {
    not_json,
    not_an_object,
    no_id,   ///< no id, or one that cannot be an identity: not text, blank, over 255 bytes
    no_type  ///< likewise
};

/// Reads the envelope of a snapshot event or a v2 thin event and takes the body as its payload.
///
/// Unknown types and fields are fine. `received_at` stands in for a `created` that is absent or no
/// time. Optional identifiers that could not be stored (a zero byte, over 255 bytes) are left out;
/// the payload still has them. Thread-safe.
std::expected<NewEvent, EnvelopeFailure> parse_envelope(std::string body, Microseconds received_at);

}  // namespace daybook::api
