// Transfer reversals: money that the platform takes back from a connected account.
#pragma once

#include <tools/stripe_sim/scope.hpp>

#include <cstdint>
#include <string>

namespace daybook::sim {

struct ReversalOrder {
    std::int64_t amount = 0;  ///< at most what has not been reversed
    bool refund_application_fee = false;
    std::string source_refund;  ///< the re_ that asked for it, or ""
    json::object metadata;
};

/// What has not been taken back of a transfer.
std::int64_t unreversed(const json::object& transfer);

/// Throws where the account does not have `amount` and may not owe it.
void check_reversible(const Scope& platform, const json::object& transfer, std::int64_t amount);

/// A reversal whose events are still to be told.
struct MadeReversal {
    std::string id;           ///< trr_
    json::object transfer;    ///< as it was
    std::string fee;          ///< of which a part was given back, or ""
    json::object fee_before;  ///< as it was
};

/// Takes the money back: both balance transactions and the pyr_ on the account. Emits nothing.
MadeReversal make_reversal(const Scope& platform, json::object& transfer,
                           const ReversalOrder& order);

/// transfer.reversed, the account's refund.created, and application_fee.refunded.
void tell_reversal(const Scope& platform, const json::object& transfer, const MadeReversal& made);

/// Both at once; returns the transfer_reversal.
const json::object& reverse_transfer(const Scope& platform, json::object& transfer,
                                     const ReversalOrder& order);

}  // namespace daybook::sim
